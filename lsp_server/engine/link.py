"""HTTP to one engine: requests become events, events and failures become results and errors.

httpx takes a seventh of a second to import, so that waits until there is an engine to talk to.
"""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Callable
from http import HTTPStatus
from typing import TYPE_CHECKING

import msgspec

from lsp_server.core.errors import (
    BadInput,
    EngineFailed,
    EngineUnavailable,
    ModelCorrupt,
    ModelMissing,
    RemaskError,
    Superseded,
)
from lsp_server.engine.protocol import (
    DoneEvent,
    ErrorEvent,
    Event,
    FillRequest,
    FillResult,
    FrameEvent,
    Health,
    Take,
    Taken,
)

if TYPE_CHECKING:
    import httpx

HEALTH_TIMEOUT_S = 10.0
CONNECT_TIMEOUT_S = 5.0
SLACK_S = 60.0
"""Silence allowed beyond a request's budget before the engine counts as hung."""
LONGEST_S = 600.0
"""Silence allowed for a request without a budget."""
KEEP_ALIVE_S = 30.0
"""Shorter than the engine's own, so that we never write to a connection it is just closing."""


class _Refusal(msgspec.Struct):
    message: str
    hint: str = ""


_REFUSALS = msgspec.json.Decoder(dict[str, _Refusal])
_EVENTS: msgspec.json.Decoder[Event] = msgspec.json.Decoder(Event)
_TAKEN = msgspec.json.Decoder(Taken)
_HEALTH = msgspec.json.Decoder(Health)
_UNAVAILABLE = {HTTPStatus.UNAUTHORIZED, HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}
_ERRORS: dict[str, type[RemaskError]] = {
    "superseded": Superseded,
    "cancelled": EngineUnavailable,
    "bad-input": BadInput,
    "model-missing": ModelMissing,
    "model-corrupt": ModelCorrupt,
}


class Lost(EngineUnavailable):
    """The connection broke; `heard` tells whether the engine had begun to answer."""

    def __init__(self, message: str, *, heard: bool) -> None:
        super().__init__(message)
        self.heard = heard


class Link:
    """One engine at one URL. `verify` checks its certificate; connections are kept open between requests."""

    def __init__(
        self,
        url: str,
        token: str | None,
        transport: httpx.AsyncBaseTransport | None = None,
        *,
        verify: ssl.SSLContext | None = None,
    ) -> None:
        import httpx

        self.url = url
        self._http = httpx.AsyncClient(
            base_url=url,
            headers={"Authorization": f"Bearer {token}"} if token else {},
            limits=httpx.Limits(max_connections=None, keepalive_expiry=KEEP_ALIVE_S),
            transport=transport,
            verify=verify if verify is not None else True,
            # a proxy is for what is elsewhere, which is asked by TLS
            trust_env=verify is not None,
        )

    async def health(self) -> Health | None:
        """What the engine says about itself; None if it does not answer as an engine of ours would."""
        import httpx

        try:
            response = await self._http.get("/health", timeout=HEALTH_TIMEOUT_S)
            return _HEALTH.decode(response.content) if response.status_code == HTTPStatus.OK else None
        except (httpx.HTTPError, httpx.InvalidURL, msgspec.MsgspecError, UnicodeDecodeError):
            return None

    async def fill(self, request: FillRequest, on_frame: Callable[[FrameEvent], None] | None) -> FillResult:
        """Post a request and follow its events to the end.

        Raises:
            Lost: the connection could not be made, or broke.
            Superseded, ModelMissing, ModelCorrupt, BadInput, EngineUnavailable, EngineFailed:
                what the engine answered.
        """
        import httpx

        budget_s = request.budget_ms / 1000 + SLACK_S if request.budget_ms else LONGEST_S
        timeout = httpx.Timeout(budget_s, connect=CONNECT_TIMEOUT_S)
        heard = False
        try:
            async with self._http.stream(
                "POST", "/v1/fill", content=_encode(request), timeout=timeout
            ) as response:
                heard = True
                if response.status_code != HTTPStatus.OK:
                    raise _refusal(response.status_code, await response.aread())
                async for line in _lines(response.aiter_bytes()):
                    match _event(line):
                        case DoneEvent(result=result):
                            return result
                        case ErrorEvent() as error:
                            raise _ERRORS.get(error.code, EngineFailed)(error.message, hint=error.hint)
                        case FrameEvent() as frame if on_frame:
                            on_frame(frame)
        except httpx.TransportError as error:
            raise Lost(f"the engine went away ({type(error).__name__})", heard=heard) from error
        raise Lost("the engine went away in the middle of an answer", heard=True)

    async def take(self, name: str) -> bool:
        """Have the request of that id end with what it has; false if there is none such, or no engine."""
        import httpx

        try:
            response = await self._http.post(
                "/v1/take", content=msgspec.json.encode(Take(name)), timeout=HEALTH_TIMEOUT_S
            )
            return response.status_code == HTTPStatus.OK and _TAKEN.decode(response.content).taken
        except (httpx.HTTPError, msgspec.MsgspecError, UnicodeDecodeError):
            return False

    async def close(self) -> None:
        """Close the connections, which withdraws what is in flight."""
        await self._http.aclose()


def _encode(request: FillRequest) -> bytes:
    try:
        return msgspec.json.encode(request)
    except UnicodeEncodeError as error:
        raise BadInput("the text holds half of a surrogate pair, which is not Unicode text") from error


async def _lines(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Lines ended by a line feed only: JSON may hold every other line separator as it is."""
    rest = b""
    async for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            yield line


def _event(line: bytes) -> Event:
    try:
        return _EVENTS.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise EngineFailed(
            "the engine's answer makes no sense", hint="Engine and server may be of different versions."
        ) from error


def _refusal(status: int, body: bytes) -> RemaskError:
    kind: type[RemaskError] = EngineFailed
    if status in {HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE}:
        kind = BadInput
    elif status in _UNAVAILABLE:
        kind = EngineUnavailable
    try:
        said = _REFUSALS.decode(body)["error"]
    except (msgspec.MsgspecError, UnicodeDecodeError, KeyError):
        return kind(f"the engine answered with HTTP status {status}")
    return kind(said.message, hint=said.hint)
