"""The training loop: budget, schedule, checkpoints, processes, progress. It knows nothing of the model."""
