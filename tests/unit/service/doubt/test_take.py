"""Taking an alternative."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from lsp_server.core.edits import apply_together
from lsp_server.core.errors import BadInput
from lsp_server.core.types import Alternative, FillFigures, Silence, Span
from lsp_server.engine.protocol import Candidate, FillResult, HoleFill, Piece, Stop

TEXT = "def add|\nx = 1\n"


def fill(*pieces: Piece) -> FillResult:
    text = "".join(piece.text for piece in pieces)
    return FillResult((Candidate((HoleFill(text, Stop.END, pieces),), 0.9),), FillFigures(), "stand-in")


def doubted(text: str, *others: str) -> Piece:
    return Piece(text, 0.4, alternatives=tuple(Alternative(other, 0.2) for other in others))


async def accepted(bench: Any, marked: str = TEXT, *pieces: Piece) -> str:  # noqa: ANN401 -- the fixture
    """Show a suggestion, accept it, and give the id of its first doubt."""
    head = Piece(marked[: marked.index("|")].rpartition("\n")[2], 1.0, locked=True)
    given = pieces or (
        Piece("(", 0.9),
        doubted("a", "x"),
        Piece(", ", 0.9),
        doubted("b", "y"),
        Piece("): pass", 0.9),
    )
    given = tuple(Piece(each.text, each.confidence, alternatives=each.alternatives) for each in given)
    bench.engine.script.append(fill(head, *given))
    completion = await bench.complete(marked, invoked=True)
    [suggestion] = completion.suggestions
    bench.doubts.shown(bench.documents.get("a"), completion.suggestions)
    at = suggestion.edit.span.start
    bench.edit(at, at, suggestion.edit.text)
    return bench.doubts.of("a")[0].id


async def taken(bench: Any, doubt_id: str, alternative: str) -> str:  # noqa: ANN401 -- the fixture
    rewrite = await bench.taker.take("a", doubt_id, alternative)
    assert rewrite.silence is None
    assert rewrite.document == bench.documents.get("a")
    return apply_together(rewrite.document.text, rewrite.edits)


@pytest.mark.asyncio
async def test_what_depends_is_denoised_anew(bench: Any) -> None:  # noqa: ANN401 -- the fixture
    """The alternative is locked and settled behind what stands before it, and the rest is the hole's."""
    doubt = await accepted(bench)
    bench.engine.script.append(", y): return x + y")
    assert await taken(bench, doubt, "x") == "def add(x, y): return x + y\nx = 1\n"
    request = bench.engine.requests[-1]
    [hole] = request.holes
    assert request.text == "def add(x\nx = 1\n"
    assert hole.locks == (Span(0, len("def add(x")),)
    assert (hole.settled, hole.max_lines, hole.end) == (True, 1, len("def add(x"))


@pytest.mark.asyncio
async def test_the_new_rest_has_doubts_of_its_own(bench: Any) -> None:  # noqa: ANN401 -- the fixture
    """They stand where the edit puts them."""
    doubt = await accepted(bench)
    bench.engine.script.append(
        fill(Piece("def add(x", 1.0, locked=True), Piece(", ", 0.9), doubted("y", "z"), Piece("): pass", 0.9))
    )
    rewrite = await bench.taker.take("a", doubt, "x")
    [found] = rewrite.doubts
    text = apply_together(rewrite.document.text, rewrite.edits)
    assert (found.span, text[found.span.start : found.end]) == (Span(11, 12), "y): pass")


