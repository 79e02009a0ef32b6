from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import pytest

from lsp_server.core.edits import apply_together
from lsp_server.core.errors import BadInput, EngineFailed, EngineUnavailable, ModelMissing
from lsp_server.core.types import Alternative, Edit, FillFigures, Rewrite, Silence, Span
from lsp_server.engine.protocol import Candidate, Decode, FillResult, HoleFill, Piece, Stop
from lsp_server.service.plan import PRESET
from lsp_server.service.wish import Wish

CODE = "import os\n\n\ndef f(a):\n    b = a\n    return b\n\n\nx = 1\n"
BODY = Span(CODE.index("b = a"), CODE.index("return b") + 8)

if TYPE_CHECKING:
    from tests.unit.service.conftest import Bench

Settled = Callable[[], Awaitable[None]]


async def run(bench: Bench, text: str, action: str, span: Span, **options: object) -> Rewrite:
    document = bench.documents.get("a") or bench.open(text)
    named = {name: options.pop(name) for name in list(options) if name in Wish.__slots__}
    return await bench.rewriter.run(action, document, span, Wish(**named), **options)


def result(rewrite: Rewrite) -> str:
    return apply_together(rewrite.document.text, rewrite.edits)


@pytest.mark.parametrize(
    ("text", "span", "titles"),
    [
        ("", Span(0, 0), []),
        ("x = 1\n", Span(0, 0), []),
        ("x = 1\n", Span(0, 5), ["Rewrite with Remask"]),
        ("  \n", Span(0, 2), []),
        (CODE, Span(BODY.start, BODY.start), ["Fill this body"]),
        (CODE, BODY, ["Rewrite with Remask", "Fill this body"]),
        ("def f():\n    ...\n\ny = 2\n", Span(18, 18), ["Fill holes"]),
        ("def f():\n    ...\n\ny = 2\n", Span(18, 23), ["Rewrite with Remask"]),
        ("def f():\n    ...\n", Span(0, 17), ["Rewrite with Remask", "Fill holes"]),
        ("x = 1\n", Span(0, 99), []),
        ("a\0b\n", Span(0, 3), []),
    ],
)
def test_what_is_offered(bench: Bench, text: str, span: Span, titles: list[str]) -> None:
    """Each place offers what makes sense there, without asking the model."""
    actions = bench.rewriter.actions(bench.open(text), span)
    assert [action.title for action in actions] == titles
    assert {action.span for action in actions} <= {span}
    assert bench.engine.requests == []


def test_nothing_is_offered_where_it_is_turned_off(bench: Bench) -> None:
    """Secrets and languages turned off get no actions."""
    document = bench.open(CODE)
    bench.excluded = Silence.PRIVATE_FILE
    assert bench.rewriter.actions(document, BODY) == ()
    bench.excluded = Silence.IGNORED_FILE
    assert bench.rewriter.actions(document, BODY) != ()


@pytest.mark.asyncio
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
async def test_a_rewrite_touches_only_what_changes(bench: Bench, newline: str) -> None:
    """The answer is one edit for the changed line; the engine was told the instruction and waited for."""
    text = CODE.replace("\n", newline)
    bench.engine.script = ["c = a\n    return b"]
    start = text.index("b = a")
    rewrite = await run(
        bench, text, "rewrite", Span(start, text.index("return b") + 8), instruction="Rename."
    )
    assert result(rewrite) == text.replace("b = a", "c = a")
    assert len(rewrite.edits) == 1
    assert rewrite.figures.forwards == 3
    (request,) = bench.engine.requests
    assert request.instruction == "Rename."
    assert request.text == CODE
    assert bench.engine.waits == [True]


@pytest.mark.asyncio
async def test_a_rewrite_without_words_simplifies(bench: Bench) -> None:
    """The preset is used when nothing is said."""
    bench.engine.script = ["return a"]
    rewrite = await run(bench, CODE, "rewrite", BODY)
    assert bench.engine.requests[0].instruction == PRESET
    assert result(rewrite) == CODE.replace("b = a\n    return b", "return a")


@pytest.mark.asyncio
async def test_a_seed_asks_for_another_rewrite(bench: Bench) -> None:
    """Without a seed the likeliest tokens are asked for; with one they are drawn."""
    bench.engine.script = ["return a", "return a  # b"]
    await run(bench, CODE, "rewrite", BODY)
    await run(bench, CODE, "rewrite", BODY, seed=1)
    first, second = (request.sampling.temperature for request in bench.engine.requests)
    assert first == 0
    assert second > 0


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("second", "silence", "requests"),
    [("return a", None, 2), ("return )", Silence.BREAKS_SYNTAX, 3)],
)
async def test_a_broken_rewrite_is_asked_for_again(
    bench: Bench, second: str, silence: Silence | None, requests: int
) -> None:
    """A rewrite that breaks the syntax is drawn again with other seeds, and then given up."""
    bench.engine.script = ["return (a", second, "return ]"]
    rewrite = await run(bench, CODE, "rewrite", BODY)
    assert rewrite.silence is silence
    assert len(bench.engine.requests) == requests
    again = bench.engine.requests[1]
    assert (again.sampling.seed, again.holes[0].avoid) == (1, ("return (a",))
    assert again.sampling.temperature > bench.engine.requests[0].sampling.temperature
    assert rewrite.figures.tokens == 5 * requests


