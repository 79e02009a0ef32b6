from __future__ import annotations

import pytest

from lsp_server.engine.backoff import Backoff


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def backoff(clock: Clock, draw: float = 1.0) -> Backoff:
    return Backoff(clock=clock, draw=lambda: draw, tries=4, first=0.5, rest=300.0, longest=30.0)


def test_waits_double_and_then_it_gives_up() -> None:
    """Half a second, one, two, and after the fourth failure five minutes."""
    clock = Clock()
    waits = backoff(clock)
    seen = []
    for _ in range(4):
        waits.failed()
        seen.append((waits.left(), waits.given_up))
        clock.now += waits.left()
    assert seen == [(0.5, False), (1.0, False), (2.0, False), (300.0, True)]
    assert waits.left() == 0
    waits.failed()
    assert waits.left() == 300.0


@pytest.mark.parametrize(("draw", "wait"), [(0.0, 0.25), (0.5, 0.375), (1.0, 0.5)])
def test_jitter_takes_up_to_half(draw: float, wait: float) -> None:
    """Several servers do not all start an engine in the same instant."""
    waits = backoff(Clock(), draw)
    waits.failed()
    assert waits.left() == wait


def test_an_engine_that_had_been_up_does_not_fail_in_a_row() -> None:
    """A crash once an hour never ends in giving up."""
    waits = backoff(Clock())
    for _ in range(10):
        waits.failed(up=3600.0)
    assert not waits.given_up
    assert waits.left() == 0.5


def test_no_wait_is_longer_than_allowed() -> None:
    """The exponential is capped."""
    waits = Backoff(clock=Clock(), draw=lambda: 1.0, tries=100, longest=30.0)
    for _ in range(20):
        waits.failed()
    assert waits.left() == 30.0


def test_forgetting_allows_a_start_now() -> None:
    """A restart by hand does not wait."""
    waits = backoff(Clock())
    for _ in range(5):
        waits.failed()
    waits.forget()
    assert (waits.left(), waits.given_up) == (0.0, False)
