"""Released packages as a user's edits."""
