"""Budget and learning rate."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.training.loop.schedule import Budget, learning_rate

SHARES = st.floats(0, 1)
PEAK = 4e-4


@given(SHARES, st.floats(0, 0.9), st.floats(0, 1))
def test_rate_stays_in_its_bounds(share: float, warm_up: float, floor: float) -> None:
    """The rate is never above its peak and never below its floor."""
    rate = learning_rate(share, peak=PEAK, warm_up=warm_up, floor=floor)
    assert floor * PEAK * (1 - 1e-9) <= rate <= PEAK * (1 + 1e-9)


@given(SHARES, SHARES, st.floats(0.01, 0.9))
def test_rate_rises_then_falls(one: float, other: float, warm_up: float) -> None:
    """Within the warm-up more is spent at a higher rate, behind it at a lower one."""
    early, late = sorted((one, other))
    first, second = (learning_rate(each, peak=PEAK, warm_up=warm_up, floor=0.05) for each in (early, late))
    if late < warm_up:
        assert first <= second
    if early >= warm_up:
        assert first >= second


@pytest.mark.parametrize(
    ("share", "of_peak"),
    [(-1, 0.05), (0, 0.05), (0.025, 0.525), (0.05, 1), (0.525, 0.525), (1, 0.05), (2, 0.05)],
)
def test_rate_at_places(share: float, of_peak: float) -> None:
    """Warm-up from a twentieth, the peak behind it, half way down the cosine, a twentieth at the end."""
    rate = learning_rate(share, peak=PEAK, warm_up=0.05, floor=0.05)
    assert rate == pytest.approx(of_peak * PEAK)


@pytest.mark.parametrize(
    ("budget", "share"),
    [
        (Budget(seconds=100), 0.5),
        (Budget(steps=40), 0.25),
        (Budget(seconds=100, steps=40), 0.5),
        (Budget(seconds=1000, steps=40), 0.25),
        (Budget(seconds=10), 1),
        (Budget(seconds=0), 1),
        (Budget(), 0),
    ],
)
def test_share(budget: Budget, share: float) -> None:
    """Of two budgets the one that is spent further counts, and nothing is more than spent."""
    assert budget.share(50, 10) == share


@pytest.mark.parametrize(
    ("budget", "next_takes", "over"),
    [
        (Budget(seconds=60), 0, False),
        (Budget(seconds=60), 10, True),
        (Budget(seconds=50), 0, True),
        (Budget(seconds=60).less(10), 0, True),
        (Budget(steps=10), 0, True),
        (Budget(steps=11), 1000, False),
        (Budget(seconds=60, steps=10), 0, True),
    ],
)
def test_over(budget: Budget, next_takes: float, over: bool) -> None:
    """A budget is over when the next step would overrun it."""
    assert budget.over(50, 10, next_takes=next_takes) is over
