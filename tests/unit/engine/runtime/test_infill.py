from __future__ import annotations

import pytest

from lsp_server.core.types import FillFigures
from lsp_server.engine.protocol import Candidate, FillResult, HoleFill, Stop
from lsp_server.engine.runtime.infill import EXTRA_CHARS, Extra, Infill, InfillRequest, answer_of


def result(*texts: str, stop: Stop = Stop.END) -> FillResult:
    candidates = tuple(Candidate((HoleFill(text, stop),), 0.5) for text in texts)
    return FillResult(candidates, FillFigures(tokens=5, context_tokens=12, cached_tokens=7), "m")


def test_the_hole_is_behind_what_is_typed() -> None:
    """Prefix and the line so far, in code points; the slot stands for the document."""
    body = InfillRequest("# \U0001f600\n", ")\n", prompt="x = f(", n_predict=9, n_indent=4, id_slot=2)
    fill = body.fill_request()
    assert fill.text == "# \U0001f600\nx = f()\n"
    hole = fill.holes[0]
    assert (hole.start, hole.end, hole.max_tokens, hole.min_indent) == (10, 10, 9, 4)
    assert (fill.client, fill.document) == ("infill", "slot 2")


@pytest.mark.parametrize(("tokens", "most"), [(None, 64), (-1, 64), (8, 8), (1_000_000, 4096)])
def test_tokens_are_limited(tokens: int | None, most: int) -> None:
    """No limit is ours, a large one the protocol's."""
    assert InfillRequest(n_predict=tokens).fill_request().holes[0].max_tokens == most


@pytest.mark.parametrize(
    ("prompt", "predict", "budget"),
    [(None, None, None), (500, None, None), (None, 250, 250), (500, 1000, 1500), (500, 10**9, 600_000)],
)
def test_times_add_up(prompt: int | None, predict: int | None, budget: int | None) -> None:
    """Reading and writing share one budget, which writing sets."""
    body = InfillRequest(t_max_prompt_ms=prompt, t_max_predict_ms=predict)
    assert body.fill_request().budget_ms == budget


def test_the_newest_chunks_are_shown() -> None:
    """As many as fit, in the plugin's order."""
    chunks = [Extra("x" * (EXTRA_CHARS - 10), "old"), Extra("a" * 6, "b"), Extra("c" * 5, "d")]
    assert [each.path for each in InfillRequest(input_extra=tuple(chunks)).fill_request().snippets] == [
        "b",
        "d",
    ]
    assert InfillRequest(input_extra=(Extra("x" * 9999),)).fill_request().snippets == ()


@pytest.mark.parametrize(
    ("text", "stop", "stops", "content", "kind"),
    [
        ("a\nb", Stop.END, (), "a\nb", "eos"),
        ("a\nb", Stop.LENGTH, (), "a\nb", "limit"),
        ("a\nb", Stop.BUDGET, (), "a", "limit"),
        ("ab", Stop.BUDGET, (), "ab", "limit"),
        ("a;b", Stop.END, (";",), "a", "word"),
    ],
)
def test_where_it_ends(text: str, stop: Stop, stops: tuple[str, ...], content: str, kind: str) -> None:
    """At a stop string; out of time, behind the last whole line if there is one."""
    answer = answer_of(InfillRequest(stop=stops), result(text, stop=stop), "m")
    assert isinstance(answer, Infill)
    assert (answer.content, answer.stop_type) == (content, kind)
    assert (answer.tokens_predicted, answer.tokens_evaluated, answer.tokens_cached) == (5, 12, 7)


def test_several_are_a_list() -> None:
    """Who asks for more than one gets a list, also of fewer; else there is one answer, also of none."""
    answers = answer_of(InfillRequest(n_cmpl=3), result("a", "b"), "m")
    assert isinstance(answers, list)
    assert [(each.index, each.content) for each in answers] == [(0, "a"), (1, "b")]
    assert answer_of(InfillRequest(), result(), "m") == Infill("", "m")
