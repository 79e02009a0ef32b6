"""The interleaved run: every hole on every side before the next hole, the order going round."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from benchmark.problems import Problem
from benchmark.sides import Fill, Side

Case = Literal["cold", "warm"]


@dataclass(frozen=True, slots=True)
class Record:
    """One fill of one side. The problem of a warm one has its line partly typed."""

    side: str
    case: Case
    problem: Problem
    fill: Fill


def compare(
    problems: Sequence[Problem],
    sides: Sequence[Side],
    *,
    keystrokes: int,
    steps: int,
    settle: Callable[[], None],
    on_done: Callable[[], None] = lambda: None,
) -> list[Record]:
    """Fill every hole on every side: once cold, then warm while its line is being typed.

    `settle` is called before each side's turn. A side forgets everything before
    a cold fill; the warm ones follow it at once.
    """
    records: list[Record] = []
    for index, problem in enumerate(problems):
        first = index % len(sides)
        for side in (*sides[first:], *sides[:first]):
            settle()
            side.forget()
            records.append(_record(side, "cold", problem))
            records += [
                _record(side, "warm", typed) for typed in problem.typed(keystrokes=keystrokes, steps=steps)
            ]
        on_done()
    return records


def warm_up(problem: Problem, sides: Sequence[Side]) -> None:
    """One fill a side that does not count: first calls allocate and page in."""
    for side in sides:
        side.fill(problem.prefix, problem.suffix)


def _record(side: Side, case: Case, problem: Problem) -> Record:
    return Record(side.name, case, problem, side.fill(problem.prefix, problem.suffix))
