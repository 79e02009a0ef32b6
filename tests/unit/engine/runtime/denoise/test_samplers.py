"""Which masked positions a step commits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.engine.runtime.denoise.samplers import by_confidence, by_entropy, least_sure


@pytest.mark.parametrize(
    ("confidence", "masked", "threshold", "expected"),
    [
        ([0.95, 0.5, 0.91], [0, 1, 2], 0.9, [0, 2]),
        ([0.9, 0.1], [0, 1], 0.9, [0]),
        ([0.2, 0.6, 0.6], [0, 1, 2], 0.9, [0]),
        ([0.2, 0.6, 0.1, 0.5, 0.7], [0, 1, 3, 4], 0.9, [3]),
        ([0.5, 0.1, 0.5], [0, 2], 0.9, [0]),
        ([0.99, 0.3, 0.4], [1, 2], 0.9, [1]),
        ([0.99], [], 0.9, []),
    ],
    ids=[
        "all above",
        "equal counts as above",
        "none: the first",
        "none: the surest behind a known token",
        "none: ties, leftmost",
        "only masked ones",
        "nothing masked",
    ],
)
def test_confidence_commits_what_is_sure(
    confidence: list[float], masked: list[int], threshold: float, expected: list[int]
) -> None:
    """Positions at or above the threshold, else the surest of those behind a known token."""
    assert by_confidence(confidence, masked, threshold) == expected


@pytest.mark.parametrize(
    ("entropy", "masked", "bound", "expected"),
    [
        ([0.01, 0.02, 0.9], [0, 1, 2], 0.1, [0, 1, 2]),
        ([0.2, 0.3, 0.9], [0, 1, 2], 0.1, [0]),
        ([0.2, 0.3, 0.9], [0, 1, 2], 0.2, [0, 1]),
        ([0.5, 0.1, 0.1], [0, 1, 2], 0.0, [1]),
        ([0.5], [], 1.0, []),
    ],
    ids=["the largest is free", "over the bound", "equal to the bound", "ties: leftmost", "nothing masked"],
)
def test_entropy_bounds_the_joint_error(
    entropy: list[float], masked: list[int], bound: float, expected: list[int]
) -> None:
    """The sum over the committed less its largest stays within the bound."""
    assert by_entropy(entropy, masked, bound) == expected


probabilities = st.lists(st.floats(0, 1), min_size=1, max_size=20)


@given(probabilities, st.floats(0, 1), st.data())
def test_every_step_makes_progress(values: list[float], knob: float, data: st.DataObject) -> None:
    """Whatever the numbers: a non-empty, ascending choice of masked positions."""
    masked = data.draw(st.sets(st.sampled_from(range(len(values))), min_size=1).map(sorted))
    for taken in (by_confidence(values, masked, knob), by_entropy(values, masked, knob)):
        assert taken
        assert taken == sorted(set(taken) & set(masked))


def test_least_sure_takes_the_lowest() -> None:
    """The lowest come first, ties from the left, and never more than there are."""
    assert least_sure([0.5, 0.1, 0.1, 0.9], [0, 1, 2, 3], 2) == [1, 2]
    assert least_sure([0.5, 0.5], [0, 1], 1) == [0]
    assert least_sure([0.5], [0], 5) == [0]
    assert least_sure([0.5], [0], 0) == []