@pytest.mark.asyncio
@pytest.mark.parametrize("stop", [Stop.LENGTH, Stop.BUDGET])
async def test_an_unfinished_rewrite_deletes_nothing(bench: Bench, stop: Stop) -> None:
    """A rewrite that was cut short is an error, never a document with its end missing."""
    bench.engine.stop = stop
    bench.engine.script = ["b = a", "b = a"]
    with pytest.raises(EngineFailed):
        await run(bench, CODE, "rewrite", BODY)


@pytest.mark.asyncio
async def test_an_identical_rewrite_is_silence(bench: Bench) -> None:
    """Changing nothing is said to be so."""
    bench.engine.script = ["b = a\n    return b\n"] * 3
    assert (await run(bench, CODE, "rewrite", BODY)).silence is Silence.NOTHING_TO_CHANGE


@pytest.mark.asyncio
@pytest.mark.parametrize("error", [EngineUnavailable("no"), ModelMissing("no"), EngineFailed("no")])
async def test_engine_troubles_reach_the_caller(bench: Bench, error: Exception) -> None:
    """Who asked for a rewrite is told why there is none."""
    bench.engine.script = [error]
    with pytest.raises(type(error)):
        await run(bench, CODE, "rewrite", BODY)
    assert not bench.board.current.busy


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("action", "span"), [("rewrite", Span(0, 999)), ("dance", Span(0, 1)), ("rewrite", Span(10, 11))]
)
async def test_requests_that_make_no_sense(bench: Bench, action: str, span: Span) -> None:
    """An unknown action, a span outside the text and an empty selection are refused."""
    with pytest.raises(BadInput):
        await run(bench, CODE, action, span)


@pytest.mark.asyncio
async def test_secrets_are_not_rewritten(bench: Bench) -> None:
    """A private file is not sent to an engine even when asked for."""
    bench.excluded = Silence.PRIVATE_FILE
    assert (await run(bench, CODE, "rewrite", BODY)).silence is Silence.PRIVATE_FILE
    assert bench.engine.requests == []


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("edit", "silence"),
    [
        (Edit(Span(0, 9), "import sys, os"), None),
        (Edit(Span(len(CODE), len(CODE)), "y = 2\n"), None),
        (Edit(Span(BODY.start + 1, BODY.start + 2), ""), Silence.STALE),
        (Edit(Span(0, len(CODE)), CODE), Silence.STALE),
    ],
)
async def test_changes_made_meanwhile(
    bench: Bench, settled: Settled, edit: Edit, silence: Silence | None
) -> None:
    """A change elsewhere moves the edits; one that touches the selection makes the answer void."""
    bench.engine.open.clear()
    bench.engine.script = ["return a"]
    task = asyncio.create_task(run(bench, CODE, "rewrite", BODY))
    await settled()
    now = bench.documents.change("a", [edit], None)
    bench.engine.open.set()
    rewrite = await task
    assert rewrite.silence is silence
    assert rewrite.document == now
    if silence is None:
        assert result(rewrite) == now.text.replace("b = a\n    return b", "return a")


@pytest.mark.asyncio
async def test_a_body_is_filled_behind_its_docstring(bench: Bench) -> None:
    """The docstring stays, and the model continues behind it without an instruction."""
    text = 'def f(a):\n    """Twice a."""\n    pass\n\n\nx = 1\n'
    bench.engine.script = ["return 2 * a"]
    rewrite = await run(bench, text, "fill-body", Span(35, 35))
    assert result(rewrite) == text.replace("pass", "return 2 * a")
    (request,) = bench.engine.requests
    assert request.instruction is None
    assert "pass" not in request.text


@pytest.mark.asyncio
async def test_no_body_and_no_holes_are_silence(bench: Bench) -> None:
    """Where there is nothing to fill no request is made."""
    for action in ("fill-body", "fill-holes"):
        assert (await run(bench, "x = 1\n", action, Span(0, 0))).silence is Silence.NOT_HERE
    assert bench.engine.requests == []


HOLES = "def f(a):\n    ...\n\n\ndef g(a):\n    # remask: twice a\n    return ___\n"


@pytest.mark.asyncio
async def test_holes_are_filled_together(bench: Bench) -> None:
    """All holes go into one request; instructions stay as comments, markers go."""
    bench.engine.script = [("return a", "b = 2 * a", "b")]
    rewrite = await run(bench, HOLES, "fill-holes", Span(0, 0))
    assert result(rewrite) == (
        "def f(a):\n    return a\n\n\ndef g(a):\n    # twice a\n    b = 2 * a\n    return b\n"
    )
    (request,) = bench.engine.requests
    assert len(request.holes) == 3
    assert "___" not in request.text
    assert "# twice a\n" in request.text


