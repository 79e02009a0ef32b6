"""Ending with the editor: a server whose editor is gone must not stay behind."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import psutil

POLL_S = 3.0


def seen(pid: int) -> psutil.Process | None:
    """Process `pid`, or None if it cannot be seen from here.

    An editor outside our container or namespace gives a number that means nothing
    here; taking it for a dead one would end the server while it is needed.
    """
    try:
        return psutil.Process(pid)
    except (psutil.Error, ValueError, OverflowError):
        return None


async def gone(
    process: psutil.Process,
    *,
    poll_s: float = POLL_S,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> None:
    """Wait until `process` has ended."""
    while _alive(process):
        await sleep(poll_s)


def _alive(process: psutil.Process) -> bool:
    """Whether this very process, not another of its number, still runs."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False
