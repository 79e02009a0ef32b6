"""The interleaved run: every hole on every side before the next hole, the order going round."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from benchmark.problems import Problem
from benchmark.sides import Fill, Side

Case = Literal["cold", "warm", "multiline", "rewrite"]


@dataclass(frozen=True, slots=True)
class Record:
    """One fill of one side, and the processor time it took there in seconds.

    The problem of a warm one has its line partly typed.
    """

    side: str
    case: Case
    problem: Problem
    fill: Fill
    cpu_s: float = 0.0


def compare(
    problems: Sequence[Problem],
    sides: Sequence[Side],
    *,
    case: Case = "cold",
    keystrokes: int = 1,
    steps: int = 0,
    settle: Callable[[], None],
    on_done: Callable[[], None] = lambda: None,
) -> list[Record]:
    """Fill every hole on every side: once with nothing cached, then warm while its line is being typed.

    `settle` is called before each side's turn. A side forgets everything before
    the first fill of a hole; the warm ones follow it at once.
    """
    records: list[Record] = []
    for index, problem in enumerate(problems):
        first = index % len(sides)
        for side in (*sides[first:], *sides[:first]):
            settle()
            side.forget()
            records.append(_record(side, case, problem))
            records += [
                _record(side, "warm", typed) for typed in problem.typed(keystrokes=keystrokes, steps=steps)
            ]
        on_done()
    return records


def warm_up(problem: Problem, sides: Sequence[Side]) -> None:
    """One fill a side that does not count: first calls allocate and page in."""
    for side in sides:
        side.fill(problem.ask)


def _record(side: Side, case: Case, problem: Problem) -> Record:
    before = side.cpu_seconds()
    fill = side.fill(problem.ask)
    return Record(side.name, case, problem, fill, side.cpu_seconds() - before)
