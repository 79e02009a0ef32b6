"""Places in files as people write them: `FILE:LINE[:COL]` and `FILE:START-END`, counted from 1."""

from __future__ import annotations

import re
from dataclasses import dataclass

import typer

from lsp_server.core.errors import BadInput
from lsp_server.core.types import Span

STDIN = "-"
CONTEXT = {"ignore_unknown_options": True}
"""For click, which takes `-:3` for an option."""
_CURSOR = re.compile(r"(?P<file>.+?):(?P<line>\d{1,9})(?::(?P<column>\d{1,9}))?", re.DOTALL)
_LINES = re.compile(r"(?P<file>.+?):(?P<first>\d{1,9})(?:-(?P<last>\d{1,9}))?", re.DOTALL)
_BREAK = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class CursorPlace:
    """A cursor before the character `column` of `line`; without `column` at the end of the line."""

    file: str
    line: int
    column: int | None


@dataclass(frozen=True, slots=True)
class LinesPlace:
    """The lines from `first` to `last`, both included; None: all of them."""

    file: str
    lines: tuple[int, int] | None


def parse_cursor(written: str) -> CursorPlace:
    """Read `FILE:LINE[:COL]`.

    Raises:
        typer.BadParameter: it is not of that form.
    """
    found = _CURSOR.fullmatch(written)
    if found is None or int(found["line"]) < 1 or (found["column"] and int(found["column"]) < 1):
        raise typer.BadParameter(f"{written!r} is not a place: write FILE:LINE or FILE:LINE:COL, from 1 on")
    return CursorPlace(found["file"], int(found["line"]), int(found["column"]) if found["column"] else None)


def parse_lines(written: str) -> LinesPlace:
    """Read `FILE:START-END`, `FILE:LINE`, or `-` alone.

    Raises:
        typer.BadParameter: it is none of these.
    """
    if written == STDIN:
        return LinesPlace(STDIN, None)
    found = _LINES.fullmatch(written)
    if found is None:
        raise typer.BadParameter(f"{written!r} are no lines: write FILE:START-END or FILE:LINE, from 1 on")
    first, last = int(found["first"]), int(found["last"] or found["first"])
    if not 1 <= first <= last:
        raise typer.BadParameter(f"there are no lines from {first} to {last}: they count from 1 upwards")
    return LinesPlace(found["file"], (first, last))


def offset_of(text: str, place: CursorPlace) -> int:
    """Where the cursor is in `text`.

    Raises:
        BadInput: there is no such line or column.
    """
    span = _line(text, place.line, place.file)
    if place.column is None:
        return span.end
    if place.column > len(span) + 1:
        raise BadInput(f"line {place.line} of {place.file} has {_count(len(span), 'character')}")
    return span.start + place.column - 1


def span_of(text: str, place: LinesPlace) -> Span:
    """The lines in `text`, without the last one's line break.

    Raises:
        BadInput: there is no such line.
    """
    if place.lines is None:
        return Span(0, len(text))
    first, last = place.lines
    return Span(_line(text, first, place.file).start, _line(text, last, place.file).end)


def _line(text: str, number: int, file: str) -> Span:
    """The line of this number without its line break. The empty one behind the last line break counts."""
    start = 0
    for count, found in enumerate(_BREAK.finditer(text), 1):
        if count == number:
            return Span(start, found.start())
        start = found.end()
    breaks = len(_BREAK.findall(text))
    if number != breaks + 1:
        shown = "the standard input" if file == STDIN else file
        lines = breaks + (start < len(text))
        raise BadInput(f"there is no line {number} in {shown}: it has {_count(lines, 'line')}")
    return Span(start, len(text))


def _count(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"
