"""Changes made up in held-out code: how many calls become what they were."""
