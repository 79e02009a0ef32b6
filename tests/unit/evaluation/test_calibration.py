"""Reliability and thresholds, by hand on small sets."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.evaluation.calibration import (
    MEASURES,
    Judged,
    acceptable,
    auroc,
    calibrated,
    calibration,
    calibration_error,
    point,
)
from lsp_server.evaluation.filling import Filled
from lsp_server.evaluation.records import Record
from lsp_server.evaluation.ways import parse_way

from .conftest import ANSWER, problem

FOUR = [Judged(0.9, True), Judged(0.8, True), Judged(0.6, False), Judged(0.2, False)]


@pytest.mark.parametrize(
    ("threshold", "shown", "quiet", "precision", "utility"),
    [
        (0.0, 1.0, 0.0, 0.5, (2 - 1) / 4),
        (0.5, 1.0, 0.5, 2 / 3, (2 - 0.5) / 4),
        (0.7, 1.0, 1.0, 1.0, 2 / 4),
        (0.85, 0.5, 1.0, 1.0, 1 / 4),
        (0.95, 0.0, 1.0, 0.0, 0.0),
    ],
)
def test_points(threshold: float, shown: float, quiet: float, precision: float, utility: float) -> None:
    """What a threshold shows, hides, and is worth."""
    found = point(FOUR, threshold)
    assert (found.show_rate, found.quiet_rate) == (shown, quiet)
    assert found.precision == pytest.approx(precision)
    assert found.utility == pytest.approx(utility)


def test_the_best_threshold_parts_good_from_bad() -> None:
    """The lowest of those worth most."""
    best = calibration("verified", "mean", FOUR).best
    assert (best.threshold, best.utility) == (0.64, 0.5)


def test_calibration_error() -> None:
    """Sure and right is 0; sure and wrong is what it was sure of."""
    assert calibration_error([Judged(1.0, True)] * 3) == 0
    assert calibration_error([Judged(0.75, False)] * 3) == pytest.approx(0.75)
    assert calibration_error([Judged(0.55, True), Judged(0.55, False)]) == pytest.approx(0.05)


@pytest.mark.parametrize(
    ("judged", "area"),
    [(FOUR, 1.0), (FOUR[:2], 0.5), ([Judged(0.5, True), Judged(0.5, False)], 0.5), ([], 0.5)],
)
def test_auroc(judged: list[Judged], area: float) -> None:
    """The chance that a good fill is surer than a bad one."""
    assert auroc(judged) == area


@given(st.lists(st.builds(Judged, st.floats(0, 1), st.booleans()), min_size=1, max_size=20))
def test_a_higher_threshold_never_shows_more(judged: list[Judged]) -> None:
    """Show-rate falls and quiet-rate grows along the curve; all are shares."""
    curve = calibration("verified", "mean", judged).curve
    for lower, higher in pairwise(curve):
        assert lower.show_rate >= higher.show_rate
        assert lower.quiet_rate <= higher.quiet_rate
    assert all(0 <= each.precision <= 1 for each in curve)


@pytest.mark.parametrize(
    ("fill", "good"),
    [
        (ANSWER, True),
        ("    return first + second  # sum", False),
        ("    return first + seconds", True),
        ("    return first + second)", False),
        ("", False),
    ],
)
def test_acceptable_is_right_or_nearly_and_unbroken(fill: str, *, good: bool) -> None:
    """One letter off is taken and mended; a stray bracket is not."""
    assert acceptable(problem(), fill) is good


def test_empty_fills_are_not_judged() -> None:
    """They are never shown, whatever the threshold."""
    hole, way = problem(), parse_way("verified", count=1)
    records = [
        Record.of(str(number), hole, way, Filled(text, sure, 1, 1, 0.1), None)
        for number, (text, sure) in enumerate([(ANSWER, (0.5, 1.0)), ("  ", (0.9,)), (ANSWER, ())])
    ]
    found = calibrated([hole], records)
    assert [(each.measure, each.n) for each in found] == [
        ("mean", 1),
        ("least", 1),
        ("product", 1),
        ("first line", 1),
    ]


@pytest.mark.parametrize(("first", "expected"), [(2, 0.4), (0, 0.2)])
def test_the_first_line_is_what_the_server_goes_by(first: int, expected: float) -> None:
    """The product over its tokens; over all of them in records that do not tell where it ends."""
    filled = Filled("a\nb", (0.8, 0.5, 0.5), 3, 1, 0.1, first=first)
    record = Record.of("0", problem(), parse_way("verified", count=1), filled, None)
    assert MEASURES["first line"](record) == pytest.approx(expected)
