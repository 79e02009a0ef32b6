"""Holes chosen as editors make them, as token examples."""
