"""Waiting for a quiet machine."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from benchmark.bystanders import settle


@pytest.mark.parametrize(
    ("patience", "loads", "looks"),
    [(0.0, [2.0], 0), (10.0, [0.1], 1), (10.0, [2.0, 1.0, 0.2], 3), (4.0, [2.0] * 9, 4)],
)
def test_settling_ends_with_quiet_or_with_patience(patience: float, loads: list[float], looks: int) -> None:
    """Looks as long as others are busy, and no longer than allowed."""
    now = 0.0
    seen: list[float] = []
    left: Iterator[float] = iter(loads)

    def busy() -> float:
        nonlocal now
        now += 1.0
        seen.append(next(left))
        return seen[-1]

    settle(patience, busy=busy, sleep=lambda _: None, clock=lambda: now)
    assert len(seen) == looks
