"""Many editors that ask one engine at once."""
