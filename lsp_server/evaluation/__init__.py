"""Evaluation: how good fills are, what they cost, and when they should be shown."""
