"""Whether the model knows when it is right: reliability, and the threshold at which to show a fill.

A fill counts as one that would be accepted if its first line is nearly the answer's
and it does not break the file. Shown and accepted is worth `GAIN`, shown and rejected
costs `COST`, silence is worth nothing.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import msgspec

from lsp_server.evaluation.metrics import edit_similarity, exact, parses
from lsp_server.evaluation.problems import Problem
from lsp_server.evaluation.records import Record

if TYPE_CHECKING:
    from rich.table import Table

GAIN, COST = 1.0, 0.5
ACCEPTED = 0.9
"""Similarity from which a first line is as good as right."""
BINS = 10
THRESHOLDS = (0.0, 0.02, *(step / 25 for step in range(1, 25)))

Measure = Callable[[Record], float]
MEASURES: dict[str, Measure] = {
    "mean": lambda fill: statistics.fmean(fill.confidences),
    "least": lambda fill: min(fill.confidences),
    "product": lambda fill: math.prod(fill.confidences),
    "first line": lambda fill: math.prod(fill.confidences[: fill.first or None]),
}
"""From a fill to one confidence; "first line", the product over its tokens, is the server's."""


class Judged(msgspec.Struct, frozen=True):
    """One fill: how sure the model was, and whether it would be accepted."""

    confidence: float
    accepted: bool


class Point(msgspec.Struct, frozen=True):
    """What happens at one threshold. `utility` is the mean over all fills."""

    threshold: float
    show_rate: float
    """Share of the acceptable fills that are shown."""
    quiet_rate: float
    """Share of the others that are not."""
    precision: float
    """Share of the shown fills that are acceptable."""
    utility: float


class Calibration(msgspec.Struct, frozen=True):
    """One way of filling, one measure of confidence."""

    way: str
    measure: str
    n: int
    accepted: float
    """Share of acceptable fills."""
    ece: float
    """Expected calibration error over `BINS` equal bins (arXiv 1706.04599)."""
    auroc: float
    """Chance that an acceptable fill is surer than another one; 0.5 says nothing."""
    best: Point
    curve: tuple[Point, ...]


def calibrated(problems: Sequence[Problem], records: Sequence[Record]) -> list[Calibration]:
    """For every way and measure, over all benchmarks together."""
    known = {(problem.benchmark, problem.name): problem for problem in problems}
    by_way: dict[str, list[tuple[Record, bool]]] = {}
    for record in records:
        if record.text.strip() and record.confidences:
            good = acceptable(known[record.benchmark, record.problem], record.text)
            by_way.setdefault(record.way, []).append((record, good))
    return [
        calibration(way, name, [Judged(measure(record), good) for record, good in found])
        for way, found in by_way.items()
        for name, measure in MEASURES.items()
    ]


def acceptable(problem: Problem, fill: str) -> bool:
    """Whether a user would probably take it: right, or nearly so in its first line and unbroken."""
    if exact(problem, fill):
        return True
    first, wanted = (text.strip().partition("\n")[0] for text in (problem.wanted(fill), problem.answer))
    return edit_similarity(first, wanted) >= ACCEPTED and parses(problem, fill)


def calibration(way: str, measure: str, judged: Sequence[Judged]) -> Calibration:
    """The figures of some fills; there must be one at least."""
    curve = tuple(point(judged, threshold) for threshold in THRESHOLDS)
    return Calibration(
        way=way,
        measure=measure,
        n=len(judged),
        accepted=statistics.fmean(each.accepted for each in judged),
        ece=calibration_error(judged),
        auroc=auroc(judged),
        best=max(curve, key=lambda each: (each.utility, -each.threshold)),
        curve=curve,
    )


def point(judged: Sequence[Judged], threshold: float) -> Point:
    """What happens if fills below `threshold` are not shown."""
    shown = [each.accepted for each in judged if each.confidence >= threshold]
    good = sum(each.accepted for each in judged)
    bad, hits = len(judged) - good, sum(shown)
    misses = len(shown) - hits
    return Point(
        threshold=threshold,
        show_rate=hits / good if good else 0.0,
        quiet_rate=(bad - misses) / bad if bad else 0.0,
        precision=hits / len(shown) if shown else 0.0,
        utility=(GAIN * hits - COST * misses) / len(judged),
    )


def calibration_error(judged: Sequence[Judged]) -> float:
    """Mean distance between confidence and truth over bins, weighted by their fills."""
    bins: dict[int, list[Judged]] = {}
    for each in judged:
        bins.setdefault(min(BINS - 1, int(each.confidence * BINS)), []).append(each)
    gaps = (
        len(found)
        * abs(statistics.fmean(e.confidence for e in found) - statistics.fmean(e.accepted for e in found))
        for found in bins.values()
    )
    return sum(gaps) / len(judged)


def auroc(judged: Sequence[Judged]) -> float:
    """The area under the curve of show rate over false alarms; 0.5 if all fills are alike."""
    good = [each.confidence for each in judged if each.accepted]
    bad = [each.confidence for each in judged if not each.accepted]
    if not good or not bad:
        return 0.5
    wins = sum((g > b) + 0.5 * (g == b) for g in good for b in bad)
    return wins / (len(good) * len(bad))


def calibration_table(found: Sequence[Calibration]) -> Table:
    """For a terminal."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for title in ("decode", "confidence"):
        table.add_column(title, no_wrap=True)
    for title in ("n", "acceptable", "ECE", "AUROC", "threshold", "shown", "quiet", "precision", "utility"):
        table.add_column(title, justify="right")
    for each in found:
        best = each.best
        figures = (each.accepted, each.ece, each.auroc, best.threshold, best.show_rate, best.quiet_rate)
        more = (best.precision, best.utility)
        table.add_row(each.way, each.measure, str(each.n), *(f"{value:.3f}" for value in (*figures, *more)))
    return table
