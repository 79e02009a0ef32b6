"""What the model is shown: the window around a hole, the workspace index, what is excluded."""
