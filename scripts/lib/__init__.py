"""What the scripts share; standard library only, because it runs before anything is installed."""
