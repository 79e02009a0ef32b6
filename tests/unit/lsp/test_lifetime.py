from __future__ import annotations

import os

import psutil
import pytest

from lsp_server.lsp.lifetime import gone, seen


@pytest.mark.asyncio
async def test_a_process_that_ends_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The wait ends with the process, and only then."""
    polls: list[float] = []

    async def sleep(seconds: float) -> None:
        polls.append(seconds)

    monkeypatch.setattr(psutil.Process, "is_running", lambda _: len(polls) < 3)
    process = seen(os.getpid())
    assert process
    await gone(process, poll_s=7, sleep=sleep)
    assert polls == [7, 7, 7]


@pytest.mark.parametrize("pid", [2**22 + 1, -1, 2**70])
def test_a_process_that_cannot_be_seen_is_not_waited_for(pid: int) -> None:
    """A number from another container, or no number at all, does not end the server."""
    assert seen(pid) is None
