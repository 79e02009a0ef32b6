"""Rewrites of held-out functions: how much they change, what they keep, and if they do what was asked."""
