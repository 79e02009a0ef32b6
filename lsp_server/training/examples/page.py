"""A document opened to choose holes in it."""

from __future__ import annotations

import random
from functools import cached_property
from typing import Protocol

from lsp_server.core.text import plain_newlines
from lsp_server.core.types import Span
from lsp_server.syntax.languages import language_for
from lsp_server.syntax.parse import parse

LONGEST_LINE = 400
"""Code points; longer lines are data."""
_TRIES = 12


class Source(Protocol):
    """A file of the corpus: its text, LSP language id, path within its package, and the package's name."""

    @property
    def text(self) -> str:
        """The file's content."""

    @property
    def language(self) -> str:
        """The LSP language id."""

    @property
    def path(self) -> str:
        """Where the file lies in its package."""

    @property
    def package(self) -> str:
        """What the file belongs to."""


class Page:
    """The text of one document as the server would have it, with its lines and its tree."""

    def __init__(self, document: Source) -> None:
        self.document = document
        self.text = plain_newlines(document.text)
        self.language = language_for(document.language)
        self.parsed = parse(self.text, self.language)

    @cached_property
    def lines(self) -> tuple[Span, ...]:
        """Every line without its line break."""
        spans, start = [], 0
        for line in self.text.split("\n"):
            spans.append(Span(start, start + len(line)))
            start += len(line) + 1
        return tuple(spans)

    def line(self, number: int) -> str:
        """The text of a line."""
        span = self.lines[number]
        return self.text[span.start : span.end]

    def some_line(self, rng: random.Random) -> int | None:
        """The number of a line somebody might write next: of code, more seldom of comment; or None."""
        for _ in range(_TRIES):
            number = rng.randrange(len(self.lines))
            line = self.line(number).strip()
            if not line or len(line) > LONGEST_LINE:
                continue
            if not self._is_comment(line) or rng.random() < 0.3:  # noqa: PLR2004 - comments are many, and dull
                return number
        return None

    def _is_comment(self, line: str) -> bool:
        return line.startswith((*self.language.comments, "*", "/*"))
