from __future__ import annotations

import pytest

from lsp_server.context.gather import Gatherer
from lsp_server.core.edits import apply_together
from lsp_server.core.types import Document, Edit, Silence, Span
from lsp_server.service.across.edited import Together
from lsp_server.service.across.holes import HolesTogether
from lsp_server.service.across.order import in_order, places
from lsp_server.service.documents import Documents
from lsp_server.service.rewrite import Rewriter
from lsp_server.syntax.languages import language_for
from lsp_server.syntax.parse import parse
from tests.unit.service.conftest import Bench, WholeText

DEFINITION = "def draw(shape, ___):\n    print(shape)\n"
CALLS = "from shapes import draw\n\n\ndef show(box, colour):\n    draw(box, ___)\n"


def holes(bench: Bench) -> HolesTogether:
    def make(gatherer: Gatherer) -> Rewriter:
        return Rewriter(
            documents=Documents(),
            gate=bench.gate,
            gatherer=gatherer,
            engine=bench.engine,
            board=bench.board,
            settings_for=lambda _: bench.settings,
            clock=bench.clock,
        )

    return HolesTogether(
        documents=bench.documents,
        gatherer=WholeText(),  # type: ignore[arg-type]
        make=make,
        named=lambda document: f"{document.key}.py",
    )


def texts(together: Together) -> dict[str, str]:
    return {each.document.key: apply_together(each.document.text, each.edits) for each in together.edited}


def order(*given: tuple[str, str]) -> list[tuple[str, int]]:
    found = []
    for key, text in given:
        document = Document(key, "python", text)
        found += places(document, parse(text, language_for("python")))
    return [(each.document.key, each.span.start) for each in in_order(found)]


def test_what_defines_comes_before_what_uses() -> None:
    """Whatever the order of the documents, and within one; without a reason they stay as they are."""
    use, made = ("use", CALLS), ("shapes", DEFINITION)
    assert [key for key, _ in order(use, made)] == ["shapes", "use"]
    one = "def a():\n    ...\n\n\ndef b():\n    ...\n"
    assert [start for _, start in order(("one", one))] == sorted(start for _, start in order(("one", one)))
    below = "draw(1, ___)\n\n\ndef draw(shape, ___):\n    print(1)\n"
    assert [start for _, start in order(("one", below))] == [below.rindex("___"), below.index("___")]


@pytest.mark.asyncio
async def test_a_call_is_shown_what_it_calls(bench: Bench) -> None:
    """Also where the function itself has no hole; only of documents that are filled together."""
    use = bench.open(CALLS, key="use")
    made = bench.open("def draw(shape, colour):\n    print(shape)\n", key="shapes")
    bench.engine.script = ["colour", "colour"]
    for group, shown in (([use], False), ([use, made], True)):
        await holes(bench).fill(group)
        snippets = bench.engine.requests[-1].snippets
        assert any("def draw(shape, colour):" in each.text for each in snippets) == shown


def test_circles_are_cut() -> None:
    """Every hole comes once."""
    one = ("one", "from two import b\n\n\ndef a():\n    ...\n\n\nb(___)\n")
    two = ("two", "from one import a\n\n\ndef b():\n    ...\n\n\na(___)\n")
    assert len(set(order(one, two))) == len(order(one, two)) == 4


@pytest.mark.asyncio
async def test_fills_are_seen_in_other_documents(bench: Bench) -> None:
    """The call is filled behind the definition, which it is shown; one answer has both documents."""
    use, made = bench.open(CALLS, key="use"), bench.open(DEFINITION, key="shapes")
    bench.engine.script = ["colour", "colour"]
    together = await holes(bench).fill([use, made])
    assert texts(together) == {
        "shapes": DEFINITION.replace("___", "colour"),
        "use": CALLS.replace("___", "colour"),
    }
    first, second = bench.engine.requests
    assert "draw(box, ___)" not in first.text
    assert [(each.path, each.text) for each in second.snippets] == [
        ("shapes.py", "def draw(shape, colour):\n    print(shape)")
    ]


@pytest.mark.asyncio
async def test_holes_of_one_document_see_each_other_wherever_they_are(bench: Bench) -> None:
    """Also those too far apart for one request."""
    far = "x = 1\n" * 2000
    document = bench.open(f"def draw(___):\n    print(1)\n{far}draw(___)\n")
    bench.engine.script = ["shape", "box"]
    together = await holes(bench).fill([document])
    assert "def draw(shape):" in bench.engine.requests[1].text
    assert texts(together)["a"].endswith("draw(box)\n")


@pytest.mark.asyncio
async def test_all_or_nothing(bench: Bench) -> None:
    """A change at one of the holes meanwhile refuses the whole; one elsewhere does not."""
    use, made = bench.open(CALLS, key="use"), bench.open(DEFINITION, key="shapes")
    at = CALLS.index("___")
    bench.engine.script = ["colour", "colour"]
    bench.engine.during = lambda: bench.edit(0, 0, "#\n", key="use") and None
    together = await holes(bench).fill([use, made])
    assert together.silence is None
    bench.engine.script = ["colour", "colour"]
    use = bench.open(CALLS, key="use")

    def touch() -> None:
        bench.engine.during = lambda: None
        bench.documents.change("use", [Edit(Span(at, at + 3), "red")], None)

    bench.engine.during = touch
    together = await holes(bench).fill([use, made])
    assert (together.edited, together.silence) == ((), Silence.STALE)


@pytest.mark.asyncio
async def test_no_holes_and_what_cannot_be_filled(bench: Bench) -> None:
    """Nothing is asked without a hole; one that stays is said."""
    assert (await holes(bench).fill([bench.open("x = 1\n")])).silence is Silence.NOT_HERE
    bench.engine.anything = [""]
    document = bench.open("x = ___\n")
    together = await holes(bench).fill([document])
    assert together.silence is Silence.NOTHING_TO_CHANGE
    assert [(left.document, left.line) for left in together.left] == [(document, 1)]
