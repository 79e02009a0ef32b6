"""Figures of many editors at once."""

from __future__ import annotations

import pytest
from benchmark.problems import Problem
from benchmark.users.bench import parse
from benchmark.users.figures import figures, quantile
from benchmark.users.sides import Answer


@pytest.mark.parametrize(
    ("count", "share", "expected"),
    [(1, 0.99, 1), (100, 0.99, 99), (101, 0.99, 100), (4, 0.5, 2), (3, 1.0, 3)],
)
def test_a_quantile_is_a_value_that_was_measured(count: int, share: float, expected: int) -> None:
    """The least that so many do not exceed; of few values the largest."""
    assert quantile(range(1, count + 1), share) == expected


def test_throughput_is_over_the_time_of_all() -> None:
    """Tokens and fills of every editor, by the clock on the wall, not by the sum of waits."""
    right, wrong = Problem("a", "", "", "x = 1"), Problem("b", "", "", "y")
    found = figures(
        "together", 2, [Answer(right, "x = 1\n", 4, 100.0), Answer(wrong, "z", 2, 300.0)], seconds=0.5
    )
    assert (found.tokens_per_s, found.fills_per_s, found.tokens_per_fill) == (12, 4, 3)
    assert (found.p50_ms, found.p99_ms, found.exact_match) == (200, 300, 0.5)


def test_without_options_it_is_what_a_gpu_is_asked() -> None:
    """1, 8 and 32 editors, all sides."""
    options = parse([])
    assert options.editors == [1, 8, 32]
    assert options.sides == ["together", "in turn", "generate"]
