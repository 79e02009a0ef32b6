"""Whether an adapter makes fills of its user's code better: the same holes, without and with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from statistics import fmean, stdev

from lsp_server.engine.protocol import Decode
from lsp_server.evaluation.filling import Asker, Filled
from lsp_server.evaluation.metrics import exact
from lsp_server.evaluation.problems import Problem
from lsp_server.evaluation.ways import Way

HOLES = 100
WAY = Way(Decode.VERIFIED)


@dataclass(frozen=True, slots=True)
class Fills:
    """What was written into the holes: for each whether it is exact, how similar (0 to 1), and its passes."""

    exact: tuple[bool, ...]
    similarity: tuple[float, ...]
    forwards: tuple[float, ...]

    @property
    def figures(self) -> tuple[float, float, float]:
        """Means: share exact, similarity, passes for a fill."""
        return fmean(self.exact), fmean(self.similarity), fmean(self.forwards)


def fills_of(asker: Asker, problems: Sequence[Problem], done: Callable[[], object]) -> Fills:
    """Fill every hole as the server does, calling `done` after each; there must be one at least."""
    exacts, similar, forwards = [], [], []
    for problem in problems:
        filled = asker.fill(problem, WAY)
        exacts.append(exact(problem, filled.text))
        similar.append(_similarity(problem, filled))
        forwards.append(filled.forwards)
        done()
    return Fills(tuple(exacts), tuple(similar), tuple(forwards))


def no_worse(before: Fills, after: Fills) -> bool:
    """Whether nothing speaks against an adapter whose loss on held-out code is lower.

    That loss is the finer measure, so fills only have a veto: fewer are exact, or, hole by hole, they come
    less near to the answer by more than one standard error of the difference.
    """
    change = [new - old for old, new in zip(before.similarity, after.similarity, strict=True)]
    error = stdev(change) / len(change) ** 0.5 if len(change) > 1 else 0.0
    return sum(after.exact) >= sum(before.exact) and fmean(change) >= -error


def _similarity(problem: Problem, filled: Filled) -> float:
    """Share of characters in common blocks (Ratcliff and Obershelp), in [0, 1]."""
    wanted = problem.wanted(filled.text).strip()
    return SequenceMatcher(None, wanted, problem.answer.strip(), autojunk=False).ratio()
