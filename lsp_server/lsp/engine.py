"""The engine that the settings ask for, while settings and the user's wishes change."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

import msgspec

from lsp_server.core.settings import EngineSettings, Settings
from lsp_server.engine.client import Client, EngineStatus
from lsp_server.engine.protocol import FillRequest, FillResult, FrameEvent

OnFrame = Callable[[FrameEvent], None]
OnStatus = Callable[[EngineStatus], None]


class MakeClient(Protocol):
    """Builds a client; nothing is started."""

    def __call__(self, *, model: str, settings: EngineSettings, on_status: OnStatus) -> Client:
        """Build it."""


class Watcher(Protocol):
    """Looks on while a document's fills are made."""

    def frame(self, frame: FrameEvent) -> None:
        """The canvas after one step."""

    def done(self, result: FillResult) -> None:
        """The fill's end."""


class ChosenEngine:
    """An `Engine` whose client is replaced when another model or other engine settings are chosen."""

    def __init__(self, make: MakeClient, adapter_for: Callable[[str], str] = lambda _: "") -> None:
        """`adapter_for` says, by its key, which of the user's own adapters a document's fills come from."""
        self._make = make
        self._adapter_for = adapter_for
        self._on_status: list[OnStatus] = []
        self._watchers: dict[str, Watcher] = {}
        self._chosen = Settings()
        self._client: Client | None = None
        self._closing: set[asyncio.Task[None]] = set()

    @property
    def status(self) -> EngineStatus:
        """What the engine is doing."""
        return self._current().status

    def subscribe(self, on_status: OnStatus) -> None:
        """Call `on_status` with every new status."""
        self._on_status.append(on_status)

    def choose(self, settings: Settings) -> None:
        """Use the model and engine of `settings` from now on; what is under way ends where it began."""
        chosen, self._chosen = self._chosen, settings
        if self._client and (settings.model, settings.engine) != (chosen.model, chosen.engine):
            old, self._client = self._client, None
            task = asyncio.get_running_loop().create_task(old.close())
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)

    async def fill(
        self, request: FillRequest, on_frame: OnFrame | None = None, *, wait: bool = False
    ) -> FillResult:
        """See `EngineClient.fill`."""
        watcher = self._watchers.get(request.document)
        if adapter := self._adapter_for(request.document):
            request = msgspec.structs.replace(request, adapter=adapter)
        result = await self._current().fill(request, _both(on_frame, watcher), wait=wait)
        if watcher:
            watcher.done(result)
        return result

    async def take(self, name: str) -> bool:
        """See `EngineClient.take`."""
        return await self._current().take(name)

    @contextmanager
    def watched(self, document: str, watcher: Watcher | None) -> Iterator[None]:
        """Let `watcher` see the fills of a document that begin inside this context."""
        if watcher is None:
            yield
            return
        self._watchers[document] = watcher
        try:
            yield
        finally:
            if self._watchers.get(document) is watcher:
                del self._watchers[document]

    async def ensure(self) -> None:
        """See `EngineClient.ensure`."""
        await self._current().ensure()

    async def restart(self) -> None:
        """See `EngineClient.restart`."""
        await self._current().restart()

    async def close(self) -> None:
        """Let go of the engine."""
        if self._client:
            await self._client.close()
        await asyncio.gather(*self._closing, return_exceptions=True)

    def _current(self) -> Client:
        if self._client is None:
            chosen = self._chosen
            self._client = self._make(model=chosen.model, settings=chosen.engine, on_status=self._tell)
        return self._client

    def _tell(self, status: EngineStatus) -> None:
        for on_status in self._on_status:
            on_status(status)


def _both(on_frame: OnFrame | None, watcher: Watcher | None) -> OnFrame | None:
    if watcher is None:
        return on_frame

    def tell(frame: FrameEvent) -> None:
        watcher.frame(frame)
        if on_frame:
            on_frame(frame)

    return tell
