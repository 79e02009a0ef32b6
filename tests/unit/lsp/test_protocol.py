from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conftest import Wire

URI = "file:///project/a.py"
GOOD = {"textDocument": {"uri": URI}, "position": {"line": 0, "character": 5}, "context": {"triggerKind": 2}}
INVALID_PARAMS, INVALID_REQUEST, NOT_FOUND = -32602, -32600, -32601
NOT_INITIALIZED, CANCELLED, INTERNAL = -32002, -32800, -32603

pytestmark = pytest.mark.asyncio


def changed(params: object, path: tuple[Any, ...], value: object) -> object:
    """`params` with one member replaced."""
    if not path:
        return value
    return {**params, path[0]: changed(params[path[0]], path[1:], value)}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ((), None),
        ((), []),
        ((), "text"),
        ((), 5),
        ((), {}),
        (("position",), None),
        (("position", "line"), -1),
        (("position", "line"), 2**40),
        (("position", "line"), None),
        (("position", "line"), "3"),
        (("position", "line"), 1.5),
        (("position", "line"), True),
        (("position", "character"), -1),
        (("position", "character"), 2**40),
        (("position", "character"), {}),
        (("textDocument",), None),
        (("textDocument",), URI),
        (("textDocument", "uri"), None),
        (("textDocument", "uri"), 7),
        (("textDocument", "uri"), "file:///never/opened.py"),
        (("context",), None),
        (("context", "triggerKind"), 9),
        (("context", "triggerKind"), "Invoked"),
    ],
)
async def test_params_that_do_not_fit_get_an_error(wire: Wire, path: tuple[str, ...], value: object) -> None:
    """A request with bad params is answered with InvalidParams, and the next good one as ever."""
    await wire.start()
    wire.open("x = 1\n")
    answer = await wire.request("textDocument/inlineCompletion", changed(GOOD, path, value))
    assert answer["error"]["code"] == INVALID_PARAMS
    assert answer["error"]["message"]
    assert (await wire.request("textDocument/inlineCompletion", wire.at(0, 5)))["result"]["items"]


@pytest.mark.parametrize(
    "params",
    [
        None,
        {},
        {"textDocument": {"uri": URI, "version": 2}, "contentChanges": None},
        {"textDocument": {"uri": URI, "version": 2}, "contentChanges": [{"text": None}]},
        {"textDocument": {"uri": URI, "version": "2"}, "contentChanges": [{"text": "lost"}]},
        {"textDocument": None, "contentChanges": [{"text": "lost"}]},
        {"textDocument": {"uri": "file:///other.py", "version": 2}, "contentChanges": [{"text": "lost"}]},
    ],
)
async def test_bad_changes_leave_the_document_as_it_was(wire: Wire, params: object) -> None:
    """A change that cannot be understood is dropped whole; later changes still apply."""
    await wire.start()
    wire.open("x = 1\n")
    wire.notify("textDocument/didChange", params)
    assert wire.text() == "x = 1\n"
    wire.change([{"text": "y = 2\n"}])
    assert wire.text() == "y = 2\n"


async def test_a_text_of_null_is_not_the_word_none(wire: Wire) -> None:
    """A document whose text is not a string is not opened."""
    await wire.start()
    wire.open(None)  # type: ignore[arg-type]
    assert wire.server.services.documents.get(URI) is None


@pytest.mark.parametrize("message", [[], "text", 3, None, {}, {"jsonrpc": "1.0", "id": 1, "method": "x"}])
async def test_what_is_no_message_is_refused(wire: Wire, message: object) -> None:
    """JSON that is no JSON-RPC 2.0 message is answered without an id."""
    wire.raw(message)
    assert (await wire.reply(None))["error"]["code"] == INVALID_REQUEST


@pytest.mark.parametrize("msg_id", [None, [], {}, 1.5, True])
async def test_ids_that_are_none_are_refused(wire: Wire, msg_id: object) -> None:
    """A request whose id cannot be one is answered without an id."""
    wire.raw({"jsonrpc": "2.0", "id": msg_id, "method": "shutdown"})
    assert (await wire.reply(None))["error"]["code"] == INVALID_REQUEST


@pytest.mark.parametrize("method", ["textDocument/definition", "made/up", "$/made/up", "", 7, None])
async def test_unknown_requests_are_refused(wire: Wire, method: object) -> None:
    """A request for what there is no handler for is answered with MethodNotFound."""
    await wire.start()
    assert (await wire.request(method, {"a": 1}))["error"]["code"] == NOT_FOUND


@pytest.mark.parametrize("method", ["$/made/up", "made/up", 7, None, "textDocument/didSave"])
async def test_unknown_notifications_are_ignored(wire: Wire, method: object) -> None:
    """Nothing is sent for a notification nobody handles, nor for one with bad params."""
    await wire.start()
    before = len(wire.sent)
    wire.raw({"jsonrpc": "2.0", "method": method})
    await wire.settle()
    assert len(wire.sent) == before


async def test_nested_objects_that_look_like_messages_stay_data(wire: Wire) -> None:
    """An object with a `jsonrpc` member inside the params is not taken for a message."""
    await wire.start()
    wire.notify(
        "workspace/didChangeConfiguration", {"settings": {"remask": {"jsonrpc": "2.0", "enable": False}}}
    )
    assert wire.server.services.configuration.settings.enable is False


async def test_requests_before_initialize_are_refused(wire: Wire) -> None:
    """As the protocol says; notifications are dropped."""
    wire.open("x = 1\n")
    assert wire.server.services.documents.get(URI) is None
    answer = await wire.request("textDocument/inlineCompletion", wire.at(0, 0))
    assert answer["error"]["code"] == NOT_INITIALIZED


