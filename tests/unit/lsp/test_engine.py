from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from lsp_server.core.settings import CompletionSettings, EngineSettings, Settings
from lsp_server.core.types import FillFigures
from lsp_server.engine.client import EngineStatus
from lsp_server.engine.protocol import FillRequest, FillResult, FrameEvent, Hole
from lsp_server.lsp.engine import ChosenEngine

pytestmark = pytest.mark.asyncio
FRAME = FrameEvent(0, 1, ())
RESULT = FillResult((), FillFigures(forwards=2), "stand-in")


def request(document: str = "file:///a.py") -> FillRequest:
    return FillRequest(text="", holes=(Hole(0, 0),), document=document)


@dataclass
class Client:
    model: str
    settings: EngineSettings
    on_status: Callable[[EngineStatus], None]
    status: EngineStatus = field(default_factory=lambda: EngineStatus("ready", ""))
    closed: bool = False
    adapters: list[str] = field(default_factory=list)

    async def fill(self, request: FillRequest, on_frame: Any = None, *, wait: bool = False) -> FillResult:  # noqa: ANN401
        self.adapters.append(request.adapter)
        if on_frame:
            on_frame(FRAME)
        return RESULT

    async def close(self) -> None:
        self.closed = True


@dataclass
class Watcher:
    seen: list[object] = field(default_factory=list)

    def frame(self, frame: FrameEvent) -> None:
        self.seen.append(frame)

    def done(self, result: FillResult) -> None:
        self.seen.append(result)


def engine(adapter_for: Callable[[str], str] = lambda _: "") -> tuple[ChosenEngine, list[Client]]:
    made: list[Client] = []

    def make(**options: Any) -> Any:  # noqa: ANN401 -- a stand-in's options
        made.append(Client(**options))
        return made[-1]

    return ChosenEngine(cast("Any", make), adapter_for), made


async def test_nothing_is_made_before_it_is_needed() -> None:
    """Settings alone make no client, and closing without one is fine."""
    chosen, made = engine()
    chosen.choose(Settings(model="other"))
    await chosen.close()
    assert made == []


@pytest.mark.parametrize(
    ("settings", "replaced"),
    [
        (Settings(), False),
        (Settings(completion=CompletionSettings(max_lines=1)), False),
        (Settings(model="other"), True),
        (Settings(engine=EngineSettings(threads=1)), True),
    ],
)
async def test_only_another_engine_replaces_the_client(settings: Settings, *, replaced: bool) -> None:
    """A change of the model or the engine's settings does; the old client is let go of."""
    chosen, made = engine()
    await chosen.fill(request())
    chosen.choose(settings)
    await chosen.fill(request())
    await chosen.close()
    assert len(made) == 1 + replaced
    assert (made[-1].model, made[-1].settings) == (settings.model, settings.engine)
    assert all(client.closed for client in made)


async def test_watchers_see_their_documents_fills() -> None:
    """Frames and figures go to the watcher beside the caller, for its document and its time only."""
    chosen, _ = engine()
    watcher, frames = Watcher(), list[FrameEvent]()
    with chosen.watched("file:///a.py", watcher):
        await chosen.fill(request(), frames.append)
        await chosen.fill(request("file:///b.py"))
    await chosen.fill(request())
    assert watcher.seen == [FRAME, RESULT]
    assert frames == [FRAME]


async def test_the_newest_watcher_stays() -> None:
    """An older request that ends does not take the newer one's watcher away."""
    chosen, _ = engine()
    older, newer = Watcher(), Watcher()
    entered = asyncio.Event()
    leave = asyncio.Event()

    async def look(watcher: Watcher) -> None:
        with chosen.watched("file:///a.py", watcher):
            entered.set()
            await leave.wait()

    task = asyncio.ensure_future(look(older))
    await entered.wait()
    with chosen.watched("file:///a.py", newer):
        leave.set()
        await task
        await chosen.fill(request())
    assert (older.seen, newer.seen) == ([], [FRAME, RESULT])


async def test_status_reaches_every_subscriber() -> None:
    """Whichever client tells it."""
    chosen, made = engine()
    heard: list[EngineStatus] = []
    chosen.subscribe(heard.append)
    assert chosen.status.phase == "ready"
    made[0].on_status(EngineStatus("busy", ""))
    assert [status.phase for status in heard] == ["busy"]


async def test_a_document_is_filled_with_the_adapter_of_its_code() -> None:
    """Asked anew for each request, so that one just trained is used by the next; other code has none."""
    adapters = {"file:///a.py": "code@1"}
    chosen, made = engine(lambda key: adapters.get(key, ""))
    await chosen.fill(request())
    adapters["file:///a.py"] = "code@2"
    await chosen.fill(request())
    await chosen.fill(request("file:///b.py"))
    assert made[0].adapters == ["code@1", "code@2", ""]