@pytest.mark.asyncio
async def test_one_broken_hole_does_not_spoil_the_others(bench: Bench) -> None:
    """After two more tries the holes that break the syntax stay as they were."""
    broken = ("return a b", "b = 2 * a", "b")
    bench.engine.script = [broken, broken, broken]
    rewrite = await run(bench, HOLES, "fill-holes", Span(0, 0))
    assert result(rewrite) == (
        "def f(a):\n    ...\n\n\ndef g(a):\n    # twice a\n    b = 2 * a\n    return b\n"
    )
    assert len(bench.engine.requests) == 3


@pytest.mark.asyncio
async def test_broken_holes_are_filled_by_another_decode(bench: Bench) -> None:
    """First the other kind, then the same again, each avoiding what was rejected of its hole."""
    one, other, sound = (("return a b", "1", "b"), ("return a c", "1", "b"), ("return a", "1", "b"))
    bench.engine.script = [one, other, sound]
    rewrite = await run(bench, HOLES, "fill-holes", Span(0, 0))
    assert "return a\n" in result(rewrite)
    requests = bench.engine.requests
    assert [each.sampling.decode for each in requests] == [Decode.AUTO, Decode.CONFIDENCE, Decode.AUTO]
    assert [each.holes[0].avoid for each in requests] == [
        (),
        ("    return a b",),
        ("    return a b", "    return a c"),
    ]


@pytest.mark.asyncio
async def test_an_engine_with_no_other_answer_ends_the_tries(bench: Bench) -> None:
    """No more is asked, and what was sound in the first answer is kept."""
    bench.engine.script = [("return a b", "b = 2 * a", "b"), EngineFailed("nothing else")]
    rewrite = await run(bench, HOLES, "fill-holes", Span(0, 0))
    assert "b = 2 * a\n" in result(rewrite)
    assert len(bench.engine.requests) == 2


@pytest.mark.asyncio
async def test_frames_are_asked_for_by_who_watches(bench: Bench) -> None:
    """Denoising frames are streamed only to a watcher."""
    bench.engine.script = ["return a", "return a"]
    await run(bench, CODE, "rewrite", BODY, on_frame=lambda _: None)
    await run(bench, CODE, "rewrite", BODY)
    assert [request.frames for request in bench.engine.requests] == [True, False]


@pytest.mark.asyncio
async def test_what_was_accepted_is_seen_and_stays(bench: Bench) -> None:
    """A rewrite drawn anew is asked for with it in the text; what the answer makes of it does not count."""
    accepted = Edit(Span(CODE.index("b = a"), CODE.index("b = a") + 5), "c = a")
    bench.engine.script = ["c = a\n    return c"] * 3
    rewrite = await run(bench, CODE, "rewrite", BODY, instruction="Rename.", seed=1, kept=(accepted,))
    assert "c = a\n    return b" in bench.engine.requests[0].text
    assert [edit.text for edit in rewrite.edits] == ["    return c"]
    both = apply_together(CODE, (accepted, *rewrite.edits))
    assert both == CODE.replace("b = a\n    return b", "c = a\n    return c")
    bench.engine.script = ["d = a\n    return b"] * 3
    rewrite = await run(bench, CODE, "rewrite", BODY, instruction="Rename.", seed=2, kept=(accepted,))
    assert rewrite.silence is Silence.NOTHING_TO_CHANGE


@pytest.mark.asyncio
async def test_holes_are_told_before_they_are_filled(bench: Bench) -> None:
    """In the document that was asked about, also where an accepted edit moved them; frames are asked for."""
    accepted = Edit(Span(0, 9), "import os, sys")
    told: list[Span] = []
    bench.engine.script = ["return a"]
    await run(
        bench,
        CODE,
        "rewrite",
        BODY,
        kept=(accepted,),
        on_holes=lambda _, places: told.extend(place.span for place in places),
    )
    assert told == [Span(BODY.start - 4, BODY.end)]
    assert bench.engine.requests[0].frames


@pytest.mark.asyncio
async def test_doubtful_tokens_are_told_with_the_edits(bench: Bench) -> None:
    """Those of lines that changed, in offsets of the text that the edits lead to, also after typing above."""
    pieces = (
        Piece("def f(a):\n    b =", 0.9),
        Piece(" c", 0.4, alternatives=(Alternative(" d", 0.3),)),
        Piece("\n    return", 0.9),
        Piece(" b", 0.4, alternatives=(Alternative(" c", 0.3),)),
    )
    text = "".join(piece.text for piece in pieces)
    filled = HoleFill(text, Stop.END, pieces)
    bench.engine.script.append(FillResult((Candidate((filled,), 0.9),), FillFigures(), "stand-in"))
    bench.engine.during = lambda: bench.edit(0, 0, "# top\n")
    rewrite = await run(bench, CODE, "rewrite", Span(CODE.index("def"), BODY.end), instruction="c")
    after = result(rewrite)
    [doubt] = rewrite.doubts
    assert after[doubt.whole.start : doubt.whole.end] == " c"
    assert after[doubt.span.end : doubt.end] == ""
