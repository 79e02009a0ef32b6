"""Fills by a server that speaks OpenAI's completions: what `Link` is for a Remask engine, for others.

Such a server continues text. It cannot mask part of a selection, judge what stands there or read ahead, so
these are refused, or answered with nothing. Typed characters are the end of the prompt, and so stay.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any

from lsp_server.core.types import FillFigures
from lsp_server.engine.protocol import (
    Candidate,
    EngineState,
    FillRequest,
    FillResult,
    Health,
    Hole,
)
from lsp_server.engine.remote.attempt import Attempt, Cost, OnFrame
from lsp_server.engine.remote.dialect import Dialect
from lsp_server.engine.remote.ended import Ended
from lsp_server.engine.remote.failures import Unsupported
from lsp_server.engine.remote.retry import Retry
from lsp_server.engine.remote.server import Server
from lsp_server.engine.remote.stream import Stream
from lsp_server.engine.runtime.candidates import best_first, take_new, tries_for

LONGEST_S = 600.0
"""Seconds for a request without a budget."""


class CompletionsLink:
    """One model behind a `Server`."""

    def __init__(
        self,
        server: Server,
        dialect: Dialect,
        *,
        clock: Callable[[], float] = time.monotonic,
        draw: Callable[[], float] = random.random,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self.dialect = dialect
        self._clock = clock
        self._stream = Stream(server, Retry(clock, draw, sleep), clock)
        self._server = server
        self._under_way: dict[str, Ended] = {}

    async def health(self) -> Health | None:
        """That it was reached; what it computes with is its own business."""
        return Health(EngineState.READY, self.dialect.model)

    async def fill(self, request: FillRequest, on_frame: OnFrame | None) -> FillResult:
        """See `Link.fill`.

        Raises:
            Unsupported: it takes a Remask engine to answer this.
            Unreachable, KeyRefused, BadRequest, EngineFailed: no answer.
        """
        started = self._clock()
        if request.read_only:  # it has no effect there, so nothing is sent
            return FillResult((), FillFigures(), self.dialect.model)
        _check(request)
        ended = Ended()
        self._under_way[request.id] = ended
        try:
            return await self._filled(request, started, ended, on_frame)
        finally:
            self._under_way.pop(request.id, None)

    async def take(self, name: str) -> bool:
        """See `Link.take`."""
        ended = self._under_way.get(name) if name else None
        if ended is not None:
            ended.end()
        return ended is not None

    async def _filled(
        self, request: FillRequest, started: float, ended: Ended, on_frame: OnFrame | None
    ) -> FillResult:
        deadline = started + (request.budget_ms / 1000 if request.budget_ms else LONGEST_S)
        cost = Cost()
        candidates: list[Candidate] = []
        tries, made = tries_for(request), 0
        while (
            len(candidates) < request.candidates
            and made < tries
            and (not made or (self._clock() < deadline and not ended.now))
        ):
            width = min(request.candidates - len(candidates), tries - made)
            wave = [
                self._attempt(request, index, deadline, cost, on_frame, ended)
                for index in range(made, made + width)
            ]
            made += width
            take_new(request, candidates, await _together([attempt.candidate() for attempt in wave]))
        figures = FillFigures(
            tokens=cost.written,
            latency_ms=(self._clock() - started) * 1000,
            context_tokens=cost.read,
            cached_tokens=cost.cached,
        )
        return FillResult(best_first(candidates), figures, self.dialect.model)

    async def close(self) -> None:
        """Close the connections, which withdraws what is in flight."""
        await self._server.close()

    def _attempt(
        self,
        request: FillRequest,
        index: int,
        deadline: float,
        cost: Cost,
        on_frame: OnFrame | None,
        ended: Ended,
    ) -> Attempt:
        watch = on_frame if request.frames else None
        return Attempt(self._stream, self.dialect, request, index, deadline, cost, watch, ended)


def _check(request: FillRequest) -> None:
    if request.questions or any(map(_in_place, request.holes)):
        raise Unsupported(
            "the remote server can only write anew, not judge or mask a part",
            hint="Set engine.fallback, or point engine.url at a `remask engine`.",
        )


def _in_place(hole: Hole) -> bool:
    """Whether only a part of what stands in a hole is asked about."""
    return hole.strength < 1 or hole.in_place or bool(hole.excluded)


async def _together(work: Sequence[Coroutine[Any, Any, Candidate]]) -> list[Candidate]:
    """The results of all; if one fails the others are ended."""
    tasks = [asyncio.ensure_future(each) for each in work]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
