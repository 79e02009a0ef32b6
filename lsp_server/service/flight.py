"""A completion on its way: who may still be served by it, and when it is clear that it cannot."""

from __future__ import annotations

import asyncio
from itertools import takewhile

from lsp_server.engine.protocol import CellState, FrameEvent
from lsp_server.service.cursor import Cursor
from lsp_server.service.prompt import unix
from lsp_server.service.reuse import Answer, Place

_FIXED = frozenset({CellState.COMMITTED, CellState.LOCKED})


class Flight:
    """One job of answering `cursor`. `sent` once its debounce is over; `head` is its hole's locked text.

    One that looks `ahead` is of a cursor that nobody has asked for yet.
    """

    def __init__(self, cursor: Cursor, *, ahead: bool = False) -> None:
        self.cursor = cursor
        self.ahead = ahead
        self.sent = False
        self.head = ""
        self.task: asyncio.Task[Answer]
        self._place = Place.of(cursor)
        self._committed = ""
        self._doubts: list[tuple[str, asyncio.Future[None]]] = []

    def typed_since(self, cursor: Cursor) -> str | None:
        """What was typed behind this flight's place to get to `cursor`; None if it is another place."""
        typed = len(cursor.text) - len(self.cursor.text)
        if not self.sent or typed < 0 or cursor.offset != self.cursor.offset + typed:
            return None
        if cursor.settings != self.cursor.settings or cursor.candidates > self.cursor.candidates:
            return None
        if not (self._place.ends(cursor) and self._place.begins(cursor, typed)):
            return None
        return cursor.text[self.cursor.offset : cursor.offset]

    def doubt(self, typed: str) -> asyncio.Future[None]:
        """Done as soon as the committed tokens contradict `typed`."""
        doubt: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._doubts.append((unix(typed), doubt))
        self._settle()
        return doubt

    def on_frame(self, frame: FrameEvent) -> None:
        """Note what is committed so far, up to the first position that is not."""
        if frame.hole or frame.candidate:
            return
        fixed = takewhile(lambda cell: cell.state in _FIXED, frame.cells)
        text = "".join(cell.text for cell in fixed)
        if text.startswith(self.head):
            self._committed = text[len(self.head) :]
            self._settle()

    def start_over(self) -> None:
        """What was committed so far was rejected."""
        self._committed = ""

    def _settle(self) -> None:
        if self.cursor.candidates > 1:
            return
        for typed, doubt in self._doubts:
            agrees = self._committed.startswith(typed) or typed.startswith(self._committed)
            if not agrees and not doubt.done():
                doubt.set_result(None)
