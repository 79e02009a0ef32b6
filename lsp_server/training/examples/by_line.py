"""Holes that follow lines and characters; they need no tree.

Every function answers the span to be cut out, or None where there is none of its kind.
What is half typed before it is taken in later, as the server does.
"""

from __future__ import annotations

import random
import re

from lsp_server.core.text import indent_width
from lsp_server.core.types import Span
from lsp_server.training.examples.page import Page

MOST_LINES = 10
LONGEST_SPAN = 320
"""Code points of a random span."""

_CLOSERS = re.compile(r"[)\]}>\"'`;,:]+$")
_WORD = re.compile(r"[^\W\d]\w+")
_AUTO_CLOSED = 0.25
"""How often what an editor closes by itself stands behind the cursor."""


def rest_of_line(page: Page, rng: random.Random) -> Span | None:
    """From between two words of a line to its end."""
    number = page.some_line(rng)
    if number is None:
        return None
    line, start = page.line(number).rstrip(), page.lines[number].start
    places = [
        at
        for at in range(indent_width(line) + 1, len(line))
        if not (_in_word(line, at) or line[at].isspace())
    ]
    if not places:
        return None
    at = rng.choice(places)
    if line[at - 1].isspace() and rng.random() < 0.5:
        at -= 1
    return Span(start + at, start + _line_stop(line, at, rng))


def half_word(page: Page, rng: random.Random) -> Span | None:
    """From inside a word to the word's end or the line's."""
    number = page.some_line(rng)
    words = list(_WORD.finditer(page.line(number))) if number is not None else []
    if number is None or not words:
        return None
    word, start = rng.choice(words), page.lines[number].start
    at = rng.randrange(word.start() + 1, word.end())
    line = page.line(number).rstrip()
    stop = word.end() if rng.random() < 0.3 else _line_stop(line, at, rng)
    return Span(start + at, start + stop)


def whole_line(page: Page, rng: random.Random) -> Span | None:
    """One line, with its indentation."""
    number = page.some_line(rng)
    if number is None:
        return None
    span = page.lines[number]
    return Span(span.start, span.start + len(page.line(number).rstrip()))


def several_lines(page: Page, rng: random.Random) -> Span | None:
    """From the start of a line to the end of one below."""
    number = page.some_line(rng)
    last = _last(page, number, rng) if number is not None else None
    if number is None or last is None or last == number:
        return None
    return Span(page.lines[number].start, page.lines[last].end)


def lines_below(page: Page, rng: random.Random) -> Span | None:
    """From the end of a line that says something to the end of one below."""
    number = page.some_line(rng)
    last = _last(page, number + 1, rng) if number is not None else None
    if number is None or last is None:
        return None
    return Span(page.lines[number].start + len(page.line(number).rstrip()), page.lines[last].end)


def nothing(page: Page, rng: random.Random) -> Span | None:
    """The end of a line that is complete: there is nothing to write but what is typed."""
    number = page.some_line(rng)
    if number is None:
        return None
    end = page.lines[number].start + len(page.line(number).rstrip())
    return Span(end, end)


def random_span(page: Page, rng: random.Random) -> Span | None:
    """From anywhere to anywhere, through words and lines; short spans are as likely as long ones."""
    number = page.some_line(rng)
    if number is None:
        return None
    line = page.lines[number]
    start = rng.randrange(line.start, line.end)
    length = round(2 ** rng.uniform(1, LONGEST_SPAN.bit_length()))
    return Span(start, min(start + length, len(page.text)))


def _in_word(line: str, at: int) -> bool:
    return _wordy(line[at - 1]) and _wordy(line[at])


def _wordy(char: str) -> bool:
    return char.isalnum() or char == "_"


def _line_stop(line: str, at: int, rng: random.Random) -> int:
    """The line's end, or before the closing signs that an editor has put there."""
    closed = _CLOSERS.search(line, at)
    if closed and closed.start() > at and rng.random() < _AUTO_CLOSED:
        return rng.randint(closed.start(), len(line) - 1)
    return len(line)


def _last(page: Page, first: int, rng: random.Random) -> int | None:
    """The last of some lines that begin with `first`: one that is not blank, if there is any."""
    last = min(first + rng.randint(1, MOST_LINES - 1), len(page.lines) - 1)
    while last >= first and not page.line(last).strip():
        last -= 1
    return last if last >= first else None
