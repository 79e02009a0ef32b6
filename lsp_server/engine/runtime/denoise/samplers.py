"""Which masked positions a step commits. Pure functions over lists.

Every function returns positions in ascending order, at least one if `masked`
is not empty, so that a step always makes progress. `masked` is ascending.
"""

from __future__ import annotations

from collections.abc import Sequence


def by_confidence(confidence: Sequence[float], masked: Sequence[int], threshold: float) -> list[int]:
    """All positions with ``confidence >= threshold`` (Fast-dLLM, arXiv 2505.22618), else a single one.

    That is the surest of those with no mask right before them: on blank canvases the first position
    is the base's own choice in 88 of 100 cases, the third in 30, whatever they claim (docs/LOG.md).
    Of equally sure positions the leftmost counts as surest.
    """
    sure = [position for position in masked if confidence[position] >= threshold]
    behind = set(masked)
    heads = [position for position in masked if position - 1 not in behind]
    return sure or ([max(heads, key=lambda p: (confidence[p], -p))] if heads else [])


def by_entropy(entropy: Sequence[float], masked: Sequence[int], bound: float) -> list[int]:
    """The most certain positions whose joint error is bounded (EB-Sampler, arXiv 2505.24857).

    Positions are taken in ascending entropy (nats; ties: leftmost first) as long as the
    sum over the taken ones less their largest stays ``<= bound``. The sum less the
    largest bounds what choosing them independently can lose.
    """
    taken: list[int] = []
    total = 0.0
    for position in sorted(masked, key=lambda p: (entropy[p], p)):
        # ascending order: this position's entropy is the largest of those taken
        if taken and total > bound:
            break
        taken.append(position)
        total += entropy[position]
    return sorted(taken)


def least_sure(confidence: Sequence[float], positions: Sequence[int], count: int) -> list[int]:
    """The `count` positions of lowest confidence, to be remasked (ties: leftmost first)."""
    return sorted(sorted(positions, key=lambda p: (confidence[p], p))[: max(0, count)])
