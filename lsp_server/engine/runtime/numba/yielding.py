"""The system's function to let another thread have a core, offered to compiled code."""

from __future__ import annotations

import ctypes
import sys
from typing import Any

import llvmlite.binding as llvm

SYMBOL = "remask_yield_core"
"""The name by which compiled code finds it, wherever the system has it."""


def offer() -> None:
    """Have it found from now on."""
    llvm.add_symbol(SYMBOL, ctypes.cast(_FUNCTION, ctypes.c_void_p).value)


def _function() -> Any:  # noqa: ANN401 -- a function of the system
    if sys.platform == "win32":
        return ctypes.WinDLL("kernel32").SwitchToThread
    return ctypes.CDLL(None).sched_yield


_FUNCTION = _function()
