"""From what the model wrote to what may be shown: trimmed, checked against the grammar, cut back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from lsp_server.core.types import Doubt, Edit, Span
from lsp_server.engine.protocol import HoleFill, Stop
from lsp_server.service.confidence import confidence_of
from lsp_server.service.cursor import Cursor
from lsp_server.service.doubt.find import doubts_in
from lsp_server.service.prompt import Prompt
from lsp_server.syntax.check import check_edits
from lsp_server.syntax.extent import Extent
from lsp_server.syntax.parse import Parsed
from lsp_server.syntax.trim import trim_fill

MOST_CUTS = 24
"""Shorter versions tried of a fill that breaks the syntax; each costs one incremental parse."""
LARGE = 200_000
"""Characters of a document beyond which an eighth of that is tried."""
_TOKEN = re.compile(r"\w+|[^\w\s]|\s+")


@dataclass(frozen=True, slots=True)
class Shaped:
    """A fill's text behind the cursor, how likely its first line is right, and what is doubtful in it.

    `breaks`: with it the file parses worse than before.
    """

    text: str
    confidence: float
    breaks: bool
    doubts: tuple[Doubt, ...] = ()


@dataclass(frozen=True, slots=True)
class Shaper:
    """Shapes the fills for one cursor; `parsed` is the tree of its text."""

    cursor: Cursor
    parsed: Parsed
    extent: Extent

    def shape(self, fill: HoleFill, prompt: Prompt, otherwise: float) -> Shaped | None:
        """The fill as it may be shown; None if nothing is left of it.

        It is as sure as its tokens are, or as `otherwise` if nothing is known of them.
        """
        text = prompt.written(0, fill.text)
        if text is None:
            return None
        if fill.stop in {Stop.BUDGET, Stop.LENGTH}:
            text = finished_part(text)
        text = trim_fill(self.parsed, self._hole, text, self.extent)
        if self._pointless(text):
            return None
        head = len(prompt.heads[0])
        sure = confidence_of(fill.pieces, otherwise, head + len(text))
        return Shaped(text, sure, self._breaks(text), doubts_in(fill.pieces, text, head=head))

    def cut_back(self, shaped: Shaped) -> Shaped | None:
        """The longest part of whole lines, else whole words and marks, that does not break the syntax."""
        for tried, text in enumerate(_shorter(shaped.text)):
            if tried == (MOST_CUTS if len(self.cursor.text) < LARGE else MOST_CUTS // 8):
                break
            if not self._pointless(text) and not self._breaks(text):
                doubts = tuple(
                    replace(doubt, end=len(text)) for doubt in shaped.doubts if doubt.span.end <= len(text)
                )
                return Shaped(text, shaped.confidence, breaks=False, doubts=doubts)
        return None

    @property
    def _hole(self) -> Span:
        return Span(self.cursor.offset, self.cursor.offset)

    def _breaks(self, text: str) -> bool:
        return check_edits(self.parsed, [Edit(self._hole, text)]).worse

    def _pointless(self, text: str) -> bool:
        """Whether there is nothing to see, or only what stands there already."""
        everything, offset = self.cursor.text, self.cursor.offset
        if not text.strip() or everything.startswith(text, offset):
            return True
        end = everything.find("\n", offset)
        return text.strip() == everything[offset : end if end >= 0 else None].strip()


def finished_part(text: str) -> str:
    """`text` without its last line, which was cut short, if anything stands before that line."""
    whole, _, _ = text.rpartition("\n")
    return whole.removesuffix("\r") if whole.strip() else text


def _shorter(text: str) -> Iterator[str]:
    """Every shorter version, longest first: by lines, then within the first line by tokens."""
    lines = text.split("\n")
    for count in range(len(lines) - 1, 0, -1):
        yield "\n".join(lines[:count]).rstrip()
    ends = [match.end() for match in _TOKEN.finditer(lines[0])]
    for end in reversed(ends[:-1]):
        yield lines[0][:end].rstrip()
