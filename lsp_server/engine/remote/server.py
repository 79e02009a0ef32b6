"""HTTP to one remote server: bodies out, events back, failures as errors for people."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING

import msgspec

from lsp_server.core.errors import BadInput, RemaskError
from lsp_server.engine.remote.endpoint import Endpoint
from lsp_server.engine.remote.events import Event, events_of
from lsp_server.engine.remote.failures import broken, refusal
from lsp_server.engine.remote.key import Key

if TYPE_CHECKING:
    import httpx

CONNECT_S = 3.0
ANSWER_S = 10.0
"""For what is small, as the list of models."""
SILENCE_S = 60.0
"""Between two pieces of an answer, when nothing else ends it."""
KEEP_ALIVE_S = 60.0


class Server:
    """One server. Connections are kept open between requests; the key goes to it alone, in a header."""

    def __init__(
        self,
        endpoint: Endpoint,
        key: Key | None,
        *,
        verify: ssl.SSLContext | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        import httpx

        self.endpoint = endpoint
        self.key = key
        self._http = httpx.AsyncClient(
            base_url=endpoint.url,
            headers={"Authorization": f"Bearer {key.value}"} if key else {},
            limits=httpx.Limits(max_connections=None, keepalive_expiry=KEEP_ALIVE_S),
            timeout=httpx.Timeout(SILENCE_S, connect=CONNECT_S),
            transport=transport,
            # a redirect could carry code and key to another host
            follow_redirects=False,
            verify=verify if verify is not None else True,
            # a proxy is for what is elsewhere
            trust_env=not endpoint.loopback,
        )

    async def get(self, path: str) -> bytes | None:
        """A body; None if there is no such route.

        Raises:
            Unreachable, KeyRefused, BadRequest: it was not to be had.
        """
        import httpx

        try:
            answer = await self._http.get(path, timeout=ANSWER_S)
        except httpx.TransportError as error:
            raise broken(self.endpoint.host, error) from None
        if answer.status_code in {HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED}:
            return None
        if answer.status_code != HTTPStatus.OK:
            raise self._refusal(answer, answer.content)
        return answer.content

    @asynccontextmanager
    async def events(self, path: str, body: Mapping[str, object]) -> AsyncIterator[AsyncIterator[Event]]:
        """The events that answer a body; leaving the context before their end withdraws the request.

        Raises:
            Unreachable, KeyRefused, BadRequest: it was not to be had.
            EngineFailed: what came makes no sense.
        """
        import httpx

        headers = {"Content-Type": "application/json", "Accept": "text/event-stream, application/json"}
        try:
            async with self._http.stream("POST", path, content=_encoded(body), headers=headers) as answer:
                if answer.status_code != HTTPStatus.OK:
                    raise self._refusal(answer, await answer.aread())
                streamed = "event-stream" in answer.headers.get("content-type", "")
                yield events_of(answer.aiter_bytes(), streamed=streamed)
        except httpx.TransportError as error:
            raise broken(self.endpoint.host, error) from None

    async def close(self) -> None:
        """Close the connections, which withdraws what is in flight."""
        await self._http.aclose()

    def _refusal(self, answer: httpx.Response, body: bytes) -> RemaskError:
        if self.key:
            body = self.key.hidden_in(body.decode("utf-8", "replace")).encode()
        after = answer.headers.get("retry-after")
        return refusal(self.endpoint.host, answer.status_code, body, after)


def _encoded(body: Mapping[str, object]) -> bytes:
    try:
        return msgspec.json.encode(body)
    except UnicodeEncodeError as error:
        raise BadInput("the text holds half of a surrogate pair, which is not Unicode text") from error
