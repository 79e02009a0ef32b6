"""The next edit: what follows elsewhere from what the user changed last."""
