"""Cutting long selections."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from lsp_server.core.types import Span
from lsp_server.syntax.languages import language_for
from lsp_server.syntax.parse import parse
from lsp_server.syntax.portions import MOST_PARTS, parts_of

FUNCTION = "def f(a):\n    b = a\n    return b\n\n\n"


def parts(text: str, most: int) -> list[str]:
    parsed = parse(text, language_for("python"))
    return [text[span.start : span.end] for span in parts_of(parsed, Span(0, len(text)), most)]


def test_neighbours_share_a_part() -> None:
    """As many whole statements as fit; what is short enough is one part."""
    text = FUNCTION * 4
    assert parts(text, len(text)) == [text]
    assert parts(text, 2 * len(FUNCTION)) == [(FUNCTION * 2).rstrip()] * 2


def test_a_long_statement_is_cut_inside() -> None:
    """The methods of a class that is too long, with their indentation."""
    text = "class A:\n" + "".join(f"    def f{n}(self):\n        return {n}\n\n" for n in range(4))
    found = parts(text, 45)
    assert found == [f"    def f{n}(self):\n        return {n}" for n in range(4)]


def test_what_cannot_be_cut() -> None:
    """A statement that is too long by itself, and far too many parts, are nothing."""
    assert parts("x = [" + "1, " * 100 + "]\n", 50) == []
    assert parts(FUNCTION * (MOST_PARTS + 1), len(FUNCTION)) == []


@given(
    st.lists(st.sampled_from([FUNCTION, "x = 1\n", "# c\n", "\n", "x = 1; y = 2\n"]), max_size=20),
    st.integers(10, 90),
)
def test_parts_are_in_order_and_short(pieces: list[str], most: int) -> None:
    """None is longer than allowed, none overlaps another, and each is a part of the text."""
    text = "".join(pieces)
    spans = parts_of(parse(text, language_for("python")), Span(0, len(text)), most)
    assert all(len(span) <= most for span in spans) or len(text) <= most
    assert all(one.end <= other.start for one, other in pairwise(spans))
