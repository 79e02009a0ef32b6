"""What may be accepted of what a client was given, and how far it was."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from lsp_server.core.edits import apply_together, carry
from lsp_server.core.errors import BadInput
from lsp_server.core.types import Doubt, Edit, Span


@dataclass(frozen=True, slots=True)
class Expected:
    """What may be accepted: edits of the current text, and the doubts of the text they lead to."""

    fill: str
    edits: tuple[Edit, ...]
    doubts: tuple[Doubt, ...]
    shown: bool
    """Ghost text, which is also taken in parts and replaced by the next."""


def together(text: str, edits: Sequence[Edit]) -> str | None:
    """`text` after all of `edits`; None if they do not fit it any more."""
    try:
        return apply_together(text, edits)
    except BadInput:
        return None


def alone(expected: Expected) -> Iterator[Expected]:
    """Its edits one by one, each with the doubts inside what it writes."""
    moved = 0
    for edit in sorted(expected.edits, key=lambda each: each.span):
        start, end = edit.span.start + moved, edit.span.start + moved + len(edit.text)
        inside = (each for each in expected.doubts if start <= each.span.start and each.span.end <= end)
        doubts = tuple(each.shifted(-moved) for each in inside)
        yield replace(expected, edits=(edit,), doubts=doubts)
        moved += len(edit.text) - len(edit.span)


def begun(expected: Expected, change: Edit, after: str) -> bool:
    """Whether a change writes the beginning of ghost text in its place."""
    edit = expected.edits[0]
    end = edit.span.start + len(change.text)
    inserted = not edit.span and not change.span and bool(change.text)
    # compared in the text: the same insertion may be told of as one some characters off
    moved = abs(change.span.start - edit.span.start) <= len(change.text)
    return (
        inserted
        and moved
        and edit.text.startswith(after[edit.span.start : end])
        and _same_but(change, edit.span.start, after)
    )


def _same_but(change: Edit, start: int, after: str) -> bool:
    """Whether inserting at `start` instead leads to the same text."""
    low, high = sorted((change.span.start, start))
    length = len(change.text)
    return after[low:high] == after[low + length : high + length]


def rest_of(expected: Expected, written: int) -> Expected:
    """What is left of ghost text whose first `written` characters stand in the document."""
    [edit] = expected.edits
    start = edit.span.start + written
    left = Edit(Span(start, start), edit.text[written:])
    doubts = tuple(doubt for doubt in expected.doubts if doubt.whole.start >= start)
    return replace(expected, edits=(left,), doubts=doubts)


def moved(expected: Iterable[Expected], changes: Sequence[Edit]) -> list[Expected]:
    """What may still be accepted behind changes elsewhere, in the text as it is then."""
    kept: list[Expected] = []
    for each in expected:
        edits: list[Edit] = list(each.edits)
        shift = 0
        for change in changes:
            spans = [carry(edit.span, change.span, len(change.text)) for edit in edits]
            edits = [replace(edit, span=span) for edit, span in zip(edits, spans, strict=True) if span]
            if len(edits) < len(spans):
                break
            if change.span.end <= edits[0].span.start:
                shift += len(change.text) - len(change.span)
        if len(edits) == len(each.edits) and _all_moved(each.edits, edits, shift):
            kept.append(
                replace(each, edits=tuple(edits), doubts=tuple(d.shifted(shift) for d in each.doubts))
            )
    return kept


def _all_moved(before: Sequence[Edit], after: Sequence[Edit], shift: int) -> bool:
    """Whether nothing was changed between them: then their doubts lie as far from each other as before."""
    pairs = zip(before, after, strict=True)
    return all(new.span.start - old.span.start == shift for old, new in pairs)
