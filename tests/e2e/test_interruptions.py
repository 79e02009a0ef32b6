"""What happens in the middle of a request: changes, other requests, cancellation, the end of a process."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types as t
from pygls.exceptions import JsonRpcException

from tests.e2e.editing import after, edits_of, insert, usable
from tests.lsp.conftest import PATIENCE_S, Editor, Raw, Standin, Start

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio]

CANCELLED, MODIFIED, FAILED = -32800, -32801, -32803
TEXT = "def total(numbers):\n    result = 0 + sum(each for each in numbers)\n    return result\n"
BETTER = "    result = sum(numbers)\n"
SELECTION = t.Range(t.Position(1, 0), t.Position(2, 0))
WHERE = {"start": {"line": 1, "character": 0}, "end": {"line": 2, "character": 0}}


class Gate:
    """Holds the stand-in up: after the first frame of a fill, or before it loads."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __str__(self) -> str:
        return str(self._path)

    def open(self) -> None:
        """Let it go on."""
        self._path.touch()


@pytest.fixture
def gate(tmp_path: Path) -> Gate:
    """Shut."""
    return Gate(tmp_path / "gate")


def gated(gate: Gate) -> dict[str, object]:
    """A rewrite that is held up."""
    return {"instruction": "Simplify", "fill": BETTER, "gate": str(gate)}


def command(editor: Editor, uri: str, **more: Any) -> asyncio.Future[Any]:  # noqa: ANN401 -- JSON
    """Begin a rewrite by command, with frames."""
    arguments = [{"uri": uri, "range": WHERE, "token": "mine"}]
    params = t.ExecuteCommandParams(command="remask.rewrite", arguments=arguments)
    return asyncio.ensure_future(
        editor.client.protocol.send_request_async(t.WORKSPACE_EXECUTE_COMMAND, params, **more)
    )


async def resolving(editor: Editor, uri: str) -> asyncio.Future[Any]:
    """Begin a rewrite by code action, with frames."""
    context = t.CodeActionContext(diagnostics=[])
    params = t.CodeActionParams(t.TextDocumentIdentifier(uri), SELECTION, context)
    offered = await editor.client.text_document_code_action_async(params)
    assert offered
    action = next(each for each in offered if each.title == "Rewrite with Remask")
    assert isinstance(action, t.CodeAction)
    assert isinstance(action.data, dict) or hasattr(action.data, "_asdict")
    data = action.data if isinstance(action.data, dict) else action.data._asdict()
    action.data = {**data, "token": "mine"}
    return asyncio.ensure_future(editor.client.code_action_resolve_async(action))


async def code_of(answer: Awaitable[object]) -> int:
    """The code of the error that a request ends in."""
    with pytest.raises(JsonRpcException) as caught:
        await asyncio.wait_for(answer, PATIENCE_S)
    assert caught.value.message
    return int(caught.value.code)


def close_and_open(editor: Editor, uri: str) -> None:
    editor.close(uri)
    editor.open("other = 1\n", uri)


@pytest.mark.parametrize("how", ["command", "resolve"])
@pytest.mark.parametrize(
    "meanwhile",
    [
        lambda editor, uri: insert(editor, uri, (1, 4), "new_"),
        lambda editor, uri: editor.change(uri, t.TextDocumentContentChangeWholeDocument("")),
        lambda editor, uri: editor.close(uri),
        close_and_open,
    ],
    ids=["changed", "emptied", "closed", "reopened"],
)
async def test_a_rewrite_of_what_is_gone_is_refused(
    start: Start, standin: Standin, gate: Gate, how: str, meanwhile: Callable[[Editor, str], None]
) -> None:
    """ContentModified, and no edit is sent: what the user did meanwhile stays."""
    standin.answers(gated(gate))
    async with start("vs-code", standin) as editor:
        uri = editor.open(TEXT)
        answer = command(editor, uri) if how == "command" else await resolving(editor, uri)
        await editor.until(editor.denoising)
        meanwhile(editor, uri)
        gate.open()
        assert await code_of(answer) == MODIFIED
        assert editor.applied == []
        await usable(editor, standin)


async def test_a_rewrite_follows_what_is_typed_elsewhere(
    editor: Editor, standin: Standin, gate: Gate
) -> None:
    """Its edit is for the newest version, and for where the selection is by then."""
    standin.answers(gated(gate))
    uri = editor.open(TEXT)
    answer = command(editor, uri)
    await editor.until(editor.denoising)
    insert(editor, uri, (0, 0), "import math\n\n")
    gate.open()
    assert (await asyncio.wait_for(answer, PATIENCE_S))["applied"]
    edits = edits_of(editor.applied[0].edit, uri, version=2)
    assert after(f"import math\n\n{TEXT}", *edits) == "import math\n\n" + TEXT.replace(
        "0 + sum(each for each in numbers)", "sum(numbers)"
    )


