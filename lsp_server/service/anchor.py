"""Where a hole begins while its user types on in it, and what was last written there.

The model is shown what stands before a hole, then what stands behind it, then what was typed into it.
A hole that begins at the cursor has another beginning after each keystroke, and all that stands behind it
must be read again. A hole that stays where it was first asked for takes in what was typed since as locked
text: its surroundings stay the same, token for token, and only that text is new.
"""

from __future__ import annotations

from dataclasses import dataclass

from lsp_server.core.healing import LONGEST, half_typed
from lsp_server.service.cursor import Cursor
from lsp_server.service.prompt import unix

LONGEST_HEAD = 200
"""Characters that a hole takes in before it begins anew."""
MOST_ANCHORS = 16


@dataclass(slots=True)
class Anchor:
    """A hole's beginning in a text, the cursor there then, and the last fill of the hole, if there is one."""

    text: str
    start: int
    offset: int
    draft: str = ""

    def holds(self, cursor: Cursor) -> bool:
        """Whether nothing but a part of one line between this beginning and the cursor has changed."""
        head = cursor.text[self.start : cursor.offset]
        return (
            self.start <= cursor.offset <= self.start + LONGEST_HEAD
            and "\n" not in head
            and "\r" not in head
            and cursor.text[: self.start] == self.text[: self.start]
            and cursor.text[cursor.offset :] == self.text[self.offset :]
        )

    def draft_from(self, text: str, start: int) -> str:
        """What the last fill has for a hole that begins at `start` of `text`, further on in it."""
        written = unix(text[self.start : start])
        if start < self.start or text[: self.start] != self.text[: self.start]:
            return ""
        return self.draft[len(written) :] if self.draft.startswith(written) else ""


class Anchors:
    """The latest anchor of each document, by its key."""

    def __init__(self) -> None:
        self._anchors: dict[str, Anchor] = {}

    def at(self, cursor: Cursor) -> Anchor:
        """The document's anchor if it holds; else a new one at what is half typed before the cursor."""
        key = cursor.document.key
        anchor = self._anchors.pop(key, None)
        if anchor is None or not anchor.holds(cursor):
            half = half_typed(cursor.text[max(0, cursor.offset - 2 * LONGEST) : cursor.offset])
            start = cursor.offset - half
            draft = anchor.draft_from(cursor.text, start) if anchor else ""
            anchor = Anchor(cursor.text, start, cursor.offset, draft)
        self._anchors[key] = anchor
        while len(self._anchors) > MOST_ANCHORS:
            del self._anchors[next(iter(self._anchors))]
        return anchor
