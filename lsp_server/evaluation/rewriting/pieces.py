"""Held-out functions to be rewritten."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from lsp_server.core.text import line_start, plain_newlines
from lsp_server.core.types import Document, Span
from lsp_server.evaluation.heldout import documents_of
from lsp_server.syntax import kinds
from lsp_server.syntax.languages import language_for
from lsp_server.syntax.parse import Node, Parsed, parse, span_of

FEWEST, MOST = 5, 16
"""Lines of a function that is looked at."""
LARGEST = 150_000


@dataclass(frozen=True, slots=True)
class Piece:
    """A function where it stands, from the start of its line."""

    name: str
    document: Document
    span: Span

    @property
    def text(self) -> str:
        """The function."""
        return self.document.text[self.span.start : self.span.end]

    def with_text(self, text: str) -> Piece:
        """The same place with another function there."""
        before, after = self.document.text[: self.span.start], self.document.text[self.span.end :]
        document = Document(
            self.document.key, self.document.language, before + text + after, self.document.path
        )
        return Piece(self.name, document, Span(self.span.start, self.span.start + len(text)))


Fits = Callable[[Piece], bool]


def pieces(path: Path, language: str, *, most: int, seed: int, fits: Fits = lambda _: True) -> list[Piece]:
    """At most `most` functions of a language, one of each document, that `fits` takes.

    Raises:
        BadInput: there are no documents.
    """
    sources = sorted(
        (
            each
            for each in documents_of(path)
            if each["language"] == language and len(each["text"]) <= LARGEST
        ),
        key=lambda each: (each["package"], each["path"]),
    )
    random.Random(seed).shuffle(sources)  # noqa: S311 -- a sample, not a secret
    found = (_of(source, random.Random(f"{seed} {number}"), fits) for number, source in enumerate(sources))  # noqa: S311 -- as above
    return list(islice((each for each in found if each is not None), most))


def _of(source: dict[str, str], rng: random.Random, fits: Fits) -> Piece | None:
    text = plain_newlines(source["text"])
    parsed = parse(text, language_for(source["language"]))
    if parsed.root is None or parsed.root.has_error:
        return None
    spans = [
        span for span in functions(parsed) if FEWEST <= text.count("\n", span.start, span.end) + 1 <= MOST
    ]
    rng.shuffle(spans)
    document = Document(source["path"], source["language"], text, Path(source["path"]))
    for span in spans:
        line = text.count("\n", 0, span.start) + 1
        whole = Span(line_start(text, span.start), span.end)
        piece = Piece(f"{source['package']}/{source['path']}:{line}", document, whole)
        if fits(piece):
            return piece
    return None


def functions(parsed: Parsed) -> Iterator[Span]:
    """Functions with names that stand on lines of their own."""
    stack: list[Node] = [parsed.root] if parsed.root is not None else []
    while stack:
        node = stack.pop()
        named = (
            node.is_named and node.type in kinds.FUNCTIONS and node.child_by_field_name("name") is not None
        )
        span = span_of(node)
        if named and _alone(parsed.text, span):
            yield span
        stack += node.children


def _alone(text: str, span: Span) -> bool:
    before = text[text.rfind("\n", 0, span.start) + 1 : span.start]
    end = text.find("\n", span.end)
    return not before.strip() and not text[span.end : len(text) if end < 0 else end].strip()