@pytest.mark.asyncio
async def test_no_more_lines_are_written_than_there_were(bench: Any) -> None:  # noqa: ANN401 -- the fixture
    """A fill of several lines may be as many again, none indented less."""
    marked = "def add(a, b):|\n\nx = 1\n"
    doubt = await accepted(
        bench, marked, Piece("\n    ", 0.9), doubted("c", "d"), Piece(" = a\n    return c", 0.9)
    )
    bench.engine.script.append(" = b\n    return d")
    assert await taken(bench, doubt, "d") == "def add(a, b):\n    d = b\n    return d\n\nx = 1\n"
    [hole] = bench.engine.requests[-1].holes
    assert (hole.max_lines, hole.min_indent) == (2, 4)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("said", "becomes"),
    [("", "def add(x, b): pass\nx = 1\n"), ("(((: = )", "def add(x, b): pass\nx = 1\n")],
    ids=["nothing", "what breaks the syntax"],
)
async def test_without_a_rest_the_old_one_stays(bench: Any, said: str, becomes: str) -> None:  # noqa: ANN401
    """The token is taken all the same; what stood behind it stays unless that is worse."""
    doubt = await accepted(bench)
    bench.engine.script += [said] * 3
    assert await taken(bench, doubt, "x") == becomes


@pytest.mark.asyncio
async def test_a_fill_that_ends_there_is_cut(bench: Any) -> None:  # noqa: ANN401 -- the fixture
    """Where nothing is owed behind the alternative, it may be the end."""
    doubt = await accepted(bench, "x = |\n", doubted("a", "1"), Piece(" + b", 0.9))
    bench.engine.script.append("")
    assert await taken(bench, doubt, "1") == "x = 1\n"


@pytest.mark.asyncio
async def test_it_follows_what_was_typed_elsewhere(bench: Any) -> None:  # noqa: ANN401 -- the fixture
    """Lines added above before and meanwhile do not matter."""
    doubt = await accepted(bench)
    bench.edit(0, 0, "# one\n")
    bench.engine.during = lambda: bench.edit(0, 0, "# two\n")
    bench.engine.script.append(", y): pass")
    assert await taken(bench, doubt, "x") == "# two\n# one\ndef add(x, y): pass\nx = 1\n"


@pytest.mark.asyncio
@pytest.mark.parametrize("place", ["(a", ", b"], ids=["the token", "what depends on it"])
async def test_it_is_refused_where_the_text_changed(bench: Any, place: str) -> None:  # noqa: ANN401
    """Meanwhile, and before."""
    doubt = await accepted(bench)
    at = bench.documents.get("a").text.index(place) + len(place)
    bench.engine.during = lambda: bench.edit(at - 1, at, "new")
    bench.engine.script.append(", y): pass")
    assert (await bench.taker.take("a", doubt, "x")).silence is Silence.STALE
    assert (await bench.taker.take("a", "unknown", "x")).silence is Silence.STALE


@pytest.mark.asyncio
async def test_what_makes_no_sense_is_refused(bench: Any) -> None:  # noqa: ANN401 -- the fixture
    """An alternative it has not, a document that is not open, a file that may hold secrets."""
    doubt = await accepted(bench)
    with pytest.raises(BadInput):
        await bench.taker.take("a", doubt, "never")
    with pytest.raises(BadInput):
        await bench.taker.take("b", doubt, "x")
    bench.excluded = Silence.PRIVATE_FILE
    assert (await bench.taker.take("a", doubt, "x")).silence is Silence.PRIVATE_FILE


@pytest.mark.asyncio
async def test_line_ends_are_the_documents(bench: Any) -> None:  # noqa: ANN401 -- the fixture
    """Alternatives and what follows get CRLF where the document has it."""
    doubt = await accepted(bench, "x = [|]\r\ny = 2\r\n", doubted("a", "\n"), Piece(", b", 0.9))
    bench.engine.script.append("    a, b,")
    assert "\n" not in (await taken(bench, doubt, "\n")).replace("\r\n", "")


@pytest.mark.asyncio
async def test_completions_wait_meanwhile(bench: Any) -> None:  # noqa: ANN401 -- the fixture
    """They would withdraw it."""
    doubt = await accepted(bench)
    bench.engine.open.clear()
    bench.engine.script.append(", y): pass")
    work = asyncio.ensure_future(bench.taker.take("a", doubt, "x"))
    await asyncio.sleep(0.01)
    assert (await bench.ask(0)).silence is Silence.SUPERSEDED
    bench.engine.open.set()
    assert (await work).silence is None
