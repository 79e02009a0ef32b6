"""From records to the figures of a table."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from lsp_server.evaluation.metrics import chrf, edit_similarity, exact, parses
from lsp_server.evaluation.problems import Problem
from lsp_server.evaluation.records import Record
from lsp_server.evaluation.sandbox import Outcome


class Score(msgspec.Struct, frozen=True):
    """One way on one benchmark; shares are in [0, 1], `forwards`, `tokens` and `seconds` means a fill.

    `tpf` is tokens for each forward pass after the context was read. `any_exact` is the
    share of holes for which some candidate was right: what ranking could reach.
    """

    n: int
    exact_match: float
    pass_at_1: float | None
    tpf: float
    forwards: float
    parse_rate: float
    seconds: float
    edit_similarity: float
    chrf: float
    tokens: float
    any_exact: float


Scores = Mapping[str, Mapping[str, Score]]
"""By benchmark, then by way, both in the order evaluated."""


def scores_of(problems: Sequence[Problem], records: Sequence[Record]) -> dict[str, dict[str, Score]]:
    """The figures of all records."""
    known = {(problem.benchmark, problem.name): problem for problem in problems}
    sorted_: dict[str, dict[str, list[Record]]] = {}
    for record in records:
        sorted_.setdefault(record.benchmark, {}).setdefault(record.way, []).append(record)
    return {
        benchmark: {
            way: score([(known[record.benchmark, record.problem], record) for record in found])
            for way, found in ways.items()
        }
        for benchmark, ways in sorted_.items()
    }


def score(filled: Sequence[tuple[Problem, Record]]) -> Score:
    """The figures of some fills; there must be one at least."""
    texts = [problem.wanted(record.text).strip() for problem, record in filled]
    answers = [problem.answer.strip() for problem, _ in filled]
    tokens = sum(record.tokens for _, record in filled)
    forwards = sum(record.forwards for _, record in filled)
    n = len(filled)
    return Score(
        n=n,
        exact_match=_share(exact(problem, record.text) for problem, record in filled),
        pass_at_1=pass_rate([record for _, record in filled]),
        tpf=tokens / forwards if forwards else 0.0,
        forwards=forwards / n,
        parse_rate=_share(parses(problem, record.text) for problem, record in filled),
        seconds=statistics.fmean(record.seconds for _, record in filled),
        edit_similarity=statistics.fmean(map(edit_similarity, texts, answers)),
        chrf=chrf(texts, answers),
        tokens=tokens / n,
        any_exact=_share(
            any(exact(problem, text) for text in (record.text, *record.tried)) for problem, record in filled
        ),
    )


def pass_rate(records: Sequence[Record]) -> float | None:
    """The share of tested fills that pass; None if none was tested."""
    tested = [record.outcome for record in records if record.outcome is not None]
    return _share(outcome is Outcome.PASSED for outcome in tested) if tested else None


def _share(hits: Iterable[bool]) -> float:
    values = list(hits)
    return sum(values) / len(values)
