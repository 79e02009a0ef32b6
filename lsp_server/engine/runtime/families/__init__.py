"""How each kind of checkpoint is driven."""
