from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest

from lsp_server.lsp.transport import FairReader, converse

if TYPE_CHECKING:
    from conftest import Wire

pytestmark = pytest.mark.asyncio


def framed(message: object) -> bytes:
    body = message if isinstance(message, bytes) else json.dumps(message).encode()
    return b"Content-Length: %d\r\n\r\n%s" % (len(body), body)


def call(method: str, params: Any = None, msg_id: int | None = None) -> bytes:  # noqa: ANN401 -- JSON
    message = {"jsonrpc": "2.0", "method": method, "params": params}
    return framed(message if msg_id is None else {**message, "id": msg_id})


INITIALIZE = call("initialize", {"processId": None, "rootUri": None, "capabilities": {}}, 1)


async def conversation(wire: Wire, *messages: bytes) -> int:
    """Feed messages all at once, then the end; the exit code."""
    reader = FairReader()
    reader.feed_data(b"".join(messages))
    reader.feed_eof()
    return await asyncio.wait_for(converse(wire.server, reader, wire), 10)


async def test_shutdown_and_exit_end_in_order(wire: Wire) -> None:
    """The exit code is 0 after `shutdown`, and everything is let go of."""
    assert await conversation(wire, INITIALIZE, call("shutdown", msg_id=2), call("exit")) == 0
    assert wire.engine.calls["close"] == 1
    assert wire.workspace.closed


@pytest.mark.parametrize("tail", [b"", call("exit"), b"Content-Length: 99\r\n\r\n{", b"garbage\r\n"])
async def test_a_client_that_just_goes_ends_the_server(wire: Wire, tail: bytes) -> None:
    """The stream's end, an `exit` without `shutdown` and a torn message all end with 1."""
    assert await conversation(wire, INITIALIZE, tail) == 1


@pytest.mark.parametrize("body", [b"{", b"\xff\xfe", b"[" * 100_000, b'{"a": NaN', b"nonsense"])
async def test_what_is_not_json_is_answered_and_survived(wire: Wire, body: bytes) -> None:
    """A message that cannot be parsed is answered with ParseError; the next one is handled."""
    await conversation(wire, framed(body), INITIALIZE, call("shutdown", msg_id=2), call("exit"))
    assert wire.sent[0]["error"]["code"] == -32700
    assert wire.sent[0]["id"] is None
    assert [each["id"] for each in wire.sent if "result" in each] == [1, 2]


async def test_a_request_sees_the_changes_before_it_and_none_after(wire: Wire) -> None:
    """Even when all of them arrive in one piece."""
    opened = {"uri": wire.uri, "languageId": "python", "version": 1, "text": "a"}

    def typed(text: str, version: int) -> bytes:
        return call(
            "textDocument/didChange",
            {"textDocument": {"uri": wire.uri, "version": version}, "contentChanges": [{"text": text}]},
        )

    await conversation(
        wire,
        INITIALIZE,
        call("textDocument/didOpen", {"textDocument": opened}),
        typed("ab", 2),
        call("textDocument/inlineCompletion", wire.at(0, 2), 2),
        typed("abc", 3),
        call("textDocument/inlineCompletion", wire.at(0, 3), 3),
        typed("abcd", 4),
    )
    assert [each["document"].text for each in wire.completer.asked] == ["ab", "abc"]


async def test_leaving_ends_a_conversation_that_goes_on(wire: Wire) -> None:
    """When the editor's process is gone nobody waits for its stream to end."""
    task = asyncio.ensure_future(converse(wire.server, FairReader(), wire))
    await wire.settle()
    wire.server.leave(1)
    assert await asyncio.wait_for(task, 10) == 1
