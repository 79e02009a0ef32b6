"""Uniform noise: checkpoints that begin with random tokens in place of masks."""
