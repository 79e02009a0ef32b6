"""Transformations of any language, on its tree-sitter tree."""
