"""Doubts that stand in a document, and what a change leaves of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from lsp_server.core.edits import carry
from lsp_server.core.types import Doubt, Edit, Span


@dataclass(frozen=True, slots=True)
class Standing:
    """A doubt in a document, in offsets of its current text; `fill` names what it came with."""

    id: str
    fill: str
    doubt: Doubt


def carried(standing: Iterable[Standing], change: Edit, fill: str | None) -> tuple[Standing, ...]:
    """The doubts that a change leaves; `fill` is whose it is, if it is one of ours."""
    found: list[Standing] = []
    for each in standing:
        doubt = each.doubt
        whole = carry(doubt.whole, change.span, len(change.text))
        if whole is None or _grows(doubt, change):
            continue
        moved = doubt.shifted(whole.start - doubt.whole.start)
        found.append(replace(each, doubt=replace(moved, end=_end(each, change, fill))))
    return tuple(found)


def narrowed(text: str, edit: Edit) -> Edit:
    """The edit without what it replaces by itself at both ends."""
    old, new = text[edit.span.start : edit.span.end], edit.text
    shortest = min(len(old), len(new))
    head = _alike(old[:shortest], new[:shortest])
    shortest -= head
    tail = _alike(old[len(old) - shortest :][::-1], new[len(new) - shortest :][::-1])
    span = Span(edit.span.start + head, edit.span.end - tail)
    return Edit(span, new[head : len(new) - tail])


def _grows(doubt: Doubt, change: Edit) -> bool:
    """Whether a word is typed on at its end, or before its start."""
    if change.span.start == doubt.span.end:
        return change.text[:1].isalnum() or change.text.startswith("_")
    if change.span.end == doubt.span.start and not doubt.lead:
        return change.text[-1:].isalnum() or change.text.endswith("_")
    return False


def _end(each: Standing, change: Edit, fill: str | None) -> int:
    """Where that which depends on a doubt ends behind a change: not beyond what somebody wrote into it."""
    doubt, grown = each.doubt, len(change.text) - len(change.span)
    if change.span.end <= doubt.whole.start:
        return doubt.end + grown
    if fill is not None and change.span.start < doubt.end and change.span.end <= doubt.end:
        return doubt.end + grown
    if change.span.start >= doubt.end:
        return doubt.end + (grown if fill == each.fill and change.span.start == doubt.end else 0)
    return change.span.start


def _alike(one: str, other: str) -> int:
    """The length of the common start of two texts of one length."""
    low, high = 0, len(one)
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low
