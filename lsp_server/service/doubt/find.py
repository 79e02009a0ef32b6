"""From an engine's fill to the doubtful tokens of what is shown of it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from lsp_server.core.types import Doubt, Span
from lsp_server.engine.protocol import Piece

SURE = 24
"""Characters, blanks aside, by which a text's beginning is known again in its fill."""


@dataclass(frozen=True, slots=True)
class _Solid:
    """A text without its white space: the characters, and where each of them stands in it."""

    characters: str
    places: tuple[int, ...]

    @classmethod
    def of(cls, text: str) -> _Solid:
        places = tuple(place for place, character in enumerate(text) if not character.isspace())
        return cls("".join(text[place] for place in places), places)


def doubts_in(pieces: Sequence[Piece], text: str, *, head: int = 0) -> tuple[Doubt, ...]:
    """The doubtful tokens of `text`, which was made of `pieces` less their first `head` characters.

    What is made of a fill changes its white space and its ends only: it is indented, gets other line
    ends, is cut, and closed. So tokens are found again by their other characters; tokens that have none
    are not shown.
    """
    left = [piece for piece in _behind(pieces, head) if piece.text]
    _, shown, start, common = _matched(left, text)
    sizes = [len(_Solid.of(piece.text).characters) for piece in left]
    found: list[Doubt] = []
    for piece, size, at in zip(left, sizes, accumulate(sizes, initial=-start), strict=False):
        if piece.alternatives and size and at >= 0 and at + size <= common:
            span = Span(shown.places[at], shown.places[at + size - 1] + 1)
            if doubt := _doubt(piece, text, span):
                found.append(doubt)
    return tuple(found)


def place_in_fill(pieces: Sequence[Piece], text: str, span: Span, *, head: int = 0) -> Span | None:
    """Where `span` of `text` stands in the text of the pieces it was made of.

    None if it is all white space, or not theirs.
    """
    left = [piece for piece in _behind(pieces, head) if piece.text]
    fill, shown, start, common = _matched(left, text)
    first, end = bisect_left(shown.places, span.start), bisect_left(shown.places, span.end)
    if not first < end <= common:
        return None
    return Span(head + fill.places[start + first], head + fill.places[start + end - 1] + 1)


def behind(doubts: Iterable[Doubt], length: int) -> tuple[Doubt, ...]:
    """The doubts of a text without its first `length` characters."""
    return tuple(doubt.shifted(-length) for doubt in doubts if doubt.whole.start >= length)


def _matched(pieces: Sequence[Piece], text: str) -> tuple[_Solid, _Solid, int, int]:
    """Fill and text, where the text starts in the fill, and how many characters they have in common there."""
    fill, shown = _Solid.of("".join(piece.text for piece in pieces)), _Solid.of(text)
    start = max(0, fill.characters.find(shown.characters[:SURE]))
    return fill, shown, start, _common(fill.characters[start:], shown.characters)


def _behind(pieces: Sequence[Piece], head: int) -> Iterator[Piece]:
    for piece in pieces:
        yield piece.behind(head)
        head = max(0, head - len(piece.text))


def _common(one: str, other: str) -> int:
    pairs = zip(one, other, strict=False)
    return next((at for at, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


def _doubt(piece: Piece, text: str, span: Span) -> Doubt | None:
    """The doubt about a token that stands at `span`, less its white space; None if nothing is left to choose.

    Where other white space stands before it than the token has, alternatives keep what stands there.
    """
    blank = piece.text[: len(piece.text) - len(piece.text.lstrip())]
    alternatives = piece.alternatives
    if not text.endswith(blank, 0, span.start):
        alternatives = tuple(
            replace(each, text=each.text[len(blank) :])
            for each in piece.alternatives
            if each.text.startswith(blank)
        )
        blank = ""
    present = text[span.start : span.end]
    kept = tuple(each for each in alternatives if each.text and each.text.strip() != present)
    if not kept:
        return None
    return Doubt(span, len(text), piece.confidence, kept, lead=len(blank))
