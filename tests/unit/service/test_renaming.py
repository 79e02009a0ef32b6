"""Clearer names for local variables."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest

from lsp_server.core.edits import apply_together
from lsp_server.core.types import Alternative, Document, FillFigures, Rewrite, Silence, Span
from lsp_server.engine.protocol import Candidate, FillResult, HoleFill, Piece, Stop
from lsp_server.service.wish import Wish
from lsp_server.syntax.locks import Lock

if TYPE_CHECKING:
    from tests.unit.service.conftest import Bench

CODE = """\
def total(items):
    tmp = 0
    for one in items:
        tmp += one.tmp(f"{tmp} tmp")
    return tmp
"""


def proposed(*names: str) -> FillResult:
    """What the model says a variable is better called, and what it nearly said."""
    others = tuple(Alternative(name, 0.1) for name in names[1:])
    fill = HoleFill(f"{names[0]}`, `x", Stop.LENGTH, (Piece(names[0], 0.4, alternatives=others),))
    return FillResult((Candidate((fill,), 0.4),), FillFigures(forwards=2), "stand-in")


def likely(nats: float) -> FillResult:
    """How likely a function is with one name."""
    fill = HoleFill("", Stop.END, (Piece("", math.exp(nats)),))
    return FillResult((Candidate((fill,), 0.5),), FillFigures(forwards=1), "stand-in")


async def run(bench: Bench, code: str = CODE, language: str = "python", **wish: object) -> Rewrite:
    document = bench.documents.open(Document("a", language, code, version=1))
    return await bench.rewriter.run("rewrite", document, Span(0, len(code)), Wish(task="rename", **wish))


@pytest.mark.asyncio
async def test_the_name_that_makes_the_function_likeliest(bench: Bench) -> None:
    """All places get it in one edit; members and texts that are called the same stay."""
    bench.engine.script = [proposed("sum", "result", "amount"), likely(-9), likely(-5), likely(-2)]
    rewrite = await run(bench)
    new = CODE.replace("tmp =", "amount =").replace("tmp +=", "amount +=").replace("{tmp}", "{amount}")
    assert apply_together(CODE, rewrite.edits) == new.replace("return tmp", "return amount")
    assert len(rewrite.edits) == 1
    asked, *judged = bench.engine.requests
    (hole,) = asked.holes
    assert asked.text[: hole.start].endswith(f"{CODE}# Clear names: `tmp` -> `")
    assert (hole.start, hole.avoid) == (hole.end, ("tmp",))
    assert [request.holes[0].strength for request in judged] == [0.0] * 3
    assert judged[0].text == CODE.rstrip()
    assert "result += one.tmp(" in judged[1].text
    assert rewrite.figures.forwards == 5


@pytest.mark.asyncio
async def test_a_model_that_is_not_sure(bench: Bench) -> None:
    """A name that is hardly likelier is not written."""
    bench.engine.script = [proposed("result"), likely(-5), likely(-4)]
    rewrite = await run(bench)
    assert (rewrite.edits, rewrite.silence) == ((), Silence.NOTHING_TO_CHANGE)


@pytest.mark.asyncio
async def test_names_that_cannot_be_written(bench: Bench) -> None:
    """Builtins, what is used there, what is done there, and what says nothing are not even judged."""
    bench.engine.script = [proposed("list", "items", "total", "price", "res", "42", "")]
    assert (await run(bench, CODE.replace("one.tmp", "one.price"))).silence is Silence.NOTHING_TO_CHANGE
    assert len(bench.engine.requests) == 1


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("code", "wish"),
    [
        (CODE.replace("tmp", "sum_of_all"), {}),
        (CODE, {"lock": frozenset({Lock.NAMES})}),
        (CODE, {"locked": (Span(22, 25),)}),
    ],
)
async def test_nothing_is_asked_where_nothing_can_change(
    bench: Bench, code: str, wish: dict[str, object]
) -> None:
    """Good names stay, and so does what is locked, wherever else it stands."""
    assert (await run(bench, code, **wish)).silence is Silence.NOTHING_TO_CHANGE
    assert bench.engine.requests == []


@pytest.mark.asyncio
async def test_later_names_know_the_earlier_ones(bench: Bench) -> None:
    """What was chosen is shown, and is no other variable's name."""
    code = "function f(a) {\r\n  const res = a();\r\n  const tmp = res.b;\r\n  return tmp;\r\n}\r\n"
    bench.engine.script = [
        proposed("new_answer"),
        *(likely(-9), likely(-2)),
        proposed("newAnswer", "part"),
        *(likely(-9), likely(-2)),
    ]
    rewrite = await run(bench, code, "javascript")
    new = code.replace("tmp", "part").replace("res", "newAnswer")
    assert apply_together(code, rewrite.edits) == new
    third = bench.engine.requests[2 + 1]
    assert third.text[: third.holes[0].start].endswith("// Clear names: `res` -> `newAnswer`, `tmp` -> `")
    assert "\r" not in third.text
    assert "const newAnswer = a();" in bench.engine.requests[-1].text


@pytest.mark.asyncio
async def test_words_of_the_users_own_are_asked_in_words(bench: Bench) -> None:
    """So is where nobody knows where a variable stands."""
    bench.engine.script = [CODE] * 6
    assert (await run(bench, instruction="In French.")).silence is Silence.NOTHING_TO_CHANGE
    assert bench.engine.requests[0].instruction.endswith("In French.")
    await run(bench, "x = 1\n")
    assert bench.engine.requests[-1].instruction


@pytest.mark.asyncio
async def test_each_function_of_a_selection(bench: Bench) -> None:
    """One after the other, each an edit of its own, and none after time is up."""
    bench.engine.script = [
        *(proposed("result"), likely(-9), likely(-2)),
        *(proposed("amount"), likely(-9), likely(-2)),
    ]
    rewrite = await run(bench, CODE + CODE.replace("total", "other"))
    assert ["result" in edit.text for edit in rewrite.edits] == [True, False]
