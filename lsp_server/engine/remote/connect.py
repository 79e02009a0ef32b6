"""From an address to a link: what speaks there, with which key, and which model answers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

import msgspec

from lsp_server.core.errors import EngineUnavailable
from lsp_server.core.settings import EngineSettings
from lsp_server.engine.link import Link
from lsp_server.engine.protocol import (
    PROTOCOL_VERSION,
    EngineState,
    FillRequest,
    FillResult,
    FrameEvent,
    Health,
)
from lsp_server.engine.remote.completions import CompletionsLink
from lsp_server.engine.remote.dialect import Dialect
from lsp_server.engine.remote.endpoint import Endpoint, tls_context
from lsp_server.engine.remote.failures import KeyRefused, Unreachable
from lsp_server.engine.remote.key import Key, is_inception, key_for
from lsp_server.engine.remote.server import Server

if TYPE_CHECKING:
    import httpx

Body = TypeVar("Body")


class AnyLink(Protocol):
    """What answers fills at the other end."""

    async def health(self) -> Health | None:
        """What it says about itself; None if it does not answer."""

    async def fill(self, request: FillRequest, on_frame: Callable[[FrameEvent], None] | None) -> FillResult:
        """Answer a request."""

    async def take(self, name: str) -> bool:
        """Have the request of that id end with what it has; whether it will."""

    async def close(self) -> None:
        """Close the connections, which withdraws what is in flight."""


@dataclass(frozen=True, slots=True)
class Connection:
    """A link, the model behind it, and the key that was used, which must not show anywhere."""

    link: AnyLink
    model: str
    key: Key | None
    ours: bool
    """Whether a Remask engine answers, which can all that the local one can."""


class _Model(msgspec.Struct):
    id: str
    root: str | None = None


class _Models(msgspec.Struct):
    data: list[_Model] = []


class _State(msgspec.Struct):
    state: EngineState


_MODELS: msgspec.json.Decoder[_Models] = msgspec.json.Decoder(_Models)
_HEALTH = msgspec.json.Decoder(Health)
_STATE: msgspec.json.Decoder[_State] = msgspec.json.Decoder(_State)


async def connect(
    endpoint: Endpoint,
    settings: EngineSettings,
    *,
    find_key: Callable[[Endpoint], Key | None] = key_for,
    transport: httpx.AsyncBaseTransport | None = None,
) -> Connection:
    """Find out what speaks at an endpoint and which model it has.

    Raises:
        Unreachable, KeyRefused, BadRequest: it is not to be had.
        EngineUnavailable: a Remask engine of another version.
        BadInput: `engine.caFile` or `engine.prompt` has to be set, or is wrong.
    """
    key = await asyncio.to_thread(find_key, endpoint)
    verify = tls_context(settings.ca_file) if endpoint.secure else None
    server = Server(endpoint, key, verify=verify, transport=transport)
    try:
        kind = await _kind(server, settings.kind)
        if kind == "remask":
            model = (await _our_health(server)).model
            link = Link(endpoint.url, key.value if key else None, transport, verify=verify)
            await server.close()
            return Connection(link, model, key, ours=True)
        dialect = await _dialect(server, kind, settings)
        return Connection(CompletionsLink(server, dialect), dialect.model, key, ours=False)
    except BaseException:
        await server.close()
        raise


async def _kind(server: Server, chosen: str) -> str:
    if chosen != "auto":
        return chosen
    if is_inception(server.endpoint.host):
        return "inception"
    body = await server.get("/health")
    return "remask" if _decoded(_STATE, body) is not None else "openai"


async def _our_health(server: Server) -> Health:
    host = server.endpoint.host
    body = await server.get("/health")
    health = _decoded(_HEALTH, body)
    if health is None and _decoded(_STATE, body) is not None:
        raise KeyRefused(f"{host} wants a key", hint="Store the engine's key with `remask remote key URL`.")
    if health is None:
        raise Unreachable(f"no Remask engine answers at {host}", hint="Check engine.url and engine.kind.")
    if health.protocol != PROTOCOL_VERSION:
        raise EngineUnavailable(
            f"the engine at {host} speaks protocol {health.protocol}, this is {PROTOCOL_VERSION}",
            hint="Install the same version of Remask on both sides.",
        )
    if health.state is EngineState.LOADING:
        raise Unreachable(f"the engine at {host} is loading its model")
    if health.state is EngineState.FAILED:
        raise EngineUnavailable(f"the engine at {host} has failed: {health.message}", hint=health.hint)
    return health


async def _dialect(server: Server, kind: str, settings: EngineSettings) -> Dialect:
    if kind == "inception":
        return Dialect.inception(settings.remote_model)
    body = await server.get("/v1/models")
    found = _decoded(_MODELS, body)
    models = found.data if found else []
    named = [each for each in models if each.id == settings.remote_model]
    first = (named or models or [_Model("")])[0]
    model = settings.remote_model or first.id
    if not model:
        raise Unreachable(
            f"{server.endpoint.host} names no model",
            hint="Set engine.remoteModel, or check engine.url: a server of OpenAI's kind has /v1/models.",
        )
    known_as = (first.root or "") if first.id == model else ""
    return Dialect.named(settings.prompt, model, known_as=known_as)


def _decoded(decoder: msgspec.json.Decoder[Body], body: bytes | None) -> Body | None:
    try:
        return decoder.decode(body or b"")
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
