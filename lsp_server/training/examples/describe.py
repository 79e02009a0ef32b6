"""What a batch of examples is like, in figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TypedDict

from lsp_server.training.examples.example import Example


class Description(TypedDict):
    """Counts by kind and by language, most first; mean lengths in tokens."""

    examples: int
    kinds: dict[str, int]
    languages: dict[str, int]
    mean_context: float
    mean_middle: float


def describe(examples: Sequence[Example]) -> Description:
    """Count kinds and languages, and average the lengths; of no examples all is 0."""
    count = len(examples)
    return Description(
        examples=count,
        kinds=dict(Counter(each.kind for each in examples).most_common()),
        languages=dict(Counter(each.language for each in examples).most_common()),
        mean_context=sum(len(each.context) for each in examples) / max(1, count),
        mean_middle=sum(len(each.middle) for each in examples) / max(1, count),
    )
