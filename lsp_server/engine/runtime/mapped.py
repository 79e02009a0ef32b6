"""Weights mapped from a file that are needed no longer, because they have been packed elsewhere."""

from __future__ import annotations

import ctypes
import functools
import mmap
import sys
from collections.abc import Callable, Iterable

from torch import Tensor

_PAGE_OUT = 21
"""Linux's MADV_PAGEOUT: drop what can be read from the file again, keep the rest."""


def page_out(tensors: Iterable[Tensor]) -> None:
    """Let the system have the memory of `tensors`; they keep their content. Does nothing but on Linux."""
    advise = _madvise()
    if advise is None:
        return
    for tensor in tensors:
        start = -(-tensor.data_ptr() // mmap.PAGESIZE) * mmap.PAGESIZE
        end = (tensor.data_ptr() + tensor.nbytes) // mmap.PAGESIZE * mmap.PAGESIZE
        if end > start:
            advise(start, end - start, _PAGE_OUT)  # a kernel that cannot says so, and nothing is lost


@functools.cache
def _madvise() -> Callable[[int, int, int], int] | None:
    if sys.platform != "linux":
        return None
    function = ctypes.CDLL(None).madvise
    function.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    return function
