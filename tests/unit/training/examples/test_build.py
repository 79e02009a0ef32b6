"""Examples are laid out as the server and the engine lay their prompts out."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from lsp_server.context.gather import Context
from lsp_server.context.window import cut_window
from lsp_server.core.settings import Settings
from lsp_server.core.types import Document, Span
from lsp_server.engine.protocol import Snippet
from lsp_server.engine.runtime.families.fim import FimFamily
from lsp_server.engine.runtime.gaps import Gap, gaps_of
from lsp_server.service.prompt import Target, compose
from lsp_server.training.examples import mix
from lsp_server.training.examples.build import Room, closed, fill_example, healed, with_break
from lsp_server.training.examples.page import Page

ROOM = Room(40, 12)
SNIPPETS = (Snippet("shapes/base.py", "def scaled(value, factor):"),)


def served(
    page: Page, hole: Span, family: FimFamily, snippets: tuple[Snippet, ...]
) -> tuple[tuple[int, ...], int, str]:
    """The engine's context and last token with the hole's text not written yet, and what is half typed."""
    text = page.text[: hole.start] + page.text[hole.end :]
    document = Document("key", page.language.id, text, Path(page.document.path))
    head = hole.start - healed(page.text, hole).start
    at = Span(hole.start - head, hole.start)
    window = cut_window(text, at, prefix_tokens=ROOM.prefix, suffix_tokens=ROOM.suffix)
    target = Target(Span(hole.start, hole.start))
    prompt = compose(document, Context(window, snippets), [target])
    request = prompt.request(document, Settings(), budget_ms=1)
    (gap,) = gaps_of(request, request.holes[0])
    assert isinstance(gap, Gap)
    before = request.text[: request.holes[0].start]
    made = family.fim(before, request.text[gap.end :], path=request.path, snippets=request.snippets)
    return tuple(made.context), made.last, gap.typed


@pytest.mark.parametrize("snippets", [(), SNIPPETS], ids=["alone", "with snippets"])
@pytest.mark.parametrize("kind", mix.KINDS)
def test_as_the_server_asks(
    page_of: Callable[..., Page], family: FimFamily, kind: str, snippets: tuple[Snippet, ...]
) -> None:
    """A hole of any kind has the context that the engine is shown when it is asked to fill it."""
    page, seen = page_of("python"), 0
    for seed in range(30):
        hole = mix.KINDS[kind][1](page, random.Random(seed))
        if hole is None:
            continue
        example = fill_example(
            page, healed(page.text, hole), kind, family, room=ROOM, snippets=snippets, most=9999
        )
        if example is None:
            continue
        seen += 1
        context, last, typed = served(page, hole, family, snippets)
        assert (example.context, example.last) == (context, last)
        middle = family.vocabulary.decode(example.middle)
        assert middle == typed + page.text[hole.start : hole.end]
        assert example.end == family.vocabulary.special_id("<|endoftext|>")
    assert seen


def test_prefix_middle_and_suffix_make_the_text(page_of: Callable[..., Page], family: FimFamily) -> None:
    """With room for all of it, the pieces of an example are the document."""
    page = page_of("typescript")
    hole = healed(page.text, Span(90, 130))
    example = fill_example(page, hole, "x", family, room=Room(9999, 9999), most=9999)
    assert example is not None
    decode, suffix = family.vocabulary.decode, example.context.index(family.suffix)
    before, after = decode(example.context[1:suffix]), decode(example.context[suffix + 1 :])
    assert before + decode(example.middle) + after == page.text
    assert (example.kind, example.language) == ("x", "typescript")


@pytest.mark.parametrize(("most", "made"), [(0, False), (1, True)])
def test_too_long(page_of: Callable[..., Page], family: FimFamily, most: int, made: bool) -> None:
    """A middle with more tokens than allowed makes no example."""
    page = page_of("plaintext", "a b")
    assert (fill_example(page, Span(0, 1), "x", family, room=ROOM, most=most) is not None) is made


def test_blank(page_of: Callable[..., Page], family: FimFamily) -> None:
    """A hole with nothing in it makes no example."""
    assert fill_example(page_of("python"), Span(3, 3), "x", family, room=ROOM, most=9) is None


@pytest.mark.parametrize(
    ("language", "text", "middle", "expected"),
    [
        ("go", "func f() {\n\treturn 1\n}\n\nvar x", "return 1", "return 1\n}"),
        ("typescript", "f(() => {\n  g();\n});\n", "g();", "g();\n});"),
        ("lua", "if x then\n  y()\nend\n", "y()", "y()\nend"),
        ("python", "if x:\n    y()\nelse:\n    z()\n", "y()", "y()"),
        ("go", "func f() { return 1 }", "return 1", "return 1"),
    ],
)
def test_closed(page_of: Callable[..., Page], language: str, text: str, middle: str, expected: str) -> None:
    """Where nothing stands behind the hole yet, what closes the block belongs to it, on its own line."""
    at = text.index(middle)
    grown = closed(page_of(language, text), Span(at, at + len(middle)))
    assert text[grown.start : grown.end] == expected


@pytest.mark.parametrize(("end", "grown"), [(1, 2), (3, 3), (4, 4)])
def test_with_break(page_of: Callable[..., Page], end: int, grown: int) -> None:
    """A hole that ends its line takes the line break in; no other, and not at the end of the file."""
    assert with_break(page_of("plaintext", "a\nbc"), Span(0, end)) == Span(0, grown)


def test_rooms_differ() -> None:
    """Contexts are of mixed length: as the server's mostly, some much longer, some without a suffix."""
    rooms = [Room.drawn(random.Random(seed)) for seed in range(500)]
    assert {room.suffix for room in rooms} >= {0}
    assert max(room.prefix for room in rooms) > 1200
    assert 64 <= sorted(room.prefix for room in rooms)[len(rooms) // 2] <= 512
