"""A change that may follow, before anybody has judged it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

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
    NEARBY = "nearby"
    """The model finds what stands there unlikely since the change."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """`edit` of `document`, which is most likely what follows where `weight` is high (tokens that agree)."""

    document: Document
    edit: Edit
    reason: Reason
    weight: int = 0

    @property
    def old(self) -> str:
        """What stands at the place."""
        return self.document.text[self.edit.span.start : self.edit.span.end]


def line_at(text: str, span: Span) -> Span:
    """The whole lines that `span` touches, without the last line break."""
    end = text.find("\n", span.end)
    return Span(text.rfind("\n", 0, span.start) + 1, len(text) if end < 0 else end)
