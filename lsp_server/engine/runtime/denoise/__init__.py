"""Denoising: canvases, samplers and the decode loops over them."""
