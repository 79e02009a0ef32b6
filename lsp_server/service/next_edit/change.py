"""What the user changed: whole lines before and after, put together from keystrokes."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace

from lsp_server.core.edits import apply_in_turn
from lsp_server.core.types import Document, Edit, Span

MOST_CHANGES = 12
"""Changes that are remembered, over all documents."""
LARGEST_CHANGE = 2_000
"""Code points; what replaces more lines than this has is a reload, a formatter or a paste."""
MOST_CHARS = 1_000_000
"""Code points of a document beyond which its changes are not followed."""


@dataclass(frozen=True, slots=True)
class Change:
    """Lines of a document that became others; `span` is where `after` stands now, without a line break."""

    key: str
    span: Span
    before: str
    after: str

    def undone(self, text: str) -> str:
        """`text`, in which the change stands, as it would be without it."""
        return text[: self.span.start] + self.before + text[self.span.end :]


class History:
    """The last changes of all documents; listens to `Documents`. Safe from any thread.

    Keystrokes on one line, or on lines that touch, are one change; one that ends where it began is none.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._changes: deque[Change] = deque(maxlen=MOST_CHANGES)

    def latest(self) -> tuple[Change, ...]:
        """The changes, latest first."""
        with self._lock:
            return tuple(change for change in reversed(self._changes) if change.before != change.after)

    def changed(self, before: Document, edits: Sequence[Edit], after: Document | None) -> None:
        """Take note of edits, each against the text after the one before."""
        with self._lock:
            if after is None or len(after.text) > MOST_CHARS:
                self._keep(change for change in self._changes if change.key != before.key)
                return
            text = before.text
            for edit in edits:
                self._take(before.key, text, edit)
                text = apply_in_turn(text, (edit,))

    def _take(self, key: str, text: str, edit: Edit) -> None:
        """One edit of `text`: what it touches becomes part of one change, the others move."""
        edit = _least(text, edit)
        low, high = _lines(text, edit.span)
        grown = len(edit.text) - len(edit.span)
        others: list[Change] = []
        touched: list[Change] = []
        for change in self._changes:
            if change.key != key or change.span.end < low:
                others.append(change)
            elif change.span.start > high:
                others.append(replace(change, span=change.span.shifted(grown)))
            else:
                touched.append(change)
        merged = _merged(key, text, edit, Span(low, high), touched)
        if max(len(merged.before), len(merged.after)) <= LARGEST_CHANGE:
            others.append(merged)
        self._keep(others)

    def _keep(self, changes: object) -> None:
        self._changes = deque(changes, maxlen=MOST_CHANGES)  # type: ignore[call-overload]


def _merged(key: str, text: str, edit: Edit, lines: Span, touched: Sequence[Change]) -> Change:
    """The change that `edit` and what it touches are together; `lines` are those it changes in `text`."""
    low = min((lines.start, *(change.span.start for change in touched)))
    high = max((lines.end, *(change.span.end for change in touched)))
    parts, done = [], low
    for change in sorted(touched, key=lambda one: one.span):
        parts += [text[done : change.span.start], change.before]
        done = change.span.end
    parts.append(text[done:high])
    after = text[low : edit.span.start] + edit.text + text[edit.span.end : high]
    return Change(key, Span(low, low + len(after)), "".join(parts), after)


def _least(text: str, edit: Edit) -> Edit:
    """`edit` without what stays the same at its ends."""
    old, new = text[edit.span.start : edit.span.end], edit.text
    head = _common(old, new)
    tail = _common(old[head:][::-1], new[head:][::-1])
    return Edit(Span(edit.span.start + head, edit.span.end - tail), new[head : len(new) - tail])


def _common(one: str, other: str) -> int:
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (left, right) in pairs if left != right), min(len(one), len(other)))


def _lines(text: str, span: Span) -> tuple[int, int]:
    """From where to where the lines of `span` reach, without the last line break."""
    end = text.find("\n", span.end)
    return text.rfind("\n", 0, span.start) + 1, len(text) if end < 0 else end
