"""The denoising engine: its client and protocol (torch-free) and its runtime."""
