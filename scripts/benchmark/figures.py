"""From single fills to the figures of a report."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from benchmark.compare import Case, Record


@dataclass(frozen=True, slots=True)
class Summary:
    """One side in one case. Times in milliseconds, the rest means over fills."""

    n: int
    median_ms: float
    p90_ms: float
    mean_ms: float
    exact_match: float
    tokens_per_fill: float
    forwards_per_fill: float
    tokens_per_forward: float
    context_tokens: float
    cached_tokens: float
    right_characters: float
    """Of the longest right start of a fill."""
    cpu_s_per_character: float | None
    """Processor time for each of those; None if there are none."""


def summarise(records: Sequence[Record]) -> Summary:
    """The figures of some fills; there must be one at least."""
    fills = [record.fill for record in records]
    times = [fill.ms for fill in fills]
    tokens, forwards = sum(fill.tokens for fill in fills), sum(fill.forwards for fill in fills)
    solved = sum(record.problem.solved_by(record.fill.text) for record in records)
    right = sum(record.problem.right_start(record.fill.text) for record in records)
    n = len(fills)
    return Summary(
        n=n,
        median_ms=statistics.median(times),
        p90_ms=percentile(times, 90),
        mean_ms=statistics.fmean(times),
        exact_match=solved / n,
        tokens_per_fill=tokens / n,
        forwards_per_fill=forwards / n,
        tokens_per_forward=tokens / forwards if forwards else 0.0,
        context_tokens=sum(fill.context for fill in fills) / n,
        cached_tokens=sum(fill.cached for fill in fills) / n,
        right_characters=right / n,
        cpu_s_per_character=sum(record.cpu_s for record in records) / right if right else None,
    )


def percentile(values: Sequence[float], percent: int) -> float:
    """Linear between the two nearest of the sorted values."""
    if len(values) == 1:
        return values[0]
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


def by_side(records: Sequence[Record], case: Case) -> dict[str, Summary]:
    """The summary of each side that has fills of this case, in order of first appearance."""
    sides = dict.fromkeys(record.side for record in records if record.case == case)
    return {
        side: summarise([record for record in records if (record.side, record.case) == (side, case)])
        for side in sides
    }


def same_text(records: Sequence[Record], case: Case, sides: Sequence[str]) -> list[Record]:
    """The fills of the holes for which all of `sides` wrote the same: there the same work was done."""
    texts: dict[tuple[str, str], set[str]] = {}
    chosen = [record for record in records if record.case == case and record.side in sides]
    for record in chosen:
        texts.setdefault(_hole(record), set()).add(record.fill.text)
    return [record for record in chosen if len(texts[_hole(record)]) == 1]


def _hole(record: Record) -> tuple[str, str]:
    return record.problem.name, record.problem.prefix


def unfair(records: Sequence[Record], *, shared: int = 8) -> list[str]:
    """What makes a comparison less than fair, for a person; empty if nothing does.

    A cold fill may find `shared` tokens cached: the first few are the same in every document.
    """
    complaints = []
    fresh = [record for record in records if record.case != "warm"]
    known = [record for record in fresh if record.fill.cached > shared]
    if known:
        complaints.append(f"{len(known)} cold fills found part of their context cached")
    lengths: dict[tuple[str, str], set[int]] = {}
    for record in fresh:
        lengths.setdefault((record.case, record.problem.name), set()).add(record.fill.context)
    different = sum(len(found) > 1 for found in lengths.values())
    if different:
        complaints.append(f"{different} holes had contexts of different lengths")
    return complaints
