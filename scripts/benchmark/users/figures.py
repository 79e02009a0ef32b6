"""From answers to the figures of a side."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from benchmark.users.sides import Answer


@dataclass(frozen=True, slots=True)
class Figures:
    """One side with so many editors, over all rounds."""

    side: str
    editors: int
    fills: int
    seconds: float
    tokens_per_s: float
    fills_per_s: float
    p50_ms: float
    p99_ms: float
    tokens_per_fill: float
    exact_match: float


def figures(side: str, editors: int, answers: Sequence[Answer], seconds: float) -> Figures:
    """Of at least one answer; `seconds` from the first question to the last answer."""
    times = sorted(answer.ms for answer in answers)
    tokens, count = sum(answer.tokens for answer in answers), len(answers)
    return Figures(
        side=side,
        editors=editors,
        fills=count,
        seconds=round(seconds, 3),
        tokens_per_s=round(tokens / seconds, 2),
        fills_per_s=round(count / seconds, 3),
        p50_ms=round(statistics.median(times), 1),
        p99_ms=round(quantile(times, 0.99), 1),
        tokens_per_fill=round(tokens / count, 2),
        exact_match=round(sum(answer.problem.solved_by(answer.text) for answer in answers) / count, 3),
    )


def quantile(ordered: Sequence[float], share: float) -> float:
    """The least value that at least `share` of all do not exceed."""
    return ordered[min(len(ordered) - 1, max(0, -int(-share * len(ordered) // 1) - 1))]
