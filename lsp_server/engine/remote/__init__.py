"""Engines elsewhere: servers that somebody else runs, asked instead of the user's own engine."""
