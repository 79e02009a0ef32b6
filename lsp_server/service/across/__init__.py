"""Edits in several documents at once: marked holes filled together, each seeing the fills elsewhere."""
