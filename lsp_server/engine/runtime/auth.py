"""Who may ask: those that can read the address file, and so know the token."""

from __future__ import annotations

import secrets

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from lsp_server.engine.runtime.answers import refusal

LOOPBACK_NAMES = ("127.0.0.1", "localhost")
"""Host names a request may carry. A page whose own name was pointed at loopback carries another."""
TRUSTED = "remask.trusted"
"""Key in the ASGI scope: whether the request carried the token."""
USER = "remask.user"
"""Key in the ASGI scope: whose the request is, where the engine has several users."""


class BearerToken:
    """ASGI middleware: 401 without the token; only the health's bare state is for everybody."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app = app
        self._expected = f"Bearer {token}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what is allowed."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get("authorization")
        trusted = given is not None and secrets.compare_digest(given.encode("latin-1"), self._expected)
        if trusted or (given is None and scope["path"] == "/health"):
            await self._app({**scope, TRUSTED: trusted}, receive, send)
        else:
            await refusal(401, "wrong or missing token")(scope, receive, send)
