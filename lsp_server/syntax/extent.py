"""How far a fill at a cursor may reach: the rest of the line, a statement, or a whole body."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from lsp_server.core.text import indent_width
from lsp_server.core.types import Span
from lsp_server.syntax.languages import Style
from lsp_server.syntax.lexer import without_comment
from lsp_server.syntax.parse import Parsed
from lsp_server.syntax.places import (
    Place,
    closes_block,
    in_comment_or_string,
    lacks_closer,
    opens_block,
    place_at,
)

STATEMENT_LINES = 6
"""Lines of a statement that goes on over several lines, at most."""

MultiLine = Literal["auto", "always", "never"]

_ONLY_PUNCTUATION = re.compile(r"[\s)\]}>\"'`;,:.?!]*$|\s*</[\w.:-]*>\s*$")
_BLOCK_WORD = re.compile(r"(?:\W|\b(?:do|then|else|begin|ensure|repeat|in))$", re.IGNORECASE)


class ExtentKind(StrEnum):
    """What a fill completes."""

    REST_OF_LINE = "rest-of-line"
    LINE = "line"
    """A line of its own."""
    STATEMENT = "statement"
    """A statement of the block the cursor is in, with its own block if it has one."""
    BODY = "body"
    """The whole of an empty block."""
    NONE = "none"
    """Nothing sensible: the cursor stands inside a word."""


@dataclass(frozen=True, slots=True)
class Extent:
    """How far a fill may reach; the fields beside `kind` are those of `engine.protocol.Hole`.

    `max_lines` is None where only the user's own limit holds. `min_indent`
    is in columns, a tab counting as one.
    """

    kind: ExtentKind
    multi_line: bool = False
    max_lines: int | None = 1
    min_indent: int | None = None


def extent_at(parsed: Parsed, offset: int, *, multi_line: MultiLine = "auto") -> Extent:
    """What a fill at `offset` should complete.

    `multi_line`: "never" keeps every fill to one line, "always" allows several
    wherever no code stands right of the cursor.
    """
    offset = min(max(offset, 0), len(parsed.text))
    place = place_at(parsed, Span(offset, offset))
    if _inside_word(place):
        return Extent(ExtentKind.NONE)
    line = Extent(ExtentKind.LINE if place.on_blank_line else ExtentKind.REST_OF_LINE)
    if multi_line == "never" or not _ONLY_PUNCTUATION.match(place.rest):
        return line
    if in_comment_or_string(parsed, offset):
        return line
    found = _blank_line(parsed, place) if not place.prefix.strip() else _after_code(parsed, place)
    if found is None and multi_line == "always" and not place.rest.strip():
        return _statement(indent_width(place.prefix))
    return found or line


def _inside_word(place: Place) -> bool:
    before, after = place.prefix[-1:], place.rest[:1]
    return (before.isalnum() or before == "_") and (after.isalnum() or after == "_")


def _after_code(parsed: Parsed, place: Place) -> Extent | None:
    """The cursor stands behind code: only what opens a block asks for several lines."""
    code = place.prefix.rstrip()
    if not re.search(parsed.language.opener, without_comment(code, parsed.language)):
        return None
    if parsed.language.style is Style.END and not _BLOCK_WORD.search(code):
        return None
    right = place.rest.strip()
    if right and not (code[-1] in "{>" and right[0] in "}<"):
        return None
    if place.prefix[-1].isspace() and (right or parsed.language.style is Style.INDENT):
        return None
    return _block(parsed, place, code)


def _blank_line(parsed: Parsed, place: Place) -> Extent | None:
    """The cursor stands on a line with nothing left of it."""
    if place.rest.strip() or parsed.language.prose:
        return None
    column, above, below = indent_width(place.prefix), indent_width(place.above), place.below[:1]
    closed = bool(below) and closes_block(parsed, below[0])
    if opens_block(parsed, place.above) and (column > above or column == 0 or closed):
        return _block(parsed, place, place.above)
    if column == 0 and below:
        column = above if closed else min(above, indent_width(below[0]))
    return _statement(column) if column else None


def _block(parsed: Parsed, place: Place, opener: str) -> Extent:
    """Inside the block that the line `opener` begins: all of it if it is empty, else one statement more."""
    outer = indent_width(opener)
    following = indent_width(place.below[0]) if place.below else 0
    column = indent_width(place.prefix) if place.on_blank_line else 0
    if following > outer:
        return _statement(column if column > outer else following)
    if lacks_closer(parsed, place, opener):
        return Extent(ExtentKind.BODY, multi_line=True, max_lines=None, min_indent=outer)
    return Extent(ExtentKind.BODY, multi_line=True, max_lines=None, min_indent=max(column, outer + 1))


def _statement(column: int) -> Extent:
    return Extent(ExtentKind.STATEMENT, multi_line=True, max_lines=STATEMENT_LINES, min_indent=column)
