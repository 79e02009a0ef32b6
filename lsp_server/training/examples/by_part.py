"""Holes that follow the syntax tree: what people write in one go.

Every function answers the span to be cut out, or None where there is none of its kind.
What is half typed before it is taken in later, as the server does.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from lsp_server.core.text import WINDOW, indent_width, line_start
from lsp_server.core.types import Span
from lsp_server.syntax.parts import Part
from lsp_server.training.examples.page import Page

LEAST_EXPRESSION = 3
"""Code points; shorter expressions are names."""
MOST_STATEMENTS = 10

_LINE_BREAK_TYPED = 0.6
"""How often a body is asked for on a line of its own, rather than behind what opens it."""
_ONLY_WORDS = 0.6
"""How often the marks of a comment or docstring are there already."""


def expression(page: Page, rng: random.Random) -> Span | None:
    """An expression, whole."""
    return _some([span for span in page.parts[Part.EXPRESSION] if len(span) >= LEAST_EXPRESSION], rng)


def arguments(page: Page, rng: random.Random) -> Span | None:
    """All between the brackets of a call or a function's head."""
    return _some(page.parts[Part.ARGUMENTS], rng)


def condition(page: Page, rng: random.Random) -> Span | None:
    """The condition of a branch or loop."""
    return _some(page.parts[Part.CONDITION], rng)


def body(page: Page, rng: random.Random) -> Span | None:
    """The body of a function, behind its docstring."""
    return _opened(page, _some(page.parts[Part.BODY], rng), rng)


def block(page: Page, rng: random.Random) -> Span | None:
    """What stands in a branch, loop or class."""
    return _opened(page, _some(page.parts[Part.BLOCK], rng), rng)


def statements(page: Page, rng: random.Random) -> Span | None:
    """Several statements in a row, of one block."""
    listed = page.parts[Part.STATEMENT]
    if not listed:
        return None
    at = rng.randrange(len(listed))
    first, end, left = listed[at], listed[at].end, rng.randint(1, MOST_STATEMENTS - 1)
    for following in listed[at + 1 :]:
        if following.start < end:
            continue
        if not left or not _siblings(page, first, end, following):
            break
        end, left = following.end, left - 1
    return Span(first.start, end)


def comment(page: Page, rng: random.Random) -> Span | None:
    """A comment or docstring: all of it, its words, or the rest of them."""
    if rng.random() > _ONLY_WORDS:
        return _some(_behind_head(page, Part.COMMENT), rng)
    words = _some(_behind_head(page, Part.WORDS), rng)
    if words is None or rng.random() < 0.5:
        return words
    return Span(rng.randrange(words.start, words.end), words.end)


def _some(spans: Sequence[Span], rng: random.Random) -> Span | None:
    return rng.choice(spans) if spans else None


def _behind_head(page: Page, part: Part) -> list[Span]:
    return [span for span in page.parts[part] if span.start >= page.head]


def _opened(page: Page, span: Span | None, rng: random.Random) -> Span | None:
    """`span`, or from the end of the line before it if it begins a line."""
    if span is None or rng.random() < _LINE_BREAK_TYPED:
        return span
    head = page.text[max(0, span.start - WINDOW) : span.start]
    blanks = len(head) - len(head.rstrip())
    return Span(span.start - blanks, span.end) if "\n" in head[len(head) - blanks :] else span


def _siblings(page: Page, first: Span, end: int, following: Span) -> bool:
    """Whether only blanks and comments part `following` from `end`, and it is as deep as `first`."""
    between = page.text[end : following.start].strip(" \t;")
    lines = [line.strip() for line in between.split("\n") if line.strip()]
    return all(line.startswith(page.language.comments) for line in lines) and _column(page, first) == _column(
        page, following
    )


def _column(page: Page, span: Span) -> int:
    return indent_width(page.text[line_start(page.text, span.start) : span.end])
