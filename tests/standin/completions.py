"""A server of OpenAI's kind on loopback, which answers as it is told and notes what it was asked."""

from __future__ import annotations

import asyncio
import contextlib
import json
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

Body = dict[str, Any]


@dataclass
class Seen:
    """A request that came."""

    method: str
    path: str
    headers: dict[str, str]
    body: Body


@dataclass
class Reply:
    """An answer: JSON, or a stream of raw chunks; `hang` never ends, `cut` ends without its end."""

    status: int = 200
    body: Any = None
    chunks: tuple[bytes, ...] = ()
    headers: dict[str, str] = field(default_factory=dict)
    hang: bool = False
    cut: bool = False


def sse(*events: object, done: bool = True) -> Reply:
    """A stream of JSON events."""
    sent = [b"data: " + json.dumps(event).encode() + b"\n\n" for event in events]
    return Reply(chunks=(*sent, b"data: [DONE]\n\n") if done else tuple(sent))


def text_events(*pieces: str, reason: str | None = "stop", **more: object) -> Reply:
    """Pieces of a completion as vLLM streams them."""
    events: list[Body] = [
        {"choices": [{"index": 0, "text": piece, "finish_reason": None}]} for piece in pieces
    ]
    events.append({"choices": [{"index": 0, "text": "", "finish_reason": reason}]})
    return sse(*events, *([more] if more else []))


@dataclass
class Stage:
    """What the server answers: by path, in turn, the last for ever."""

    replies: dict[str, list[Reply]] = field(default_factory=dict)
    seen: list[Seen] = field(default_factory=list)
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    url: str = ""

    def on(self, path: str, *replies: Reply) -> None:
        """Answer so from now on."""
        self.replies[path] = list(replies)

    def models(self, *names: str, **more: object) -> None:
        """Have these models."""
        listed = [{"id": name, "object": "model", **more} for name in names]
        self.on("/v1/models", Reply(body={"object": "list", "data": listed}))

    def bodies(self, path: str = "/v1/completions") -> list[Body]:
        """What was posted there."""
        return [each.body for each in self.seen if each.path == path]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection's requests."""
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while await self._one(reader, writer):
                pass
        writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, path, _ = head[0].split(" ")
        headers = {
            name.lower(): value.strip()
            for name, _, value in (line.partition(":") for line in head[1:])
            if name
        }
        length = int(headers.get("content-length", 0))
        raw = await reader.readexactly(length) if length else b"{}"
        self.asked.set()
        self.seen.append(Seen(method, path, headers, json.loads(raw)))
        waiting = self.replies.get(path, [Reply(404, {"detail": "Not Found"})])
        reply = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        return await self._send(reply, reader, writer)

    async def _send(self, reply: Reply, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        kind = "text/event-stream" if reply.chunks else "application/json"
        lines = [f"HTTP/1.1 {reply.status} x", f"Content-Type: {kind}", "Transfer-Encoding: chunked"]
        lines += [f"{name}: {value}" for name, value in reply.headers.items()]
        writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
        for chunk in reply.chunks or (json.dumps(reply.body).encode(),):
            writer.write(b"%x\r\n%s\r\n" % (len(chunk), chunk))
            await writer.drain()
        if reply.hang:
            await reader.read()
            self.gone.set()
            return False
        if reply.cut:
            return False
        writer.write(b"0\r\n\r\n")
        await writer.drain()
        return True


@contextlib.asynccontextmanager
async def staged(stage: Stage, tls: ssl.SSLContext | None = None) -> AsyncIterator[Stage]:
    """The stage on a free port of loopback."""
    server = await asyncio.start_server(stage.serve, "127.0.0.1", 0, ssl=tls)
    port = server.sockets[0].getsockname()[1]
    stage.url = f"{'https' if tls else 'http'}://127.0.0.1:{port}"
    try:
        yield stage
    finally:
        server.close()
