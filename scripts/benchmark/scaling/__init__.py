"""How cost grows: with the context, the hole, the documents open, and the files of a repository."""
