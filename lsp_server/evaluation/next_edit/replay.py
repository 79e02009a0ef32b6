"""The differences of two versions of a file, in the order of the file, as edits that a user makes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lsp_server.core.diff import minimal_edits
from lsp_server.core.types import Edit, Span

LARGEST_HUNK = 10
"""Lines; what is larger is rather new code than an edit, and nothing is asked after it."""
MOST_HUNKS = 24
"""Of one file; one with more was written anew."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A user has just made `edit` of `before`, after those that led there; `left` are still to be made.

    `left` are hunks of whole lines, in offsets of the text after `edit`, in order.
    """

    path: str
    before: str
    edit: Edit
    left: tuple[Edit, ...]


def asks(path: str, old: str, new: str) -> Iterator[Ask]:
    """One question after each small hunk."""
    hunks = minimal_edits(old, new)
    if len(hunks) > MOST_HUNKS:
        return
    text, moved = old, 0
    for number, hunk in enumerate(hunks):
        edit = Edit(hunk.span.shifted(moved), hunk.text)
        before = text
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
        moved += len(edit.text) - len(edit.span)
        if _lines(before, edit) <= LARGEST_HUNK:
            left = tuple(
                Edit(Span(h.span.start + moved, h.span.end + moved), h.text) for h in hunks[number + 1 :]
            )
            yield Ask(path, before, edit, left)


def _lines(text: str, edit: Edit) -> int:
    return max(text.count("\n", edit.span.start, edit.span.end), edit.text.count("\n"))
