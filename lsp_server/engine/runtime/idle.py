"""How long nobody has wanted anything of the engine."""

from __future__ import annotations

import time
from collections.abc import Callable

from starlette.types import ASGIApp, Receive, Scope, Send


class Idle:
    """Counts open requests and the time since the last one; 0 `minutes` is never too long."""

    def __init__(self, minutes: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.seconds = minutes * 60
        self._clock = clock
        self._open = 0
        self._last = clock()

    def touch(self) -> None:
        """Somebody is here now."""
        self._last = self._clock()

    def expired(self) -> bool:
        """Whether nothing is open and nothing was for too long."""
        return bool(self.seconds) and not self._open and self._clock() - self._last >= self.seconds

    def begin(self) -> None:
        """A request has come."""
        self._open += 1

    def end(self, *, unasked: bool = False) -> None:
        """A request is over; an `unasked` one is not taken for use."""
        self._open -= 1
        if not unasked:
            self.touch()


class CountRequests:
    """ASGI middleware: requests to the model keep the engine awake; looking at its health does not.

    Nor do requests whose handler says in their state that they were `unasked`.
    """

    def __init__(self, app: ASGIApp, idle: Idle) -> None:
        self._app = app
        self._idle = idle

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, counting."""
        if scope["type"] != "http" or not scope["path"].startswith("/v1/"):
            await self._app(scope, receive, send)
            return
        scope.setdefault("state", {})
        self._idle.begin()
        try:
            await self._app(scope, receive, send)
        finally:
            self._idle.end(unasked=scope["state"].get("unasked", False))
