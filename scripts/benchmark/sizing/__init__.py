"""How many users a GPU serves as a remote engine."""
