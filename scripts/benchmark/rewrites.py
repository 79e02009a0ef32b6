"""Rewrites by instruction: selections of the sampled files made worse, and the words that ask to undo it."""

from __future__ import annotations

import random
from dataclasses import dataclass
from itertools import islice

from benchmark.problems import Problem
from benchmark.sample import texts
from lsp_server.training.pairs.draw import prepare
from lsp_server.training.pairs.pair import Pair

FEWEST, MOST = 3, 14
"""Lines of a selection and of what it should become."""


@dataclass(frozen=True, slots=True)
class _Document:
    text: str
    language: str = "python"


def rewrite_problems(count: int, seed: int) -> list[Problem]:
    """At most `count` rewrites, one a file: the same for the same seed and files."""
    documents = [_Document(text) for _, text in texts()]
    random.Random(seed).shuffle(documents)  # noqa: S311 -- a sample, not a secret
    pairs = prepare(documents, seed=seed, each=1, lint=False)
    fitting = (
        pair for pair in pairs if all(FEWEST <= len(side.split("\n")) <= MOST for side in _sides(pair))
    )
    return [
        Problem(
            f"{number}:{pair.kind}",
            prefix="",
            suffix="",
            answer=pair.after,
            kind="rewrite",
            selected=pair.before,
            instruction=pair.instruction,
        )
        for number, pair in enumerate(islice(fitting, count))
    ]


def _sides(pair: Pair) -> tuple[str, str]:
    return pair.before, pair.after
