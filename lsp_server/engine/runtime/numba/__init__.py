"""Products and layers compiled for this processor by Numba: int8, a whole pass in one call."""
