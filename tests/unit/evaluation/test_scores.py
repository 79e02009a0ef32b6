"""From records to figures."""

from __future__ import annotations

import pytest

from lsp_server.evaluation.filling import Filled
from lsp_server.evaluation.problems import Problem
from lsp_server.evaluation.records import Record
from lsp_server.evaluation.sandbox import Outcome
from lsp_server.evaluation.scores import pass_rate, scores_of
from lsp_server.evaluation.ways import parse_way

from .conftest import ANSWER, problem


def record(hole: Problem, text: str, outcome: Outcome | None, way: str = "verified", **cost: int) -> Record:
    filled = Filled(text, (0.5,), cost.get("tokens", 4), cost.get("forwards", 2), 0.5, ("", ANSWER))
    return Record.of(text + way + hole.name, hole, parse_way(way, count=2), filled, outcome)


def test_figures_of_a_benchmark() -> None:
    """Each figure by hand for one right and one broken fill."""
    one, two = problem(name="one"), problem(name="two")
    records = [
        record(one, ANSWER, Outcome.PASSED),
        record(two, "    return (first", Outcome.TIMEOUT, tokens=2, forwards=4),
    ]
    score = scores_of([one, two], records)["single-line"]["verified"]
    assert (score.n, score.exact_match, score.pass_at_1, score.parse_rate) == (2, 0.5, 0.5, 0.5)
    assert (score.tpf, score.forwards, score.tokens, score.seconds) == (1.0, 3.0, 3.0, 0.5)
    assert score.any_exact == 1.0
    assert 0.5 < score.edit_similarity < 1
    assert 0.5 < score.chrf < 1


def test_benchmarks_and_ways_stay_apart() -> None:
    """In the order in which they come."""
    one, two = problem(), problem(benchmark="held-out go")
    records = [
        record(one, "a", Outcome.FAILED),
        record(one, "b", Outcome.PASSED, "left-to-right"),
        record(two, "c", None),
    ]
    scores = scores_of([one, two], records)
    assert {name: list(ways) for name, ways in scores.items()} == {
        "single-line": ["verified", "left-to-right"],
        "held-out go": ["verified"],
    }
    assert scores["held-out go"]["verified"].pass_at_1 is None


@pytest.mark.parametrize(
    ("outcomes", "rate"),
    [
        ([], None),
        ([None], None),
        ([None, Outcome.PASSED], 1.0),
        ([Outcome.CRASHED, Outcome.PASSED, Outcome.TIMEOUT, Outcome.FAILED], 0.25),
    ],
)
def test_only_tested_fills_have_a_pass_rate(outcomes: list[Outcome | None], rate: float | None) -> None:
    """Nothing but a finished test counts as passed."""
    assert pass_rate([record(problem(), "x", outcome) for outcome in outcomes]) == rate
