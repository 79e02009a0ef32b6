"""How long a side takes from its start to its first token."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

from benchmark.sides import Ask, Side

FIRST = Ask("x = ", "\n", max_tokens=1)

Started = TypeVar("Started", bound=Side)


def timed_start(start: Callable[[], Started]) -> tuple[Started, float]:
    """What `start` gives, and the seconds until it has written one token."""
    began = time.perf_counter()
    side = start()
    side.fill(FIRST)
    return side, time.perf_counter() - began


def drop_from_memory(paths: Iterable[Path]) -> None:
    """Have the system forget the content of files, as after a boot; it keeps what others have mapped.

    Only Linux has a call for it that needs no rights; elsewhere a first start is a second one.
    """
    if not hasattr(os, "posix_fadvise"):
        return
    for path in paths:
        file = os.open(path, os.O_RDONLY)
        try:
            os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
        finally:
            os.close(file)
