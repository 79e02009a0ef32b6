"""The gate of an engine that a team shares: keys, pace, and no new work while it leaves."""

from __future__ import annotations

import logging
from typing import Protocol

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lsp_server.engine.runtime.answers import refusal
from lsp_server.engine.runtime.auth import TRUSTED, USER
from lsp_server.engine.runtime.limits import Pace
from lsp_server.engine.runtime.team.keys import METRICS_USER, Keys

log = logging.getLogger(__name__)

OPEN = ("/health", "/ready")
"""What anybody may ask, as what stands in front of the engine has no key; they are told one word."""
METRICS = "/metrics"
LEAVING_RETRY_S = 2
"""When to come again if the engine is leaving: another may be there by then."""


class Leaving(Protocol):
    """Whether the engine takes no new work."""

    @property
    def leaving(self) -> bool:
        """Whether it does."""


class Refusals(Protocol):
    """Is told who was refused, and with which status; the user is empty if nobody knows them."""

    def refused(self, user: str, status: int) -> None:
        """One was."""


class Gate:
    """ASGI middleware: 401, 403, 429 and 503, or the request goes on with its user in the scope.

    A user is who has the key. What the request says about its client counts only among that user's own.
    """

    def __init__(self, app: ASGIApp, keys: Keys, pace: Pace, leaving: Leaving, refusals: Refusals) -> None:
        self._app = app
        self._keys = keys
        self._pace = pace
        self._leaving = leaving
        self._refusals = refusals

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what is allowed."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get("authorization")
        if given is None and scope["path"] in OPEN:
            await self._app({**scope, TRUSTED: False}, receive, send)
            return
        kind, _, key = (given or "").partition(" ")
        user = self._keys.user_of(key) if kind.lower() == "bearer" else None
        send = self._counting(send, user or "")
        answer = self._refusal(user, scope["path"], work=scope["method"] == "POST")
        if answer is not None:
            await answer(scope, receive, send)
        else:
            await self._app({**scope, TRUSTED: True, USER: user}, receive, send)

    def _refusal(self, user: str | None, path: str, *, work: bool) -> ASGIApp | None:
        if user is None:
            answer = refusal(401, "wrong or missing key", hint="Ask whoever runs the engine for a key.")
            answer.headers["WWW-Authenticate"] = "Bearer"
            return answer
        if (path == METRICS) != (user == METRICS_USER):
            return refusal(403, f"only the key of {METRICS_USER!r} reads the metrics, and only them")
        if not work:
            return None
        if self._leaving.leaving:
            answer = refusal(503, "the engine is leaving", hint="Try again.", retry_s=LEAVING_RETRY_S)
            answer.headers["Connection"] = "close"  # so that the next try may find another engine
            return answer
        if wait_s := self._pace.wait_s(user):
            return refusal(429, "too many requests", hint=f"Try again in {wait_s} s.", retry_s=wait_s)
        return None

    def _counting(self, send: Send, user: str) -> Send:
        async def counting(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] >= 400:
                self._refusals.refused(user, message["status"])
                if self._leaving.leaving:
                    MutableHeaders(scope=message)["Connection"] = "close"
            await send(message)

        return counting
