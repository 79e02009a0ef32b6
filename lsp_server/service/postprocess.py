"""From what the model wrote to what may be shown: trimmed, checked against the grammar, cut back."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from lsp_server.core.types import Doubt, Edit, Span
from lsp_server.engine.protocol import FillResult, HoleFill, Stop
from lsp_server.service.confidence import UNDEFINED, confidence_of
from lsp_server.service.cursor import Cursor
from lsp_server.service.doubt.find import doubts_in
from lsp_server.service.prompt import Prompt
from lsp_server.syntax.check import Verdict, check_edits
from lsp_server.syntax.extent import Extent
from lsp_server.syntax.names import undefined_names
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

    `breaks`: with it the file parses worse than before, by errors at `faults` as far as they lie in it.
    `undefined` are names in it that nothing defines. It was made of `fill`.
    """

    text: str
    confidence: float
    breaks: bool
    doubts: tuple[Doubt, ...] = ()
    faults: tuple[Span, ...] = ()
    undefined: tuple[Span, ...] = ()
    fill: HoleFill | None = None


@dataclass(frozen=True, slots=True)
class Shaper:
    """Shapes the fills for one cursor; `parsed` is the tree of its text, `knows` a name defined elsewhere."""

    cursor: Cursor
    parsed: Parsed
    extent: Extent
    knows: Callable[[str], bool] = lambda _: False

    def shapes(self, result: FillResult, prompt: Prompt) -> list[Shaped]:
        """All candidates as they may be shown, in their order."""
        shaped = (self.shape(each.fills[0], prompt, each.confidence) for each in result.candidates)
        return [each for each in shaped if each]

    def shape(self, fill: HoleFill, prompt: Prompt, otherwise: float) -> Shaped | None:
        """The fill as it may be shown; None if nothing is left of it.

        It is as sure as its tokens are, or as `otherwise` if nothing is known of them.
        """
        text = prompt.written(0, fill.text)
        if text is None:
            return None
        if fill.stop is Stop.LENGTH:  # one whose time was up has whole lines, if it has any
            text = finished_part(text)
        text = trim_fill(self.parsed, self._hole, text, self.extent)
        if self._pointless(text):
            return None
        head = len(prompt.heads[0])
        sure = confidence_of(fill.pieces, otherwise, head + len(text))
        doubts = doubts_in(fill.pieces, text, head=head)
        verdict = self._check(text)
        if verdict.worse:
            faults = tuple(_within(verdict.errors, self._hole.start, text))
            return Shaped(text, sure, breaks=True, doubts=doubts, faults=faults, fill=fill)
        return self._named(Shaped(text, sure, breaks=False, doubts=doubts, fill=fill))

    def cut_back(self, shaped: Shaped) -> Shaped | None:
        """The longest part of whole lines, else whole words and marks, that does not break the syntax."""
        for tried, text in enumerate(shorter(shaped.text)):
            if tried == (MOST_CUTS if len(self.cursor.text) < LARGE else MOST_CUTS // 8):
                break
            if not self._pointless(text) and not self._check(text).worse:
                doubts = tuple(
                    replace(doubt, end=len(text)) for doubt in shaped.doubts if doubt.span.end <= len(text)
                )
                return self._named(Shaped(text, shaped.confidence, breaks=False, doubts=doubts))
        return None

    @property
    def _hole(self) -> Span:
        return Span(self.cursor.offset, self.cursor.offset)

    def _check(self, text: str) -> Verdict:
        return check_edits(self.parsed, [Edit(self._hole, text)])

    def _named(self, shaped: Shaped) -> Shaped:
        """Less sure and with more doubts, if it uses names that nothing defines.

        A cell's names may come from any cell that was run.
        """
        if self.cursor.document.notebook:
            return shaped
        text = shaped.text
        found = undefined_names(self.parsed, Edit(self._hole, text))
        undefined = tuple(span for span in found if not self.knows(text[span.start : span.end]))
        if not undefined:
            return shaped
        sure = UNDEFINED * shaped.confidence
        doubts = [_doubted(each, undefined) for each in shaped.doubts]
        seen = {each.span for each in doubts if each.undefined}
        doubts += [
            Doubt(span, len(text), UNDEFINED, (), undefined=True)
            for span in undefined
            if not any(_meet(span, other) for other in seen)
        ]
        doubts.sort(key=lambda each: each.span)
        return replace(shaped, confidence=sure, undefined=undefined, doubts=tuple(doubts))

    def _pointless(self, text: str) -> bool:
        """Whether there is nothing to see, or only what stands there already."""
        everything, offset = self.cursor.text, self.cursor.offset
        if not text.strip() or everything.startswith(text, offset):
            return True
        end = everything.find("\n", offset)
        return text.strip() == everything[offset : end if end >= 0 else None].strip()


def _within(errors: Iterable[Span], start: int, text: str) -> Iterator[Span]:
    """Those of `errors` that lie in `text`, which stands at `start`, in its offsets."""
    for error in errors:
        if start <= error.start < start + len(text):
            yield Span(error.start - start, min(error.end - start, len(text)))


def _doubted(doubt: Doubt, undefined: Iterable[Span]) -> Doubt:
    return replace(doubt, undefined=any(_meet(doubt.span, span) for span in undefined))


def _meet(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end


def finished_part(text: str) -> str:
    """`text` without its last line, which was cut short, if anything stands before that line."""
    whole, _, _ = text.rpartition("\n")
    return whole.removesuffix("\r") if whole.strip() else text


def shorter(text: str) -> Iterator[str]:
    """Every shorter version, longest first: by lines, then within the first line by tokens."""
    lines = text.split("\n")
    for count in range(len(lines) - 1, 0, -1):
        yield "\n".join(lines[:count]).rstrip()
    ends = [match.end() for match in _TOKEN.finditer(lines[0])]
    for end in reversed(ends[:-1]):
        yield lines[0][:end].rstrip()