async def test_completions_during_a_rewrite(editor: Editor, standin: Standin, gate: Gate) -> None:
    """In its own document there are none and it goes on; another document's wait for it and come."""
    standin.answers(gated(gate), {"fill": "7"})
    uri, other = editor.open(TEXT), editor.open("x = \n", uri="file:///project/other.py")
    answer = command(editor, uri)
    await editor.until(editor.denoising)
    waiting = editor.completion(other, 0, 4)
    assert await editor.texts(uri, 1, 4) == []
    assert not waiting.done()
    gate.open()
    assert (await asyncio.wait_for(answer, PATIENCE_S))["applied"]
    assert [item.insert_text for item in (await waiting).items] == ["7"]


async def test_two_rewrites_of_one_document(editor: Editor, standin: Standin, gate: Gate) -> None:
    """The newer one wins; the older is told that it was withdrawn."""
    standin.answers(gated(gate))
    uri = editor.open(TEXT)
    older = command(editor, uri)
    await editor.until(editor.denoising)
    standin.answers({"fill": BETTER})
    newer = command(editor, uri)
    assert await code_of(older) == CANCELLED
    assert (await asyncio.wait_for(newer, PATIENCE_S))["applied"]
    assert len(editor.applied) == 1


async def test_two_editors_at_once(start: Start, standin: Standin) -> None:
    """They share the engine, and each gets its own answers, also for the same document."""
    standin.answers({"before": "x =", "fill": "1"}, {"before": "y =", "fill": "2"})
    async with start("vs-code", standin) as one, start("neovim", standin) as two:
        uris = one.open("x = \n"), two.open("y = \n")
        await asyncio.gather(one.engine_ready(), two.engine_ready())
        for _ in range(5):
            answers = await asyncio.gather(one.texts(uris[0], 0, 4), two.texts(uris[1], 0, 4))
            assert answers == [["1"], ["2"]]


Stage = Callable[[Editor, str], Awaitable[asyncio.Future[Any]]]


async def pausing(editor: Editor, uri: str) -> asyncio.Future[Any]:
    """A completion that waits for a pause in the typing."""
    answer = editor.completion(uri, 1, 4, invoked=False, msg_id="mine")
    await editor.run("remask.status")  # its answer says that what was sent before has arrived
    return answer


async def queued(editor: Editor, uri: str) -> asyncio.Future[Any]:
    """A completion behind another document's rewrite."""
    command(editor, editor.open(TEXT, uri="file:///project/other.py"), msg_id="other")
    await editor.until(editor.denoising)
    answer = editor.completion(uri, 1, 4, msg_id="mine")
    await editor.run("remask.status")
    return answer


async def denoising(editor: Editor, uri: str) -> asyncio.Future[Any]:
    """A completion in the middle of its steps."""
    answer = editor.completion(uri, 1, 4, msg_id="mine", token="mine")
    await editor.until(editor.denoising)
    return answer


async def rewriting(editor: Editor, uri: str) -> asyncio.Future[Any]:
    """A rewrite in the middle of its steps."""
    answer = command(editor, uri, msg_id="mine")
    await editor.until(editor.denoising)
    return answer


@pytest.mark.parametrize("stage", [pausing, queued, denoising, rewriting])
async def test_a_request_is_cancelled(start: Start, standin: Standin, gate: Gate, stage: Stage) -> None:
    """At every stage: RequestCancelled, once; the engine is free, and cancelling again does nothing."""
    standin.answers({"fill": "a = 1", "gate": str(gate)})
    async with start("neovim", standin, {"completion": {"debounceMs": 5000}}) as editor:
        uri = editor.open(TEXT)
        await editor.engine_ready()
        answer = await stage(editor, uri)
        for _ in range(3):
            editor.client.cancel_request(t.CancelParams(id="mine"))
        assert await code_of(answer) == CANCELLED
        editor.client.cancel_request(t.CancelParams(id="other"))
        await usable(editor, standin)
        editor.client.cancel_request(t.CancelParams(id="mine"))
        await usable(editor, standin)
        assert editor.applied == []


async def test_a_rewrite_is_cancelled_while_the_engine_loads(
    start: Start, own_standin: Standin, gate: Gate
) -> None:
    """The rewrite ends, the loading goes on, and the engine serves what comes next."""
    own_standin.answers(gate=str(gate))
    async with start("vs-code", own_standin) as editor:
        uri = editor.open(TEXT)
        answer = command(editor, uri, msg_id="mine")
        await editor.until(lambda: any("loading the" in each.message for each in editor.statuses))
        editor.client.cancel_request(t.CancelParams(id="mine"))
        assert await code_of(answer) == CANCELLED
        gate.open()
        await usable(editor, own_standin)


