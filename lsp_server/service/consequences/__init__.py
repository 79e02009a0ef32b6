"""A change with consequences: a definition becomes another, and what uses it follows, in one edit."""
