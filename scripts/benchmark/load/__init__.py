"""A team's engine under load."""
