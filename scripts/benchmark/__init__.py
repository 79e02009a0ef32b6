"""What scripts/bench and scripts/measure are made of."""
