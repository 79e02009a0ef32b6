"""Shapes of HTTP answers, and the watch for clients that go away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import suppress
from typing import Any, TypeVar

import msgspec
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

T = TypeVar("T")

_KINDS = {
    401: "authentication_error",
    403: "permission_error",
    429: "rate_limit_error",
    500: "server_error",
    503: "server_error",
}


def json_answer(content: object, status: int = 200) -> Response:
    """Any value msgspec can encode, as JSON."""
    return Response(msgspec.json.encode(content), status, media_type="application/json")


def error_body(status: int, message: str, *, code: str | None = None, hint: str = "") -> dict[str, object]:
    """An error in OpenAI's shape, and our hint."""
    kind = _KINDS.get(status, "invalid_request_error")
    return {"error": {"message": message, "type": kind, "param": None, "code": code, "hint": hint}}


def refusal(
    status: int, message: str, *, code: str | None = None, hint: str = "", retry_s: int | None = None
) -> Response:
    """An error as an answer of its own; after `retry_s` seconds it may be asked again."""
    answer = json_answer(error_body(status, message, code=code, hint=hint), status)
    if retry_s is not None:
        answer.headers["Retry-After"] = str(retry_s)
    return answer


async def unless_gone(receive: Receive, work: Coroutine[Any, Any, T]) -> T:
    """The result of `work`, which is cancelled when the client closes its connection.

    Raises:
        ClientDisconnect: it did.
    """
    task, gone = asyncio.create_task(work), asyncio.create_task(_disconnect(receive))
    try:
        await asyncio.wait({task, gone}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise ClientDisconnect
        return task.result()
    finally:
        task.cancel()
        gone.cancel()
        await asyncio.wait({task, gone})


class Stream(Response):
    """Sends chunks as they come. `on_end` is called however it ends."""

    def __init__(self, chunks: AsyncIterator[bytes], media_type: str, on_end: Callable[[], None]) -> None:
        self._chunks = chunks
        self._on_end = on_end
        super().__init__(media_type=media_type, headers={"Cache-Control": "no-store"})
        del self.headers["content-length"]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 -- ASGI
        """Send until the end, or until nobody listens any more."""
        try:
            with suppress(ClientDisconnect):
                await unless_gone(receive, self._send(send))
        finally:
            self._on_end()

    async def _send(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        async for chunk in self._chunks:
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _disconnect(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
