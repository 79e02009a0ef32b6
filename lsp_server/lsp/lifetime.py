"""Ending with the editor: a server whose editor is gone must not stay behind."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import psutil

POLL_S = 3.0


async def parent_gone(
    pid: int, *, poll_s: float = POLL_S, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
) -> bool:
    """Wait until process `pid` has ended. False at once if it cannot be seen to begin with.

    An editor outside our container or namespace gives a number that means nothing
    here; taking it for a dead one would end the server while it is needed.
    """
    try:
        parent = psutil.Process(pid)
    except (psutil.Error, ValueError, OverflowError):
        return False
    while _alive(parent):
        await sleep(poll_s)
    return True


def _alive(process: psutil.Process) -> bool:
    """Whether this very process, not another of its number, still runs."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False
