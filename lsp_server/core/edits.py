"""Applying edits to text, and carrying spans over changes made meanwhile."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from lsp_server.core.errors import BadInput
from lsp_server.core.types import Edit, Span


def apply_in_turn(text: str, edits: Iterable[Edit]) -> str:
    """`text` after `edits`, each against the result of the one before.

    Raises:
        BadInput: an edit leaves the text.
    """
    for edit in edits:
        if edit.span.end > len(text):
            raise BadInput(f"an edit ends at {edit.span.end}, the text at {len(text)}")
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    return text


def apply_together(text: str, edits: Sequence[Edit]) -> str:
    """`text` after `edits`, all against `text` itself, in any order.

    Raises:
        BadInput: an edit leaves the text or overlaps another.
    """
    parts: list[str] = []
    done = 0
    for edit in sorted(edits, key=lambda each: each.span):
        if not done <= edit.span.start <= edit.span.end <= len(text):
            raise BadInput(f"edit [{edit.span.start}, {edit.span.end}) overlaps another or leaves the text")
        parts += (text[done : edit.span.start], edit.text)
        done = edit.span.end
    return "".join((*parts, text[done:]))


def carry(span: Span, changed: Span, length: int) -> Span | None:
    """Where `span` lies after `changed` was replaced by `length` characters; None if it was touched.

    What is inserted exactly at the start of a non-empty span lies before it, at
    its end behind it. An empty span is touched by an insertion at its place.
    """
    if span.start == span.end and changed == span:
        return None
    if changed.end <= span.start:
        return span.shifted(length - len(changed))
    if changed.start >= span.end:
        return span
    return None
