"""How much a client may ask of the engine."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

import msgspec
from starlette.exceptions import HTTPException

from lsp_server.engine.protocol import FillRequest

TOO_LARGE = 413


@dataclass(frozen=True, slots=True)
class Limits:
    """What is not refused.

    `body` is of one request in bytes, `characters` of all text in it, `tokens` of what all its
    candidates may write, `seconds` its longest time budget. `waiting` is how many requests may wait
    at once, `waiting_each` how many of one user, `per_minute` how many a user may send, `connections` how
    many may be open. None is no limit.
    """

    body: int = 16 << 20
    characters: int | None = None
    tokens: int | None = None
    seconds: float | None = None
    waiting: int = 64
    waiting_each: int | None = None
    per_minute: int | None = None
    connections: int | None = None

    def checked(self, request: FillRequest) -> FillRequest:
        """The request with a time budget that is allowed.

        Raises:
            HTTPException: 413, it is too long or wants too much.
        """
        shown = len(request.text) + sum(len(each.text) for each in request.snippets)
        shown += len(request.instruction or "")
        if self.characters is not None and shown > self.characters:
            raise HTTPException(TOO_LARGE, f"{shown} characters are more than {self.characters}")
        wanted = request.candidates * sum(hole.max_tokens for hole in request.holes)
        if self.tokens is not None and wanted > self.tokens:
            raise HTTPException(TOO_LARGE, f"{wanted} tokens to write are more than {self.tokens}")
        if self.seconds is None:
            return request
        most_ms = round(1000 * self.seconds)
        return msgspec.structs.replace(request, budget_ms=min(request.budget_ms or most_ms, most_ms))


ALONE = Limits()
"""For an engine that has one user."""
TEAM = Limits(
    body=2 << 20,
    characters=200_000,
    tokens=4096,
    seconds=120.0,
    waiting=1024,
    waiting_each=16,
    per_minute=600,
    connections=512,
)
"""For an engine that a team shares. An editor that is typed in sends about one request a second."""


class Pace:
    """Requests a minute of each user: a bucket that a minute fills (the token bucket of RFC 2697)."""

    def __init__(self, per_minute: int | None, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = per_minute
        self._clock = clock
        self._left: dict[str, tuple[float, float]] = {}

    def wait_s(self, user: str) -> int:
        """0 if the user may ask now, which is counted; else the whole seconds until then."""
        if self._most is None:
            return 0
        now = self._clock()
        left, since = self._left.get(user, (float(self._most), now))
        left = min(float(self._most), left + (now - since) * self._most / 60)
        allowed = left >= 1
        self._left[user] = (left - allowed, now)
        return 0 if allowed else max(1, math.ceil((1 - left) * 60 / self._most))
