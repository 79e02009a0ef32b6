"""Code that is there and that the model, which sees both sides of each place, finds improbable."""
