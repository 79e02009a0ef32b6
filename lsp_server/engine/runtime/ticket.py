"""A submitted request as the event loop sees it, and what is told about it when it is over."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol

from lsp_server.core.types import FillFigures
from lsp_server.engine.protocol import DoneEvent, ErrorEvent, Event, FillRequest, FrameEvent
from lsp_server.engine.runtime.scheduler import Scheduler


@dataclass(frozen=True, slots=True)
class Seen:
    """One request that is over. No part of it is code.

    `kind` is what was asked, `outcome` is ``answered``, ``withdrawn`` or an `ErrorEvent`'s code. Times are
    seconds from when it was queued: until a worker took it, until the first frame, until the end; None
    for what did not come.
    """

    user: str
    kind: str
    outcome: str
    queue_s: float | None
    first_frame_s: float | None
    total_s: float
    figures: FillFigures | None


class Observer(Protocol):
    """Is told about requests that are over, on the event loop."""

    def ended(self, seen: Seen) -> None:
        """One is."""


class Ticket:
    """A submitted request and its events, brought to the event loop."""

    def __init__(
        self, scheduler: Scheduler, request: FillRequest, user: str | None, observer: Observer | None
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._events: asyncio.Queue[Event] = asyncio.Queue()
        self._scheduler = scheduler
        self._observer = observer
        self._first_frame: float | None = None
        self._over = False
        self._job = scheduler.submit(request, self._emit, user)

    async def events(self) -> AsyncIterator[Event]:
        """All events up to the last one."""
        while True:
            event = await self._events.get()
            yield event
            if not isinstance(event, FrameEvent):
                return

    async def end(self) -> DoneEvent | ErrorEvent:
        """The last event."""
        while isinstance(event := await self._events.get(), FrameEvent):
            pass
        return event

    def withdraw(self) -> None:
        """Nobody waits for it any more."""
        self._scheduler.withdraw(self._job)
        self._told("withdrawn")

    def _emit(self, event: Event) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended, and nobody listens
            self._loop.call_soon_threadsafe(self._heard, event)

    def _heard(self, event: Event) -> None:
        self._events.put_nowait(event)
        match event:
            case FrameEvent():
                if self._first_frame is None:
                    self._first_frame = self._scheduler.clock() - self._job.came
            case DoneEvent(result=result):
                self._told("answered", result.figures)
            case ErrorEvent(code=code):
                self._told(code)

    def _told(self, outcome: str, figures: FillFigures | None = None) -> None:
        """Tell how it ended, once."""
        if self._over or self._observer is None:
            return
        self._over = True
        job = self._job
        self._observer.ended(
            Seen(
                user=job.owner,
                kind=_kind(job.request),
                outcome=outcome,
                queue_s=None if job.taken is None else job.taken - job.came,
                first_frame_s=self._first_frame,
                total_s=self._scheduler.clock() - job.came,
                figures=figures,
            )
        )


def _kind(request: FillRequest) -> str:
    if request.read_only:
        return "read"
    if request.ahead:
        return "ahead"
    if request.questions:
        return "judge"
    return "fill" if request.instruction is None else "rewrite"
