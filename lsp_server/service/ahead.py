"""Having the engine read around a cursor while nothing is asked, so that the first fill there need not wait.

Editors tell where a cursor is by what they ask and change; when a document is opened nobody says. Then the
start of the document is read, as far as a window at any place of it would begin with it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from lsp_server.context.tokens import chars_in
from lsp_server.core.errors import RemaskError
from lsp_server.core.settings import Settings
from lsp_server.core.types import Document, Edit
from lsp_server.service.asking import Asker
from lsp_server.service.cursor import Cursor
from lsp_server.service.documents import Documents
from lsp_server.service.engine import Engine
from lsp_server.service.gate import Gate
from lsp_server.service.power import on_mains

REST_S = 0.25
"""How long a cursor stays before what is around it is read."""
PAUSE_S = 1.0
"""How long nothing is typed: while something is, completions are asked for, which read by themselves."""
MOST_PLACES = 64

_log = logging.getLogger(__name__)


class ReadAhead:
    """Reads at the place heard of last; on one event loop. `sleep` is injected."""

    def __init__(
        self,
        *,
        documents: Documents,
        gate: Gate,
        asker: Asker,
        engine: Engine,
        settings_for: Callable[[Document], Settings],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        has_power: Callable[[], bool] = on_mains,
    ) -> None:
        self._documents = documents
        self._gate = gate
        self._asker = asker
        self._engine = engine
        self._settings_for = settings_for
        self._sleep = sleep
        self._has_power = has_power
        self._places: dict[str, int] = {}
        self._key: str | None = None
        self.under_way: asyncio.Task[None] | None = None
        """What waits or reads, or did last."""
        documents.subscribe(self._changed)

    def opened(self, key: str) -> None:
        """A document came into view; its cursor is taken to be where it was last."""
        self._read_soon(key, 0)

    def rests(self, key: str, offset: int) -> None:
        """The cursor of a document is at `offset`."""
        self._note(key, offset)
        self._read_soon(key, REST_S)

    async def close(self) -> None:
        """End what is under way."""
        if self.under_way:
            self.under_way.cancel()
            await asyncio.gather(self.under_way, return_exceptions=True)

    def _changed(self, before: Document, edits: Sequence[Edit], after: Document | None) -> None:
        if after is None:
            if self._key == before.key and self.under_way:
                self.under_way.cancel()
        elif edits and self._settings_for(after).completion.ahead:
            self._note(after.key, edits[-1].span.start + len(edits[-1].text))
            self._read_soon(after.key, PAUSE_S)

    def _note(self, key: str, offset: int) -> None:
        self._places.pop(key, None)
        self._places[key] = offset
        while len(self._places) > MOST_PLACES:
            del self._places[next(iter(self._places))]

    def _read_soon(self, key: str, wait_s: float) -> None:
        if not self._engine.status.answers:
            return  # it is not started to read ahead
        if self.under_way:
            self.under_way.cancel()
        self._key, self.under_way = key, asyncio.get_running_loop().create_task(self._read(key, wait_s))

    async def _read(self, key: str, wait_s: float) -> None:
        await self._sleep(wait_s)
        document = self._documents.get(key)
        if document is None or not self._may(document, settings := self._settings_for(document)):
            return
        place = self._places.get(key, _likely(document.text, settings))
        cursor = Cursor.at(document, min(place, len(document.text)), settings, invoked=False, selected=None)
        try:
            await self._asker.read(cursor)
        except RemaskError as error:  # as when somebody asked for something
            _log.debug("not read ahead: %s", type(error).__name__)

    def _may(self, document: Document, settings: Settings) -> bool:
        """Whether there is nothing against it."""
        return (
            settings.completion.ahead
            and self._engine.status.answers
            and self._gate.check(document, settings) is None
            and self._has_power()
        )


def _likely(text: str, settings: Settings) -> int:
    """The place whose window has most in common with those of other places near the text's start."""
    room = chars_in(settings.context.prefix_tokens)
    return len(text) if len(text) <= room else text.rfind("\n", 0, room) + 1
