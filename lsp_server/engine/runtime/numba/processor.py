"""What this processor can compute with; told without loading Numba."""

from __future__ import annotations

import functools
import os
from importlib.util import find_spec


@functools.cache
def lanes() -> int:
    """How many fp32 numbers a vector of the kernels has: 16 or 8; 0 where there are no int8 dot products.

    Those are `vpdpbusd`, of AVX512-VNNI in vectors of 512 bits, of AVX-VNNI in 256. Without them sums of
    products of bytes saturate in 16 bits, and the other frameworks do better.
    """
    if find_spec("numba") is None:
        return 0
    try:
        from llvmlite.binding import get_host_cpu_features
    except ImportError:
        return 0
    told = os.environ.get("NUMBA_CPU_FEATURES")  # Numba compiles for these instead
    has = (
        {name: name_on.startswith("+") for name_on in told.split(",") for name in [name_on.strip("+- ")]}
        if told
        else dict(get_host_cpu_features())
    )
    if has.get("avx512vnni") and has.get("avx512vl"):
        return 16
    return 8 if has.get("avxvnni") and has.get("fma") else 0
