"""A user's connection to the engine, which asks again until it is answered, and notes what became of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import msgspec

from lsp_server.core.errors import EngineUnavailable, RemaskError, Superseded
from lsp_server.engine.client import EngineStatus
from lsp_server.engine.link import Link
from lsp_server.engine.protocol import FillRequest, FillResult, FrameEvent

AGAIN_S = 0.25
GIVE_UP_S = 600.0

Fate = Literal["open", "answered", "withdrawn", "lost"]
"""`withdrawn`: by the user's own editor, as it asked something newer."""


@dataclass(slots=True)
class Asked:
    """One request; times in seconds of `time.perf_counter`. `tries` beyond 1 are those after a refusal."""

    user: str
    waited_for: bool
    at: float
    fate: Fate = "open"
    ended: float = 0.0
    tries: int = 0
    tokens: int = 0
    trouble: str = ""

    @property
    def ms(self) -> float:
        """From asking to the whole answer."""
        return 1000 * (self.ended - self.at)


class Line:
    """An `Engine` as the services want one, at a URL, with a key."""

    status = EngineStatus("ready", "")

    def __init__(self, user: str, url: str, key: str) -> None:
        self.asked: list[Asked] = []
        self._user = user
        self._link = Link(url, key)

    async def fill(
        self,
        request: FillRequest,
        on_frame: Callable[[FrameEvent], None] | None = None,
        *,
        wait: bool = False,  # noqa: ARG002 -- it always waits
    ) -> FillResult:
        """See `service.engine.Engine`; refused, or without an engine, it is asked again."""
        asked = Asked(self._user, not request.ahead and not request.read_only, time.perf_counter())
        self.asked.append(asked)
        request = msgspec.structs.replace(request, client=request.client or self._user)
        try:
            result = await self._answered(request, on_frame, asked)
        except (asyncio.CancelledError, Superseded):
            asked.fate = "withdrawn"
            raise
        except RemaskError as error:
            asked.fate, asked.trouble = "lost", str(error)
            raise
        else:
            asked.fate, asked.tokens = "answered", result.figures.tokens
            return result
        finally:
            asked.ended = time.perf_counter()

    async def close(self) -> None:
        """Close the connections."""
        await self._link.close()

    async def _answered(
        self, request: FillRequest, on_frame: Callable[[FrameEvent], None] | None, asked: Asked
    ) -> FillResult:
        while True:
            asked.tries += 1
            try:
                return await self._link.fill(request, on_frame)
            except EngineUnavailable:
                if time.perf_counter() - asked.at > GIVE_UP_S:
                    raise
                await asyncio.sleep(AGAIN_S)
