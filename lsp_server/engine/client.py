"""The servers' side of the engine: one object that always knows whether there is one."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, Protocol

import msgspec

from lsp_server.core.errors import EngineUnavailable, ModelCorrupt, ModelMissing, RemaskError
from lsp_server.core.settings import EngineSettings
from lsp_server.engine.backoff import Backoff
from lsp_server.engine.link import Lost
from lsp_server.engine.protocol import EngineState, FillRequest, FillResult, FrameEvent, Health
from lsp_server.engine.source import Found, LocalEngine, Source

LOADING_POLL_S = 0.1
SOON_S = 2.0
"""How long who does not wait for an engine waits for one that runs already."""

Phase = Literal["stopped", "starting", "loading", "ready", "busy", "failed"]


@dataclass(frozen=True, slots=True)
class EngineStatus:
    """The engine as this client sees it; `progress` is the share of loading that is done.

    `remote` names the host that code is sent to, if it is. `notice` is what a person should know though
    there are answers, as that they come from elsewhere than was asked for.
    """

    phase: Phase
    message: str
    progress: float | None = None
    hint: str = ""
    remote: str = ""
    notice: str = ""

    @property
    def answers(self) -> bool:
        """Whether the engine is up and has its model."""
        return self.phase in {"ready", "busy"}


OnStatus = Callable[[EngineStatus], None]
OnFrame = Callable[[FrameEvent], None]


class Client(Protocol):
    """Fills holes, wherever; see `EngineClient` for what is meant."""

    @property
    def status(self) -> EngineStatus:
        """What the engine is doing."""

    async def fill(
        self, request: FillRequest, on_frame: OnFrame | None = None, *, wait: bool = False
    ) -> FillResult:
        """Fill the holes of `request`."""

    async def take(self, name: str) -> bool:
        """Have the request of that id end with what it has."""

    async def ensure(self) -> None:
        """Return once an engine can answer, or was tried to be brought up."""

    async def restart(self) -> None:
        """End the engine, if it is ours to end, and begin anew."""

    async def close(self) -> None:
        """Let go of the engine for good."""


class EngineClient:
    """Fills holes with the user's engine, which is started when it is first needed.

    Lives on one event loop; `on_status` is called there with every new status.
    `command` replaces the command line that starts the engine (its options are
    appended).
    """

    def __init__(
        self,
        *,
        settings: EngineSettings,
        model: str,
        client_id: str,
        on_status: OnStatus | None = None,
        command: Sequence[str] | None = None,
        source: Source | None = None,
        clock: Callable[[], float] = time.monotonic,
        draw: Callable[[], float] = random.random,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self.status = EngineStatus("stopped", "the engine has not been started yet")
        self._client_id = client_id
        self._on_status = on_status
        self._source = source or LocalEngine(model, settings, command=command, sleep=sleep)
        self._backoff = Backoff(clock=clock, draw=draw)
        self._clock = clock
        self._sleep = sleep
        self._found: Found | None = None
        self._since = 0.0
        self._in_flight = 0
        self._closed = False
        self._bringing: asyncio.Task[RemaskError | None] | None = None

    async def fill(
        self,
        request: FillRequest,
        on_frame: OnFrame | None = None,
        *,
        wait: bool = False,
    ) -> FillResult:
        """Fill the holes of `request`; cancelling the task withdraws it.

        Without `wait` an engine that is not ready is started behind the scenes and
        `EngineUnavailable` is raised at once; with it the call waits until it is ready. One that has
        left, idle, is looked for again: another server may have started it anew.

        Raises:
            EngineUnavailable: there is no engine, or it went away.
            Superseded, ModelMissing, ModelCorrupt, BadInput, EngineFailed: what it answered.
        """
        found = await self._ready(wait=wait)
        request = msgspec.structs.replace(request, client=request.client or self._client_id)
        try:
            return await self._fill(found, request, on_frame)
        except Lost as lost:
            if lost.heard:
                raise
        if not wait:
            await self._reached_soon()
        return await self._fill(await self._ready(wait=wait), request, on_frame)

    async def take(self, name: str) -> bool:
        """Have the request of that id end with what it has; false if the engine has none such (yet)."""
        return self._found is not None and await self._found.link.take(name)

    async def ensure(self) -> None:
        """Return once an engine runs and has loaded its model, or tried to.

        Raises:
            EngineUnavailable: none could be brought up.
            BadInput: the command that starts engines makes no sense.
        """
        while self._found is None:
            left = self._backoff.left()
            if left and (self._backoff.given_up or not self._source.startable):
                raise self._unavailable()
            if left:
                await self._sleep(left)
                continue
            task = self._bring_up_once()
            await asyncio.wait([task])
            problem = None if task.cancelled() else task.result()
            if problem is not None and not isinstance(problem, EngineUnavailable):
                raise problem

    async def health(self) -> Health | None:
        """What the running engine says about itself; None if none runs. Starts nothing."""
        if self._found is not None:
            return await self._found.link.health()
        found = await self._source.find()
        if found is None:
            return None
        await found.link.close()
        return found.health

    async def restart(self) -> None:
        """End the running engine, for every server that shares it, and start a new one behind the scenes."""
        await self._settle()
        await self._source.stop()
        await self._drop()
        self._backoff.forget()
        self._kick()

    async def close(self) -> None:
        """Let go of the engine for good; it ends by itself when nobody uses it."""
        self._closed = True
        await self._settle()
        await self._drop()

    async def _ready(self, *, wait: bool) -> Found:
        if wait:
            await self.ensure()
        if self._found is None:
            self._kick()
            raise self._unavailable()
        return self._found

    async def _reached_soon(self) -> None:
        self._kick()
        if self._bringing is not None:
            await asyncio.wait([self._bringing], timeout=SOON_S)

    async def _fill(
        self, found: Found, request: FillRequest, on_frame: Callable[[FrameEvent], None] | None
    ) -> FillResult:
        shown = 0 if request.read_only else 1
        self._count(+shown)
        try:
            result = await found.link.fill(request, on_frame)
        except Lost:
            await self._lost(found)
            raise
        except (ModelMissing, ModelCorrupt) as problem:
            self._show(EngineStatus("failed", problem.args[0], hint=problem.hint))
            raise
        finally:
            self._count(-shown)
        if self.status.phase == "failed":
            self._show(EngineStatus("busy" if self._in_flight else "ready", ""))
        return result

    def _count(self, change: int) -> None:
        self._in_flight += change
        if self._found is not None and self.status.answers:
            self._show(EngineStatus("busy" if self._in_flight else "ready", ""))

    async def _lost(self, found: Found) -> None:
        """Forget an engine that does not answer; a crash delays the next start."""
        if self._found is not found:
            return
        self._found = None
        if self._source.left_in_order(found):
            self._show(EngineStatus("stopped", "the engine has stopped"))
        else:
            self._backoff.failed(self._clock() - self._since)
            self._failed(self._source.post_mortem())
        await found.link.close()

    def _kick(self) -> None:
        """Bring an engine up behind the scenes, unless one failed too recently."""
        if not self._backoff.left() and not self._closed:
            self._bring_up_once()

    def _bring_up_once(self) -> asyncio.Task[RemaskError | None]:
        if self._closed:
            raise self._unavailable()
        if self._bringing is None or self._bringing.done():
            self._show(EngineStatus("starting", "starting the engine"))
            self._bringing = asyncio.create_task(self._bring_up())
        return self._bringing

    async def _bring_up(self) -> RemaskError | None:
        try:
            found = await self._source.reach()
            try:
                found = await self._loaded(found)
            except BaseException:
                await found.link.close()
                raise
        except RemaskError as problem:
            self._backoff.failed()
            self._failed(problem)
            return problem
        self._found, self._since = found, self._clock()
        self._show(_status_of(found.health))
        return None

    async def _loaded(self, found: Found) -> Found:
        """The engine once it has loaded its model, or failed to."""
        while found.health.state is EngineState.LOADING:
            self._show(_status_of(found.health))
            await self._sleep(LOADING_POLL_S)
            health = await found.link.health()
            if health is None:
                raise self._source.post_mortem()
            found = replace(found, health=health)
        return found

    def _failed(self, problem: RemaskError) -> None:
        over = self._backoff.given_up or not isinstance(problem, EngineUnavailable)
        phase: Phase = "failed" if over else "stopped"
        self._show(EngineStatus(phase, problem.args[0], hint=problem.hint))

    def _unavailable(self) -> EngineUnavailable:
        return EngineUnavailable(self.status.message, hint=self.status.hint)

    async def _settle(self) -> None:
        """End the attempt to bring an engine up, if one is under way."""
        task, self._bringing = self._bringing, None
        if task is not None and not task.done():
            task.cancel()
            await asyncio.wait([task])

    async def _drop(self) -> None:
        found, self._found = self._found, None
        if found is not None:
            await found.link.close()
        self._show(EngineStatus("stopped", "the engine is not in use"))

    def _show(self, status: EngineStatus) -> None:
        if status == self.status:
            return
        self.status = status
        if self._on_status is not None:
            self._on_status(status)


def _status_of(health: Health) -> EngineStatus:
    match health.state:
        case EngineState.LOADING:
            return EngineStatus("loading", health.message or "loading the model", health.progress)
        case EngineState.FAILED:
            return EngineStatus("failed", health.message, hint=health.hint)
        case _:
            return EngineStatus("ready", "")