async def test_a_rewrite_is_cancelled_by_its_progress(start: Start, standin: Standin, gate: Gate) -> None:
    """The cancel button of the progress ends it as `$/cancelRequest` does."""
    standin.answers(gated(gate))
    async with start("vs-code", standin) as editor:
        uri = editor.open(TEXT)
        await editor.engine_ready()
        answer = command(editor, uri)
        await editor.until(editor.denoising)
        await editor.run("remask.status")  # its answer comes after all that was sent before
        (token,) = (key for key, reports in editor.client.progress_reports.items() if reports[0].cancellable)
        editor.client.window_work_done_progress_cancel(t.WorkDoneProgressCancelParams(token))
        assert await code_of(answer) == CANCELLED
        await usable(editor, standin)


URI = "file:///project/a.py"
OPEN = {"textDocument": {"uri": URI, "languageId": "python", "version": 1, "text": TEXT}}
REWRITE = {"command": "remask.rewrite", "arguments": [{"uri": URI, "range": WHERE}]}


async def test_a_rewrite_is_cancelled_while_the_client_applies_it(raw: Raw, standin: Standin) -> None:
    """It is answered as cancelled; what the client says about the edit later is no mistake."""
    standin.answers({"fill": BETTER})
    await raw.initialize(capabilities={"workspace": {"applyEdit": True}})
    await raw.notify("textDocument/didOpen", OPEN)
    await raw.send({"jsonrpc": "2.0", "id": "mine", "method": "workspace/executeCommand", "params": REWRITE})
    asked = await raw.asked("workspace/applyEdit")
    await raw.notify("$/cancelRequest", {"id": "mine"})
    answer = await raw.answer()
    assert (answer["id"], answer["error"]["code"]) == ("mine", CANCELLED)
    await raw.send({"jsonrpc": "2.0", "id": asked["id"], "result": {"applied": False}})
    answer = await raw.request("workspace/executeCommand", {"command": "remask.status"}, "status")
    assert (answer["id"], answer["result"]["kind"]) == ("status", "Normal")


async def test_the_client_goes_in_the_middle_of_a_request(
    raw: Raw, start: Start, standin: Standin, gate: Gate
) -> None:
    """The server ends, its request is withdrawn, and the engine serves other editors."""
    standin.answers(gated(gate))
    await raw.initialize()
    await raw.notify("textDocument/didOpen", OPEN)
    params = {**REWRITE, "arguments": [{"uri": URI, "range": WHERE, "token": "mine"}]}
    await raw.send({"jsonrpc": "2.0", "id": 1, "method": "workspace/executeCommand", "params": params})
    await raw.asked("remask/denoise")
    assert raw.process.stdin
    raw.process.stdin.close()
    assert await asyncio.wait_for(raw.process.wait(), PATIENCE_S) == 1
    async with start("neovim", standin) as editor:
        await usable(editor, standin)


async def test_an_engine_killed_in_a_step_is_replaced(start: Start, own_standin: Standin, gate: Gate) -> None:
    """A completion gets null and the status says why; the next engine comes without being asked for."""
    own_standin.answers({"fill": "a = 1", "gate": str(gate)})
    async with start("neovim", own_standin) as editor:
        uri = editor.open(TEXT)
        await editor.engine_ready()
        answer = await denoising(editor, uri)
        own_standin.kill()
        assert await asyncio.wait_for(answer, PATIENCE_S) is None
        assert (editor.statuses[-1].kind, editor.statuses[-1].silence) == ("Warning", "engine-down")
        await usable(editor, own_standin)
        assert editor.statuses[-1].kind == "Normal"


async def test_a_rewrite_whose_engine_is_killed_can_be_repeated(
    start: Start, own_standin: Standin, gate: Gate
) -> None:
    """It fails with a reason, the document is left alone, and the same command works with the next engine."""
    own_standin.answers(gated(gate))
    async with start("vs-code", own_standin) as editor:
        uri = editor.open(TEXT)
        answer = await rewriting(editor, uri)
        own_standin.kill()
        assert await code_of(answer) == FAILED
        assert editor.applied == []
        gate.open()
        assert (await asyncio.wait_for(command(editor, uri), PATIENCE_S))["applied"]


async def test_an_engine_that_dies_while_loading_is_given_up(start: Start, own_standin: Standin) -> None:
    """After a few tries the status is an error that says where to look; a restart by hand begins anew."""
    own_standin.answers(error="crash")
    async with start("neovim", own_standin) as editor:
        uri = editor.open(TEXT)
        await editor.until(lambda: editor.statuses and editor.statuses[-1].kind == "Error")
        assert "remask doctor" in editor.statuses[-1].message
        assert await editor.texts(uri, 1, 4) == []
        own_standin.answers()
        await editor.run("remask.restartEngine")
        await usable(editor, own_standin)
