"""The questions about a document, part by part, each as one request."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

from lsp_server.context.window import cut_window
from lsp_server.core.text import plain_newlines
from lsp_server.core.types import Document, Span
from lsp_server.engine.protocol import FillRequest, Hole, Question
from lsp_server.syntax.languages import language_for
from lsp_server.syntax.parse import Parsed, parse
from lsp_server.syntax.sites import Site, sites

PART = 3600
"""Characters of a part, about: long enough that reading what stands around it costs less than itself."""
LARGEST_PART = 12_000
"""Characters of a part, which may be a single line, beyond which it is left out."""
BEFORE_TOKENS, AFTER_TOKENS = 512, 64


@dataclass(frozen=True, slots=True)
class Part:
    """Some lines of a document, and its sites."""

    span: Span
    sites: tuple[Site, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """A document as the model sees it, with line feeds only."""

    parsed: Parsed
    original: str

    @classmethod
    def of(cls, document: Document) -> Page:
        """Read a document; slow, it is parsed."""
        language = language_for(document.language, document.path)
        return cls(parse(plain_newlines(document.text), language), document.text)

    def parts(self) -> list[Part]:
        """The parts that have sites."""
        text = self.parsed.text
        spans = list(_spans(text))
        starts = [span.start for span in spans]
        found: dict[int, list[Site]] = {}
        for site in sites(self.parsed, Span(0, len(text))):
            number = bisect_left(starts, site.span.start + 1) - 1
            if spans[number].contains(site.span) and len(spans[number]) <= LARGEST_PART:
                found.setdefault(number, []).append(site)
        return [Part(spans[number], tuple(these)) for number, these in sorted(found.items())]

    def in_document(self, span: Span) -> Span:
        """Where a span of the page stands in the document itself."""
        if len(self.original) == len(self.parsed.text):
            return span
        start = self._in_document(span.start)
        return Span(start, max(start, self._in_document(span.end)))

    def _in_document(self, offset: int) -> int:
        """The place in the original with as many characters before it, each CRLF counted as one."""
        low, high = offset, len(self.original)
        while low < high:
            middle = (low + high) // 2
            if len(plain_newlines(self.original[:middle])) < offset:
                low = middle + 1
            else:
                high = middle
        return low + 1 if self.original[low - 1 : low + 1] == "\r\n" and low else low


def request_for(document: Document, page: Page, part: Part) -> FillRequest:
    """The request about a part. It names no document: it takes nobody's place, and nobody takes its."""
    window = cut_window(page.parsed.text, part.span, prefix_tokens=BEFORE_TOKENS, suffix_tokens=AFTER_TOKENS)
    span = part.span.shifted(-window.start)
    questions = tuple(
        Question(site.span.start - window.start, site.span.end - window.start, site.alternatives)
        for site in part.sites
    )
    return FillRequest(
        window.text,
        (Hole(span.start, span.end),),
        language=document.language,
        path=document.path.name if document.path else "",
        ahead=True,
        questions=questions,
    )


def _spans(text: str) -> Iterator[Span]:
    """The text in parts of whole lines; a part ends at a blank line if there is one near its end."""
    at = 0
    while at < len(text):
        end = at + PART
        if end >= len(text):
            end = len(text)
        else:
            blank = text.rfind("\n\n", at + PART // 2, end)
            line = text.find("\n", end)
            end = blank + 2 if blank >= 0 else (line + 1 if line >= 0 else len(text))
        yield Span(at, end)
        at = end
