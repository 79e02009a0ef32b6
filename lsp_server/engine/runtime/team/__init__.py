"""An engine that a team shares: who may ask, how much, and what an operator can see."""
