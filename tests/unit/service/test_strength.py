"""Rewrites that change a part: in units without words, and as much of an answer as is wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lsp_server.core.edits import apply_together
from lsp_server.core.types import Document, FillFigures, Rewrite, Silence, Span
from lsp_server.engine.protocol import Candidate, FillResult, HoleFill, Piece, Stop
from lsp_server.service.strength import likelihood_of
from lsp_server.service.wish import Wish
from lsp_server.syntax.locks import Lock

if TYPE_CHECKING:
    from tests.unit.service.conftest import Bench

CODE = "def f(a, b):\n    total = a + b\n    print(total)\n    return total * 2\n"
BODY = Span(0, len(CODE))


def likely(text: str, unlikely: str) -> FillResult:
    """What one pass says of a text in which one place is unlikely."""
    before, _, after = text.partition(unlikely)
    pieces = (
        Piece(before, 0.9, locked=True),
        Piece(unlikely, 0.01, locked=True),
        Piece(after, 0.9, locked=True),
    )
    fill = HoleFill(text, Stop.END, pieces)
    return FillResult((Candidate((fill,), 0.5),), FillFigures(forwards=1), "stand-in")


async def run(bench: Bench, **wish: object) -> Rewrite:
    document = bench.documents.open(Document("a", "python", CODE, version=1))
    return await bench.rewriter.run("rewrite", document, BODY, Wish(**wish), seed=7)


@pytest.mark.asyncio
async def test_the_least_likely_unit_is_written_anew(bench: Bench) -> None:
    """One pass says which; it alone becomes a hole, in sight of both sides, drafted with what stands."""
    bench.engine.script = [likely(CODE, "a + b"), "total = a - b"]
    rewrite = await run(bench, strength=0.1)
    assert apply_together(CODE, rewrite.edits) == CODE.replace("a + b", "a - b")
    asked, filled = bench.engine.requests
    assert (asked.holes[0].strength, asked.instruction) == (0.0, None)
    (hole,) = filled.holes
    assert (CODE[hole.start : hole.end], hole.draft, hole.strength) == ("total = a + b", "total = a + b", 1.0)
    assert filled.sampling.seed == 7
    assert rewrite.figures.forwards == 4


@pytest.mark.asyncio
async def test_what_does_not_fit_stays(bench: Bench) -> None:
    """A unit whose fill would be something else is left as it is, the others are written."""
    lock = frozenset({Lock.NAMES, Lock.SIGNATURES})
    bench.engine.script = [likely(CODE, "+"), ("-", "*", "2)")]
    rewrite = await run(bench, strength=1.0, lock=lock)
    assert [CODE[hole.start : hole.end] for hole in bench.engine.requests[1].holes] == ["+", "*", "2"]
    assert apply_together(CODE, rewrite.edits) == CODE.replace("a + b", "a - b")


@pytest.mark.asyncio
async def test_locks_are_in_no_hole(bench: Bench) -> None:
    """At full strength without words all but what is locked becomes holes."""
    bench.engine.script = [likely(CODE, "2"), *["3"] * 3]
    rewrite = await run(bench, lock=frozenset({Lock.NAMES, Lock.SIGNATURES}), strength=0.05)
    assert apply_together(CODE, rewrite.edits) == CODE.replace("2", "3")


@pytest.mark.asyncio
async def test_a_model_that_would_change_nothing(bench: Bench) -> None:
    """Is asked again, and then says so."""
    bench.engine.script = [likely(CODE, "2"), *["return total * 2"] * 3]
    rewrite = await run(bench, strength=0.05)
    assert rewrite.silence is Silence.NOTHING_TO_CHANGE


@pytest.mark.asyncio
@pytest.mark.parametrize(("strength", "requests"), [(0.1, 2), (0.9, 1)])
async def test_of_an_answer_in_words_as_much_as_is_wanted(
    bench: Bench, strength: float, requests: int
) -> None:
    """Where what stands there is least likely, given the words; one pass more only for an answer too long."""
    answer = CODE.replace("a + b", "a * b").replace("(total)", "(total, b, a)").replace("* 2", "* 3")
    bench.engine.script = [answer, likely(CODE, "2")]
    rewrite = await run(bench, instruction="Multiply.", strength=strength)
    assert len(bench.engine.requests) == requests
    wanted = answer if strength > 0.5 else answer.replace(", b, a", "")
    assert apply_together(CODE, rewrite.edits) == wanted
    assert bench.engine.requests[-1].instruction == "Multiply."


def test_likelihood_where_lines_end_in_two_characters() -> None:
    """The model sees line feeds only; its pieces are found again in the document's own text."""
    likelihood = likelihood_of([Piece("a\n", 0.9), Piece("b", 0.2), Piece("\nc", 0.8)], "a\r\nb\r\nc", at=10)
    assert [likelihood(Span(at, at + 1)) for at in (10, 13, 16)] == [0.9, 0.2, 0.8]


@pytest.mark.asyncio
async def test_units_of_one_line_share_a_request(bench: Bench) -> None:
    """More than a request usually has: their edits are of that whole line, and may not overlap."""
    code = f"x = [{', '.join(f'a{number} + 1' for number in range(12))}]\ny = [b + 1]\n"
    bench.engine.script = [likely(code, "y"), tuple("2" * 12), "2"]
    document = bench.documents.open(Document("a", "python", code, version=1))
    wish = Wish(strength=1.0, lock=frozenset({Lock.NAMES}), locked=_plus(code))
    rewrite = await bench.rewriter.run("rewrite", document, Span(0, len(code)), wish)
    assert apply_together(code, rewrite.edits) == code.replace("1,", "2,").replace("1]", "2]")
    assert [len(request.holes) for request in bench.engine.requests] == [1, 12, 1]


def _plus(code: str) -> tuple[Span, ...]:
    return tuple(Span(at, at + 1) for at, char in enumerate(code) if char == "+")
