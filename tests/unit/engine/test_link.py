from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx
import msgspec
import pytest

from lsp_server.core.errors import (
    BadInput,
    EngineFailed,
    EngineUnavailable,
    ModelCorrupt,
    ModelMissing,
    RemaskError,
    Superseded,
)
from lsp_server.core.types import FillFigures
from lsp_server.engine.link import Link, Lost
from lsp_server.engine.protocol import (
    Cell,
    CellState,
    DoneEvent,
    ErrorEvent,
    FillRequest,
    FillResult,
    FrameEvent,
    Hole,
)

REQUEST = FillRequest("a = ", (Hole(4, 4),), frames=True)
RESULT = FillResult((), FillFigures(tokens=3), "m")
#: Line separators that JSON may hold as they are.
TRICKY = "a\u2028b\u0085c\x7fd\U0001f600"
FRAME = FrameEvent(0, 1, (Cell(TRICKY, CellState.COMMITTED, 0.5),))


class Chunks(httpx.AsyncByteStream):
    def __init__(self, *chunks: bytes, then: Exception | None = None, hang: bool = False) -> None:
        self.chunks, self.then, self.hang = chunks, then, hang
        self.began, self.closed = asyncio.Event(), False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self.chunks:
            yield chunk
        self.began.set()
        if self.hang:
            await asyncio.Event().wait()
        if self.then:
            raise self.then

    async def aclose(self) -> None:
        self.closed = True


def link(answer: httpx.Response | Exception) -> Link:
    def handle(request: httpx.Request) -> httpx.Response:
        if isinstance(answer, Exception):
            raise answer
        return answer

    return Link("http://127.0.0.1:1", "t", httpx.MockTransport(handle))


def lines(*events: object) -> bytes:
    return b"".join(msgspec.json.encode(event) + b"\n" for event in events)


@pytest.mark.asyncio
@pytest.mark.parametrize("size", [1, 7, 10_000])
async def test_events_arrive_whatever_the_chunks(size: int) -> None:
    """Lines end at line feeds only, wherever the network cuts, and text keeps odd separators."""
    sent = lines(FRAME, FRAME, DoneEvent(RESULT))
    chunks = Chunks(*(sent[at : at + size] for at in range(0, len(sent), size)))
    frames: list[FrameEvent] = []
    assert await link(httpx.Response(200, stream=chunks)).fill(REQUEST, frames.append) == RESULT
    assert frames == [FRAME, FRAME]


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("superseded", Superseded),
        ("cancelled", EngineUnavailable),
        ("bad-input", BadInput),
        ("model-missing", ModelMissing),
        ("model-corrupt", ModelCorrupt),
        ("failed", EngineFailed),
        ("unheard-of", EngineFailed),
    ],
)
async def test_error_events_become_errors(code: str, kind: type[RemaskError]) -> None:
    """Each code is the error of the same meaning, with message and hint."""
    chunks = Chunks(lines(FRAME, ErrorEvent(code, "why", "what to do")))
    with pytest.raises(RemaskError) as raised:
        await link(httpx.Response(200, stream=chunks)).fill(REQUEST, None)
    assert type(raised.value) is kind
    assert (raised.value.args[0], raised.value.hint) == ("why", "what to do")


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, BadInput),
        (413, BadInput),
        (401, EngineUnavailable),
        (429, EngineUnavailable),
        (503, EngineUnavailable),
        (500, EngineFailed),
    ],
)
@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'{"error": {"message": "why", "hint": "do"}}', "why"),
        (b"<html>", "the engine answered with HTTP status"),
        (b'{"error": "why"}', "the engine answered with HTTP status"),
        (b"\xff", "the engine answered with HTTP status"),
    ],
)
async def test_refusals_become_errors(
    status: int, kind: type[RemaskError], body: bytes, message: str
) -> None:
    """HTTP statuses have a meaning even when the body has none."""
    with pytest.raises(RemaskError, match=message) as raised:
        await link(httpx.Response(status, content=body)).fill(REQUEST, None)
    assert type(raised.value) is kind


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("answer", "heard"),
    [
        (httpx.ConnectError("refused"), False),
        (httpx.ReadError("reset"), False),
        (httpx.Response(200, stream=Chunks(lines(FRAME), then=httpx.RemoteProtocolError("cut"))), True),
        (httpx.Response(200, stream=Chunks(lines(FRAME))), True),
        (httpx.Response(200, stream=Chunks(lines(DoneEvent(RESULT))[:-20])), True),
        (httpx.Response(200, stream=Chunks()), True),
    ],
)
async def test_a_broken_connection_is_lost(answer: httpx.Response | Exception, *, heard: bool) -> None:
    """However the answer ends before its last event, the engine counts as gone."""
    with pytest.raises(Lost) as raised:
        await link(answer).fill(REQUEST, None)
    assert raised.value.heard is heard


@pytest.mark.asyncio
@pytest.mark.parametrize("line", [b"{}\n", b"x\n", b'{"event": "song"}\n', b"\xff\n", b"\n"])
async def test_nonsense_is_a_failure(line: bytes) -> None:
    """A line that is no event ends the fill with an error that says so."""
    with pytest.raises(EngineFailed, match="makes no sense"):
        await link(httpx.Response(200, stream=Chunks(line))).fill(REQUEST, None)


@pytest.mark.asyncio
async def test_cancelling_closes_the_connection() -> None:
    """A cancelled task leaves no request behind."""
    chunks = Chunks(lines(FRAME), hang=True)
    task = asyncio.create_task(link(httpx.Response(200, stream=chunks)).fill(REQUEST, None))
    await chunks.began.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert chunks.closed


@pytest.mark.asyncio
async def test_text_that_is_not_unicode_is_bad_input() -> None:
    """A lone surrogate cannot be sent, and is the caller's mistake rather than the engine's."""
    with pytest.raises(BadInput, match="surrogate"):
        await link(httpx.Response(200)).fill(FillRequest("\ud800", (Hole(1, 1),)), None)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "answer",
    [
        httpx.ConnectError("refused"),
        httpx.ReadTimeout("silent"),
        httpx.Response(401, content=b'{"state": "ready", "model": "m"}'),
        httpx.Response(200, content=b'{"state": "ready"}'),
        httpx.Response(200, content=b"\xff"),
        httpx.Response(302, headers={"Location": "http://elsewhere.example/"}),
    ],
)
async def test_whatever_is_no_engine_has_no_health(answer: httpx.Response | Exception) -> None:
    """Silence, refusals and other servers are all the same: no engine."""
    assert await link(answer).health() is None


@pytest.mark.asyncio
async def test_proxies_are_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy in the environment never sees what goes to loopback."""
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.example:3128")
    monkeypatch.setenv("ALL_PROXY", "http://proxy.example:3128")
    assert not Link("http://127.0.0.1:1", "t")._http._mounts
