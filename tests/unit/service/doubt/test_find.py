"""Doubtful tokens found again in what is shown of a fill."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.core.types import Alternative, Doubt, Span
from lsp_server.engine.protocol import Piece
from lsp_server.service.doubt.find import behind, doubts_in, place_in_fill

PIECES = (
    Piece("return", 0.9),
    Piece(" total", 0.4, alternatives=(Alternative(" sum", 0.3), Alternative("(", 0.1))),
    Piece("\n    ", 0.3, alternatives=(Alternative(" ", 0.2),)),
    Piece("done", 0.3, alternatives=(Alternative("end", 0.3),)),
    Piece("()\n", 0.4, alternatives=(Alternative("(1)", 0.3),)),
)
FILL = "".join(piece.text for piece in PIECES)


def told(text: str, **more: int) -> list[tuple[str, str, list[str]]]:
    """What is underlined, the whole token, its alternatives."""
    doubts = doubts_in(PIECES, text, **more)
    for doubt in doubts:
        assert doubt.end == len(text)
    return [
        (
            text[doubt.span.start : doubt.span.end],
            text[doubt.whole.start : doubt.whole.end],
            [each.text for each in doubt.alternatives],
        )
        for doubt in doubts
    ]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (FILL, ["total", "done", "()"]),
        (FILL.replace("\n", "\r\n"), ["total", "done", "()"]),
        ("        return total\n            done()", ["total", "done", "()"]),
        ("return total\n    done", ["total", "done"]),
        ("return tot", []),
        ("return total]", ["total"]),
        ("total\n    done()", ["total", "done", "()"]),
        ("something else", []),
        ("", []),
    ],
    ids=[
        "as is",
        "CRLF",
        "indented",
        "cut",
        "within a token",
        "closed",
        "its start dropped",
        "other",
        "nothing",
    ],
)
def test_tokens_are_found_by_what_is_not_white_space(text: str, shown: list[str]) -> None:
    """Indenting, other line ends, cutting and closing leave them; those of white space are not shown."""
    assert [span for span, _, _ in told(text)] == shown


def test_a_token_keeps_its_white_space_where_that_still_stands() -> None:
    """Elsewhere its alternatives do without, and those with other white space are none."""
    assert told("return total")[0] == ("total", " total", [" sum", "("])
    assert told("return\ttotal")[0] == ("total", "total", ["sum"])


def test_what_is_locked_before_is_left_out() -> None:
    """A head that ends inside a token leaves its alternatives that begin alike."""
    assert told("tal\n    done()", head=len("return to")) == [
        ("done", "done", ["end"]),
        ("()", "()", ["(1)"]),
    ]


@given(st.text(alphabet="ab \n", max_size=12), st.lists(st.text(alphabet="ab \n", max_size=3), max_size=6))
def test_whatever_is_found_stands_in_the_text(text: str, parts: list[str]) -> None:
    """Spans are inside, in order, and hold the token's own characters."""
    pieces = [Piece(part, 0.1, alternatives=(Alternative("zz", 0.2),)) for part in parts]
    spans = [doubt.span for doubt in doubts_in(pieces, text)]
    assert spans == sorted(spans)
    assert all(text[span.start : span.end].strip() for span in spans)
    solid = {"".join(part.split()) for part in parts}
    assert all("".join(text[span.start : span.end].split()) in solid for span in spans)


def test_doubts_behind_a_place() -> None:
    """Those of tokens that begin before it are gone, the others moved."""
    doubts = doubts_in(PIECES, FILL)
    assert [FILL[7:][each.span.start : each.span.end] for each in behind(doubts, 7)] == ["done", "()"]
    assert behind(doubts, 0) == doubts
    assert all(isinstance(each, Doubt) for each in doubts)


@pytest.mark.parametrize(
    ("text", "span", "place"),
    [
        ("foo( bar)", Span(0, 3), "foo"),
        ("foo( bar)", Span(4, 8), "bar"),
        ("foo( bar)", Span(3, 5), "("),
        ("foo( bar)", Span(4, 5), None),
        ("foo(\r\n  bar)", Span(8, 11), "bar"),
        ("foo( baz)", Span(5, 8), None),
        ("bar)", Span(0, 3), "bar"),
    ],
)
def test_a_part_of_the_text_is_found_in_its_fill(text: str, span: Span, place: str | None) -> None:
    """Whatever became of its white space and ends; not what the fill does not have."""
    pieces = [Piece("  x", 1.0, locked=True), Piece("foo", 0.5), Piece("( bar", 0.5), Piece(")", 0.5)]
    whole = "".join(piece.text for piece in pieces)
    found = place_in_fill(pieces, text, span, head=3)
    assert (whole[found.start : found.end] if found else None) == place