async def test_initialize_twice_is_refused(wire: Wire) -> None:
    """The second one changes nothing."""
    await wire.start()
    answer = await wire.request("initialize", {"processId": None, "rootUri": None, "capabilities": {}})
    assert answer["error"]["code"] == INVALID_REQUEST


async def test_a_bad_initialize_may_be_sent_again(wire: Wire) -> None:
    """One whose params do not fit is answered, and does not count."""
    assert (await wire.request("initialize", None))["error"]["code"] == INVALID_PARAMS
    assert (await wire.start())["serverInfo"]["name"] == "remask"


async def test_after_shutdown_only_exit_is_heard(wire: Wire) -> None:
    """Requests after `shutdown` are refused, and `exit` ends with 0."""
    await wire.start()
    assert (await wire.request("shutdown"))["result"] is None
    answer = await wire.request("textDocument/inlineCompletion", wire.at(0, 0))
    assert answer["error"]["code"] == INVALID_REQUEST
    wire.notify("exit")
    assert wire.left == [0]


async def test_exit_without_shutdown_ends_with_one(wire: Wire) -> None:
    """As the protocol says, at any time."""
    wire.notify("exit")
    assert wire.left == [1]


async def test_cancelling_ends_the_work_and_answers(wire: Wire) -> None:
    """`$/cancelRequest` reaches the running work; the answer is RequestCancelled."""
    withdrawn = asyncio.Event()

    async def answer() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            withdrawn.set()

    await wire.start()
    wire.open("x = 1\n")
    wire.completer.answer = answer
    msg_id = wire.ask("textDocument/inlineCompletion", wire.at(0, 5))
    await wire.settle()
    wire.notify("$/cancelRequest", {"id": msg_id})
    assert (await wire.reply(msg_id))["error"]["code"] == CANCELLED
    assert withdrawn.is_set()


@pytest.mark.parametrize("params", [{"id": 99}, {"id": "x"}, {"id": None}, {"id": []}, {}, None])
async def test_cancelling_nothing_is_ignored(wire: Wire, params: object) -> None:
    """A cancellation of no request, or with a bad id, sends nothing and breaks nothing."""
    await wire.start()
    before = len(wire.sent)
    wire.notify("$/cancelRequest", params)
    await wire.settle()
    assert len(wire.sent) == before


async def test_a_cancelled_command_stops_its_work(wire: Wire) -> None:
    """Commands are tasks of their own request, unlike in pygls."""
    stopped = asyncio.Event()

    async def during() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()

    await wire.start()
    wire.open("x = 1\n")
    wire.rewriter.during = during
    arguments = [
        {"uri": URI, "range": {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 5}}}
    ]
    msg_id = wire.ask("workspace/executeCommand", {"command": "remask.rewrite", "arguments": arguments})
    await wire.settle()
    wire.notify("$/cancelRequest", {"id": msg_id})
    assert (await wire.reply(msg_id))["error"]["code"] == CANCELLED
    assert stopped.is_set()


async def test_an_answer_nobody_waits_for_is_dropped(wire: Wire) -> None:
    """A response to a request that was cancelled meanwhile does not raise (pygls issue 621)."""
    await wire.start({"window": {"workDoneProgress": True}})
    task = asyncio.ensure_future(
        wire.server.protocol.send_request_async("workspace/workspaceFolders", msg_id="late")
    )
    await wire.settle()
    task.cancel()
    await wire.settle()
    before = len(wire.sent)
    wire.raw({"jsonrpc": "2.0", "id": "late", "result": None})
    wire.raw({"jsonrpc": "2.0", "id": "unknown", "result": None})
    wire.raw({"jsonrpc": "2.0", "id": None, "error": {"code": 1, "message": "x"}})
    await wire.settle()
    assert len(wire.sent) == before


async def test_an_answer_that_does_not_fit_ends_the_wait(wire: Wire) -> None:
    """Whoever awaits the client learns that its answer made no sense."""
    await wire.start()
    task = asyncio.ensure_future(
        wire.server.protocol.send_request_async("workspace/applyEdit", {}, msg_id="bad")
    )
    await wire.settle()
    wire.raw({"jsonrpc": "2.0", "id": "bad", "result": 7})
    with pytest.raises(Exception, match="params"):
        await asyncio.wait_for(task, 5)


async def test_a_bug_is_an_internal_error_without_source(
    wire: Wire, caplog: pytest.LogCaptureFixture
) -> None:
    """An unexpected exception is logged with its traceback and answered without its text."""

    async def answer() -> None:
        raise KeyError("the user's secret")

    await wire.start()
    wire.open("x = 1\n")
    wire.completer.answer = answer
    error = (await wire.request("textDocument/inlineCompletion", wire.at(0, 5)))["error"]
    assert error["code"] == INTERNAL
    assert "secret" not in str(error)
    assert "Traceback" in caplog.text


async def test_params_never_reach_a_log(wire: Wire, caplog: pytest.LogCaptureFixture) -> None:
    """Neither good nor bad messages put source text into the log above DEBUG."""
    caplog.set_level(logging.INFO, logger="lsp_server")
    await wire.start()
    wire.open("secret = 1\n")
    wire.notify(
        "textDocument/didChange", {"textDocument": {"uri": URI}, "contentChanges": [{"text": "secret"}]}
    )
    wire.notify("textDocument/didOpen", {"textDocument": {"uri": URI, "languageId": 3, "text": "secret"}})
    await wire.request("textDocument/inlineCompletion", {"textDocument": "secret"})
    assert "secret" not in "".join(
        each.getMessage() for each in caplog.records if each.name.startswith("lsp_server")
    )
