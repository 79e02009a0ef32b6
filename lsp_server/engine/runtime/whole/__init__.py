"""Checkpoints whose whole network is a diffusion model, driven without the code that comes with them."""
