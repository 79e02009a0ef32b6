"""Text to train on: where it is kept, what is left out of it and why."""
