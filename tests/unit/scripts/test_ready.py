"""Processes looked at from outside, and starts."""

from __future__ import annotations

import os
from pathlib import Path

from benchmark.processes import cpu_seconds, peak_mib
from benchmark.ready import drop_from_memory, timed_start
from benchmark.sides import Ask, Fill


class _Side:
    name = "side"

    def __init__(self) -> None:
        self.asked: list[Ask] = []

    def fill(self, ask: Ask) -> Fill:
        self.asked.append(ask)
        return Fill("", 0.0, 1, 0, 1, 0)

    def forget(self) -> None:
        pass

    def cpu_seconds(self) -> float:
        return 0.0

    def close(self) -> None:
        pass


def test_a_start_ends_with_the_first_token() -> None:
    """Weights that are only mapped have to be read for it."""
    side, seconds = timed_start(_Side)
    assert [ask.max_tokens for ask in side.asked] == [1]
    assert seconds >= 0


def test_a_files_content_survives_being_dropped(tmp_path: Path) -> None:
    """Only the copy in memory goes."""
    path = tmp_path / "weights"
    path.write_bytes(b"x" * 10_000)
    drop_from_memory([path])
    assert path.read_bytes() == b"x" * 10_000


def test_processes_tell_what_they_cost() -> None:
    """This one has computed and holds memory, and its peak is no less than what it holds."""
    assert cpu_seconds(os.getpid()) > 0
    assert peak_mib(os.getpid()) > 10
