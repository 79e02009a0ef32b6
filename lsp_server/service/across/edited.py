"""Edits of several documents that belong together: all are made, or none."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from lsp_server.core.types import Document, Edit, FillFigures, Silence, Span
from lsp_server.service.documents import Documents


@dataclass(frozen=True, slots=True)
class Change:
    """One edit; `sure` if syntax alone says it, else a model wrote or judged it.

    `confidence` is the geometric mean of the probabilities of the tokens of what the model wrote.
    """

    edit: Edit
    sure: bool = False
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Edited:
    """What changes in one document, in order. One without a version is not open: it is as on disk."""

    document: Document
    changes: tuple[Change, ...]

    @property
    def edits(self) -> tuple[Edit, ...]:
        """The edits alone."""
        return tuple(change.edit for change in self.changes)


@dataclass(frozen=True, slots=True)
class Left:
    """A place that was left alone, and why, as a clause; `proposed` is what a model was not sure of."""

    document: Document
    span: Span
    why: str
    proposed: Change | None = None

    @property
    def line(self) -> int:
        """The number of the place's line, from 1."""
        return self.document.text.count("\n", 0, self.span.start) + 1


@dataclass(frozen=True, slots=True)
class Together:
    """The edits of all documents, or the reason for none; and what was left alone."""

    edited: tuple[Edited, ...] = ()
    left: tuple[Left, ...] = ()
    silence: Silence | None = None
    figures: FillFigures = field(default_factory=FillFigures)


def as_of_now(documents: Documents, together: Together) -> Together:
    """The same against what the documents are by now; stale if a change touched one of the edits.

    Documents that are not open are compared with the disk.
    """
    moved = []
    for each in together.edited:
        now = _as_of_now(documents, each)
        if now is None:
            return replace(together, edited=(), silence=Silence.STALE)
        moved.append(now)
    return replace(together, edited=tuple(moved))


def _as_of_now(documents: Documents, each: Edited) -> Edited | None:
    document = each.document
    now = documents.get(document.key)
    if now is None:
        same = document.version is None and document.path and text_on_disk(document.path) == document.text
        return each if same else None
    if now.revision == document.revision and document.text == now.text:
        return replace(each, document=now)
    if document.revision < 0:  # opened meanwhile
        return replace(each, document=now) if now.text == document.text else None
    edits = documents.rebase(document.key, each.edits, document.revision)
    if edits is None:
        return None
    pairs = zip(edits, each.changes, strict=True)
    return Edited(now, tuple(replace(change, edit=edit) for edit, change in pairs))


def spent(one: FillFigures, other: FillFigures) -> FillFigures:
    """What two answers cost together."""
    return FillFigures(
        one.forwards + other.forwards,
        one.tokens + other.tokens,
        one.latency_ms + other.latency_ms,
        one.context_tokens + other.context_tokens,
        one.cached_tokens + other.cached_tokens,
    )


def text_on_disk(path: Path) -> str | None:
    """The text of a file as an editor would have it; None if it cannot be read, or is not UTF-8."""
    try:
        data = path.read_bytes()
        return None if b"\0" in data else data.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return None
