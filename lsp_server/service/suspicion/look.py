"""Looking through a document for what is suspicious, without being in anybody's way."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from lsp_server.core.errors import EngineFailed, Superseded
from lsp_server.core.settings import Settings
from lsp_server.core.types import Document, Edit, Silence
from lsp_server.service.documents import Documents
from lsp_server.service.engine import Engine
from lsp_server.service.gate import Gate
from lsp_server.service.power import on_mains
from lsp_server.service.prompt import with_line_ends
from lsp_server.service.suspicion.ask import Page, Part, request_for
from lsp_server.service.suspicion.book import Suspicions
from lsp_server.service.suspicion.flag import Flag, flags_of, worth_showing

REST_S = 0.5
"""How long somebody else's request is waited for before the next try."""

OnShare = Callable[[float], None]
"""The share of the document that was looked at."""


@dataclass(frozen=True, slots=True)
class Look:
    """What was found in `document`, or why nobody looked."""

    document: Document
    flags: tuple[Flag, ...] = ()
    silence: Silence | None = None


class Looker:
    """Looks at one document at a time for each key; a change of it ends that. `sleep` is injected."""

    def __init__(
        self,
        *,
        documents: Documents,
        suspicions: Suspicions,
        gate: Gate,
        engine: Engine,
        settings_for: Callable[[Document], Settings],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        has_power: Callable[[], bool] = on_mains,
    ) -> None:
        self._documents = documents
        self._suspicions = suspicions
        self._gate = gate
        self._engine = engine
        self._settings_for = settings_for
        self._sleep = sleep
        self._has_power = has_power
        self._running: dict[str, asyncio.Task[Look]] = {}
        documents.subscribe(self._changed)

    async def look(self, document: Document, on_share: OnShare = lambda _: None) -> Look:
        """Look through the document as it is now, and note what is found.

        The engine is asked part by part, ahead of what anybody waits for: it stops when somebody does,
        and the part is tried again. `Silence.STALE` if the document changes, or is looked at anew.

        Raises:
            EngineUnavailable, EngineFailed, ModelMissing, ModelCorrupt: no answer from the model.
        """
        if silence := self._gate.check_asked(document):
            return Look(document, silence=silence)
        self._stop(document.key)
        task = asyncio.get_running_loop().create_task(self._look(document, on_share))
        self._running[document.key] = task
        try:
            return await task
        except asyncio.CancelledError:
            current = asyncio.current_task()
            if current is not None and current.cancelling():
                raise
            return Look(document, silence=Silence.STALE)
        finally:
            if self._running.get(document.key) is task:
                del self._running[document.key]

    def wanted_on_save(self, document: Document) -> bool:
        """Whether to look once the document is saved; no engine is started for that."""
        settings = self._settings_for(document)
        return (
            settings.suspicion.on_save
            and self._engine.status.answers
            and self._gate.check(document, settings) is None
            and self._has_power()
        )

    async def _look(self, document: Document, on_share: OnShare) -> Look:
        page = await asyncio.to_thread(Page.of, document)
        parts = await asyncio.to_thread(page.parts)
        found: list[Flag] = []
        for number, part in enumerate(parts):
            on_share(number / len(parts))
            found += flags_of(part.sites, await self._judged(document, page, part))
        shown = await asyncio.to_thread(worth_showing, page.parsed, found)
        crlf = "\r\n" in document.text
        flags = tuple(
            replace(
                flag,
                span=page.in_document(flag.span),
                alternative=with_line_ends(flag.alternative, crlf=crlf),
            )
            for flag in shown
        )
        return Look(document, self._suspicions.put(document, flags))

    async def _judged(self, document: Document, page: Page, part: Part) -> tuple[tuple[float, ...], ...]:
        request = request_for(document, page, part)
        while True:
            try:
                result = await self._engine.fill(request, wait=True)
            except Superseded:
                await self._sleep(REST_S)
                continue
            if [len(gains) for gains in result.judged] != [len(site.alternatives) for site in part.sites]:
                raise EngineFailed(
                    "the engine does not judge code", hint="Restart it: it may be an older one."
                )
            return result.judged

    def _changed(self, before: Document, _edits: tuple[Edit, ...], _after: Document | None) -> None:
        self._stop(before.key)

    def _stop(self, key: str) -> None:
        if task := self._running.pop(key, None):
            task.cancel()
