"""Every problem in every way, once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from lsp_server.evaluation.filling import Asker
from lsp_server.evaluation.records import Record, Records
from lsp_server.evaluation.run import Trials, evaluate
from lsp_server.evaluation.sandbox import Outcome
from lsp_server.evaluation.ways import parse_way

from .conftest import ANSWER, GivenFiller, problem

Given = Callable[..., GivenFiller]
WAYS = [parse_way(name, count=2) for name in ("left-to-right", "verified", "confidence:0.7")]


class Programs:
    """Remembers what it was to run; everything passes, or what is said."""

    def __init__(self, outcome: Outcome = Outcome.PASSED) -> None:
        self.ran: list[str] = []
        self._outcome = outcome

    def __call__(self, program: str) -> Outcome:
        self.ran.append(program)
        return self._outcome


def evaluated(
    filler: GivenFiller, records: Records, programs: Programs, *, count: int = 2, rescore: bool = False
) -> list[list[Record]]:
    problems = [problem(name=f"p{number}", prefix=f"# {number}\n") for number in range(count)]
    return list(
        evaluate(problems, WAYS, Asker(filler), records, model="m", trials=Trials(programs), rescore=rescore)
    )


def test_all_ways_of_all_problems(given: Given) -> None:
    """The records come in the order of the ways, though these take turns in going first."""
    filler = given([(ANSWER, 0.5)])
    found = evaluated(filler, Records(), Programs())
    assert [[record.way for record in each] for each in found] == [[way.name for way in WAYS]] * 2
    assert [each[0].problem for each in found] == ["p0", "p1"]
    decodes = [request.sampling.decode for request in filler.requests]
    assert [decodes[1], decodes[5]] == ["left-to-right", "verified"]


def test_equal_fills_are_tested_once(given: Given) -> None:
    """Three ways wrote the same program: it runs once, and all three have its outcome."""
    programs = Programs(Outcome.FAILED)
    [found] = evaluated(given([(ANSWER, 0.5)]), Records(), programs, count=1)
    assert [record.outcome for record in found] == [Outcome.FAILED] * 3
    assert len(programs.ran) == 1


def test_what_is_known_is_not_done_again(given: Given, tmp_path: Path) -> None:
    """A second evaluation asks and tests only what is new."""
    with Records(tmp_path / "r") as records:
        first = evaluated(given([(ANSWER, 0.5)]), records, Programs())
    filler, programs = given([(ANSWER, 0.5)]), Programs()
    with Records(tmp_path / "r") as records:
        assert evaluated(filler, records, programs, count=3)[:2] == first
    assert len(filler.requests) == 1 + len(WAYS)
    assert len(programs.ran) == 1


def test_rescoring_runs_the_tests_alone(given: Given, tmp_path: Path) -> None:
    """The texts stay; outcomes are found anew and kept."""
    with Records(tmp_path / "r") as records:
        evaluated(given([(ANSWER, 0.5)]), records, Programs(Outcome.CRASHED))
    filler = given([(ANSWER, 0.5)])
    with Records(tmp_path / "r") as records:
        evaluated(filler, records, Programs(), rescore=True)
    with Records(tmp_path / "r") as records:
        found = evaluated(filler, records, Programs(Outcome.FAILED))
    assert {record.outcome for each in found for record in each} == {Outcome.PASSED}
    assert not filler.requests


def test_problems_without_tests_are_not_run(given: Given) -> None:
    """Held-out code has an answer, not a test."""
    programs = Programs()
    work = evaluate(
        [problem(test="")], WAYS, Asker(given([("x", 0.5)])), Records(), model="m", trials=Trials(programs)
    )
    assert [record.outcome for record in next(work)] == [None] * 3
    assert not programs.ran
