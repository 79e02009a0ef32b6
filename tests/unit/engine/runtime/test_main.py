"""The engine process's place among others."""

from __future__ import annotations

import sys

import psutil
import pytest

from lsp_server.engine.runtime.main import NICENESS, give_way


class Process:
    """A process of some niceness that may not be changed if `fixed`."""

    def __init__(self, niceness: int, *, fixed: bool = False) -> None:
        self.niceness, self.fixed = niceness, fixed

    def nice(self, value: int | None = None) -> int:
        if value is not None:
            if self.fixed:
                raise psutil.AccessDenied
            self.niceness = value
        return self.niceness


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has classes of priority instead")
@pytest.mark.parametrize(
    ("process", "niceness"), [(Process(0), NICENESS), (Process(10), 10), (Process(0, fixed=True), 0)]
)
def test_the_engine_gives_way(monkeypatch: pytest.MonkeyPatch, process: Process, niceness: int) -> None:
    """It lowers its priority, never raises it, and runs all the same where it may not."""
    monkeypatch.setattr(psutil, "Process", lambda: process)
    give_way()
    assert process.niceness == niceness
