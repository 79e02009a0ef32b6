"""A document opened to choose holes in it."""

from __future__ import annotations

import random
from collections.abc import Mapping
from functools import cached_property
from typing import Protocol

from lsp_server.core.text import indent_width, plain_newlines
from lsp_server.core.types import Span
from lsp_server.syntax.languages import language_for
from lsp_server.syntax.parse import parse
from lsp_server.syntax.parts import Part, parts
from lsp_server.syntax.places import in_comment_or_string

LONGEST_LINE = 400
"""Code points; longer lines are data."""
REGION = 24_000
"""Code points of a document in which parts of the tree are looked for."""
_TRIES = 12
_HEADS = ("/*", "*", "<!--", "#!")
_WORDS_TOO = 0.25
"""How often a line of a comment or docstring may be chosen: they are many, and say little of code."""


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
    """The text of one document as the server would have it, with its lines and its tree.

    Of a long document only the parts of a region are known, which begins at `share` of it, in [0, 1).
    """

    def __init__(self, document: Source, share: float = 0.0) -> None:
        self.document = document
        self.text = plain_newlines(document.text)
        self.language = language_for(document.language)
        self.parsed = parse(self.text, self.language)
        self._start = int(share * max(0, len(self.text) - REGION))

    @cached_property
    def parts(self) -> Mapping[Part, tuple[Span, ...]]:
        """The parts of the region."""
        return parts(self.parsed, Span(self._start, min(len(self.text), self._start + REGION)))

    @cached_property
    def lines(self) -> tuple[Span, ...]:
        """Every line without its line break."""
        spans, start = [], 0
        for line in self.text.split("\n"):
            spans.append(Span(start, start + len(line)))
            start += len(line) + 1
        return tuple(spans)

    @cached_property
    def head(self) -> int:
        """Where the comments end that the file begins with: who wrote it, and under which licence."""
        for span in self.lines:
            line = self.text[span.start : span.end].strip()
            if line and (self.language.prose or not line.startswith((*self.language.comments, *_HEADS))):
                return span.start
        return 0

    def line(self, number: int) -> str:
        """The text of a line."""
        span = self.lines[number]
        return self.text[span.start : span.end]

    def some_line(self, rng: random.Random) -> int | None:
        """The number of a line somebody might write next: of code, more seldom of words; or None."""
        for _ in range(_TRIES):
            number = rng.randrange(len(self.lines))
            line = self.line(number)
            if not line.strip() or len(line) > LONGEST_LINE or self.lines[number].start < self.head:
                continue
            if not self._is_words(number) or rng.random() < _WORDS_TOO:
                return number
        return None

    def _is_words(self, number: int) -> bool:
        """Whether a line begins in a comment or string, or is a comment."""
        line = self.line(number)
        inside = self.lines[number].start + indent_width(line)
        if self.language.prose:
            return False
        return line.lstrip().startswith(self.language.comments) or in_comment_or_string(self.parsed, inside)
