"""Cutting the part of a document that the model is shown around a hole."""

from __future__ import annotations

from dataclasses import dataclass

from lsp_server.context.tokens import chars_in
from lsp_server.core.types import Span

STEPS = (16, 8, 4, 2, 1)
"""The window's first line has a number divisible by one of these, the first that can be had."""


@dataclass(frozen=True, slots=True)
class Window:
    """A part of a document: ``text == document.text[start : start + len(text)]``."""

    text: str
    start: int


def cut_window(text: str, span: Span, *, prefix_tokens: int, suffix_tokens: int) -> Window:
    """What of `text` to show around `span`: all of the span and about so many tokens on either side.

    The start moves in steps, so that the window begins with the same text over
    many keystrokes and the engine's cache of it stays good. For that up to a
    third of the prefix is given up. Both ends lie between lines where lines are
    short enough, and never inside a CRLF or a surrogate pair.

    Raises:
        ValueError: the span leaves the text.
    """
    if span.end > len(text):
        raise ValueError(f"the span ends at {span.end}, the text at {len(text)}")
    start = _start(text, span.start, chars_in(prefix_tokens))
    end = _end(text, span.end, chars_in(suffix_tokens))
    return Window(text[start:end], start)


def _start(text: str, at: int, room: int) -> int:
    floor = at - room
    if floor <= 0 or room == 0:
        return max(floor, 0)
    lines = _line_starts(text, floor, at - (2 * room) // 3)
    number = text.count("\n", 0, lines[0]) if lines else 0
    for step in STEPS:
        aligned = -number % step
        if aligned < len(lines):
            return lines[aligned]
    return _start_in_line(text, floor, max(1, room // 4))


def _line_starts(text: str, low: int, high: int) -> list[int]:
    """Where lines begin in ``[low, high]``."""
    starts: list[int] = []
    at = text.find("\n", low - 1, high)
    while at >= 0:
        starts.append(at + 1)
        at = text.find("\n", at + 1, high)
    return starts


def _start_in_line(text: str, floor: int, step: int) -> int:
    """The first place not before `floor` that lies whole steps behind its line's start."""
    line = text.rfind("\n", 0, floor) + 1
    start = floor + (line - floor) % step
    return start + 1 if _splits_pair(text, start) else start


def _end(text: str, at: int, room: int) -> int:
    ceiling = at + room
    if ceiling >= len(text) or room == 0:
        return min(ceiling, len(text))
    line = text.rfind("\n", at + room // 2, ceiling) + 1
    if line:
        return line
    return ceiling - 1 if _splits_pair(text, ceiling) else ceiling


def _splits_pair(text: str, at: int) -> bool:
    if not 0 < at < len(text):
        return False
    before, after = text[at - 1], text[at]
    surrogates = "\ud800" <= before <= "\udbff" and "\udc00" <= after <= "\udfff"
    return surrogates or (before == "\r" and after == "\n")
