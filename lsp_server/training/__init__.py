"""Training the denoiser; imported by `remask train` alone."""
