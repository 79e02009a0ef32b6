"""A change that may follow, before anybody has judged it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby

from lsp_server.core.edits import apply_together
from lsp_server.core.types import Document, Edit, Span


class Reason(StrEnum):
    """Why a place may be next."""

    RENAME = "rename"
    """It uses a name that has no definition any more, since that was renamed."""
    PARAMETER = "parameter"
    """It calls a function whose parameters were changed."""
    IMPORT = "import"
    """It imports what is no longer used, or lacks what is used now."""
    REPEAT = "repeat"
    """The same text stands there that was changed."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """`edit` of `document`, which is most likely what follows where `weight` is high (tokens that agree).

    One that is not `written` has but the first characters of what belongs there: the model writes the rest.
    """

    document: Document
    edit: Edit
    reason: Reason
    weight: int = 0
    written: bool = True

    @property
    def old(self) -> str:
        """What stands at the place."""
        return self.document.text[self.edit.span.start : self.edit.span.end]


def line_at(text: str, span: Span) -> Span:
    """The whole lines that `span` touches, without the last line break."""
    end = text.find("\n", span.end)
    return Span(text.rfind("\n", 0, span.start) + 1, len(text) if end < 0 else end)


def joined(text: str, edits: Sequence[Edit]) -> Edit:
    """Edits in order as one."""
    span = Span(edits[0].span.start, edits[-1].span.end)
    moved = [Edit(each.span.shifted(-span.start), each.text) for each in edits]
    return Edit(span, apply_together(text[span.start : span.end], moved))


def by_line(text: str, spans: Iterable[Span], new: str) -> Iterator[Edit]:
    """Edits that put `new` at `spans`, in order: one for each line, which is changed at once."""
    for _, group in groupby(spans, key=lambda span: line_at(text, span)):
        yield joined(text, [Edit(span, new) for span in group])
