"""Transformations of Python, on its own `ast`."""
