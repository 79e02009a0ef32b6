"""Edits of an earlier rewrite that were accepted: the next one sees them and leaves them alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from lsp_server.core.edits import apply_together
from lsp_server.core.types import Document, Edit, Span


@dataclass(frozen=True, slots=True)
class Kept:
    """`document` has the accepted edits in it: `pairs` of where each lies there, and where it lay before."""

    document: Document
    pairs: tuple[tuple[Span, Span], ...] = ()

    @classmethod
    def of(cls, document: Document, edits: Sequence[Edit]) -> Kept:
        """Put `edits` into `document`.

        Raises:
            BadInput: an edit leaves the text or overlaps another.
        """
        text = apply_together(document.text, edits)
        pairs, moved = [], 0
        for edit in sorted(edits, key=lambda each: each.span):
            start = edit.span.start + moved
            pairs.append((Span(start, start + len(edit.text)), edit.span))
            moved += len(edit.text) - len(edit.span)
        return cls(replace(document, text=text) if edits else document, tuple(pairs))

    def carried(self, span: Span) -> Span:
        """Where a span of the text before lies with the edits in it."""
        swapped = [(before, now) for now, before in self.pairs]
        return _carried(swapped, span)

    def origin(self, span: Span) -> Span:
        """Where a span lay before the edits; an end inside one goes to that one's end."""
        return _carried(self.pairs, span)

    def beside(self, edits: Sequence[Edit]) -> tuple[Edit, ...]:
        """Those of `edits` that leave what was accepted alone, against the text before."""
        free = (edit for edit in edits if not any(_meet(edit.span, *pair) for pair in self.pairs))
        return tuple(Edit(self.origin(edit.span), edit.text) for edit in free)


def _carried(pairs: Sequence[tuple[Span, Span]], span: Span) -> Span:
    start = _start(pairs, span.start)
    return Span(start, max(start, _end(pairs, span.end)))


def _start(pairs: Sequence[tuple[Span, Span]], offset: int) -> int:
    moved = 0
    for here, there in pairs:
        if offset < here.start:
            break
        if offset < here.end:
            return there.start
        moved = there.end - here.end
    return offset + moved


def _end(pairs: Sequence[tuple[Span, Span]], offset: int) -> int:
    moved = 0
    for here, there in pairs:
        if offset <= here.start:
            break
        if offset < here.end:
            return there.end
        moved = there.end - here.end
    return offset + moved


def _meet(span: Span, kept: Span, before: Span) -> bool:
    """Whether an edit would change what was accepted, or its order with it would not be known."""
    if span.start < kept.end and kept.start < span.end:
        return True
    alike = not len(span) and not (len(before) and len(kept))
    return alike and kept.start <= span.start <= kept.end
