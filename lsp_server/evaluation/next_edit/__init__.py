"""Replays the differences of two releases as a user's edits, and scores what is offered next."""
