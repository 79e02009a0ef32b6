"""Ending texts that are being followed, before their time is up."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager


class Ended:
    """Whether the texts of a request shall end with what has come; of one event loop."""

    def __init__(self) -> None:
        self.now = False
        self._limits: set[asyncio.Timeout] = set()

    def end(self) -> None:
        """Let what is followed run out of time now, and what would be followed later at once."""
        self.now = True
        for limit in self._limits:
            limit.reschedule(asyncio.get_running_loop().time())

    @contextmanager
    def ends(self, limit: asyncio.Timeout) -> Iterator[None]:
        """Let `limit` pass early if the end comes inside this context."""
        self._limits.add(limit)
        try:
            yield
        finally:
            self._limits.discard(limit)
