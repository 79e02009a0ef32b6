"""What Numba compiles; imported only by the process that does so (`compile.py`)."""
