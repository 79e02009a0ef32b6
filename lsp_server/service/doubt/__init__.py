"""What the model doubted of the fills that were accepted, until it is edited."""
