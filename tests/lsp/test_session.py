from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest
from lsprotocol import types as t

if TYPE_CHECKING:
    from conftest import Editor, Raw, Standin, Start

EDITOR_THAT_DIES = """
import json, os, subprocess, sys
pipe = subprocess.PIPE
command = [sys.executable, "-m", "lsp_server", "serve"]
server = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL)
params = {"processId": os.getpid(), "rootUri": None, "capabilities": {}}
body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params}).encode()
server.stdin.write(b"Content-Length: %d\\r\\n\\r\\n%s" % (len(body), body))
server.stdin.flush()
server.stdout.readline()
sleeping = [sys.executable, "-c", "import time; time.sleep(600)"]
nothing = subprocess.DEVNULL
holder = subprocess.Popen(sleeping, pass_fds=[server.stdin.fileno()], stdin=nothing, stdout=nothing)
print(server.pid, holder.pid, flush=True)
os._exit(0)
"""
"""Holds the server's stdin open beyond its own death."""

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.asyncio,
    pytest.mark.filterwarnings("error::pytest_lsp.LspSpecificationWarning"),
]
URI = "file:///project/a.py"
PLACE = {"textDocument": {"uri": URI}, "position": {"line": 0, "character": 4}, "context": {"triggerKind": 1}}
OPEN = {"textDocument": {"uri": URI, "languageId": "python", "version": 1, "text": "x = \n"}}


async def test_what_is_announced(editor: Editor) -> None:
    """Positions in UTF-16 whatever the client prefers, incremental changes, inline completion."""
    capabilities = editor.result.capabilities
    assert capabilities.position_encoding == "utf-16"
    assert capabilities.inline_completion_provider
    assert isinstance(capabilities.text_document_sync, t.TextDocumentSyncOptions)
    assert capabilities.text_document_sync.change is t.TextDocumentSyncKind.Incremental


async def test_an_engine_that_dies_costs_one_answer(start: Start, own_standin: Standin) -> None:
    """Killed in the middle of a step: that request gets null, and a later one its fill."""
    own_standin.answers({"before": "boom =", "hang": True}, {"fill": "1"})
    async with start("neovim", own_standin) as editor:
        uri = editor.open("boom = \nx = \n")
        await editor.engine_ready()
        hanging = editor.completion(uri, 0, 7)
        await editor.until(lambda: editor.statuses[-1].busy)
        own_standin.kill()
        assert await asyncio.wait_for(hanging, 30) is None
        assert getattr(editor.statuses[-1], "silence", None)
        await editor.run("remask.restartEngine")
        while not await editor.texts(uri, 1, 4):
            await editor.until(lambda: not editor.statuses[-1].busy)


@pytest.mark.parametrize(("wanted", "kept"), [(True, {"accepted": 1}), (False, None)])
async def test_what_became_of_suggestions_is_kept_where_it_was_made(
    start: Start, own_standin: Standin, wanted: bool, kept: object
) -> None:
    """When the server ends it adds its counts to the user's file, numbers only; not if that is off."""
    own_standin.answers({"fill": "secret_sum(numbers)"})
    async with start("vs-code", own_standin, {"statistics": wanted}) as editor:
        uri = editor.open("def total(numbers):\n    return \n")
        await editor.engine_ready()
        item = (await editor.completion(uri, 1, 11)).items[0]
        await editor.run(item.command.command, *item.command.arguments)
    path = own_standin.folder / "data" / "statistics.json"
    if kept is None:
        assert not path.exists()
        return
    (day,) = json.loads(path.read_text(encoding="utf-8")).values()
    assert day["suggestions"] == kept
    assert "secret" not in path.read_text(encoding="utf-8")


async def test_loading_is_shown_and_ends(start: Start, own_standin: Standin) -> None:
    """VS Code sees one progress from the first word about the engine to the last; silence has its reason."""
    own_standin.answers(delay_ms=300)
    async with start("vs-code", own_standin) as editor:
        uri = editor.open("x = \n")
        assert await editor.texts(uri, 0, 4) == []
        await editor.engine_ready()
        assert any(getattr(status, "silence", None) == "engine-starting" for status in editor.statuses)
        await editor.run("remask.status")  # its answer comes after all that was sent before
        (reports,) = editor.client.progress_reports.values()
        assert isinstance(reports[0], t.WorkDoneProgressBegin)
        assert isinstance(reports[-1], t.WorkDoneProgressEnd)


async def test_a_missing_model_is_told(start: Start, own_standin: Standin) -> None:
    """The completion is null, the status an Error with a message."""
    own_standin.answers(error="model-missing")
    async with start("vs-code", own_standin) as editor:
        uri = editor.open("x = \n")
        await editor.until(lambda: editor.statuses and editor.statuses[-1].kind == "Error")
        assert editor.statuses[-1].message
        assert await editor.texts(uri, 0, 4) == []
        assert len(editor.client.messages) == 1


async def test_settings_are_asked_for_and_obeyed(start: Start, standin: Standin, tmp_path: Path) -> None:
    """A language that is off for one folder is silent there, and only there."""
    standin.answers({"fill": "1"})
    one, two = tmp_path / "one", tmp_path / "two"
    folders = [t.WorkspaceFolder(uri=path.as_uri(), name=path.name) for path in (one, two)]
    for path in (one, two):
        path.mkdir()
    async with start("vs-code", standin, {"languages": {}}, workspace_folders=folders) as editor:
        off = {"remask": {"languages": {"python": False}}}
        editor.client.set_configuration(off, scope_uri=one.as_uri())
        editor.client.workspace_did_change_configuration(t.DidChangeConfigurationParams(settings=None))
        silent = editor.open("x = \n", uri=(one / "a.py").as_uri())
        heard = editor.open("x = \n", uri=(two / "a.py").as_uri())
        await editor.engine_ready()
        assert await editor.texts(silent, 0, 4) == []
        assert (editor.statuses[-1].kind, editor.statuses[-1].silence) == ("Inactive", "disabled")
        assert await editor.texts(heard, 0, 4) == ["1"]


async def test_snoozing_is_silence_with_a_reason(editor: Editor, standin: Standin) -> None:
    """Snoozed, nothing is suggested; awake again, it is."""
    standin.answers({"fill": "1"})
    uri = editor.open("x = \n")
    await editor.engine_ready()
    await editor.run("remask.snooze", 5)
    await editor.until(lambda: getattr(editor.statuses[-1], "silence", None) == "snoozed")
    assert await editor.texts(uri, 0, 4) == []
    assert editor.statuses[-1].silence == "snoozed"
    assert not hasattr(editor.statuses[-1], "message")
    await editor.run("remask.snooze", 0)
    await editor.until(lambda: editor.statuses[-1].kind == "Normal")
    assert await editor.texts(uri, 0, 4) == ["1"]


async def test_ignored_and_secret_files_are_silent(start: Start, standin: Standin, tmp_path: Path) -> None:
    """As are those of a folder that is opened later."""
    standin.answers({"fill": "1"})
    (tmp_path / ".remaskignore").write_text("private/\n", encoding="utf-8")
    async with start("neovim", standin) as editor:
        event = t.WorkspaceFoldersChangeEvent(
            added=[t.WorkspaceFolder(tmp_path.as_uri(), "late")], removed=[]
        )
        editor.client.workspace_did_change_workspace_folders(t.DidChangeWorkspaceFoldersParams(event))
        for name, silence in (("private/a.py", "ignored-file"), (".env", "private-file")):
            uri = editor.open("x = \n", uri=(tmp_path / name).as_uri())
            assert await editor.texts(uri, 0, 4) == []
            assert editor.statuses[-1].silence == silence


async def test_no_source_text_is_logged(start: Start, standin: Standin) -> None:
    """Neither what is written nor what is suggested reaches the log file."""
    standin.answers({"fill": "'suggested secret'"})
    async with start("neovim", standin) as editor:
        uri = editor.open("x = 'written secret' + \n")
        await editor.engine_ready()
        assert await editor.texts(uri, 0, 23)
        editor.change(uri, t.TextDocumentContentChangeWholeDocument("typed secret"))
        await editor.run("remask.status")
    if editor.log.exists():
        assert "secret" not in editor.log.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "body",
    [b"{", b"\xff", b"null", b"[]", b'"x"', b'{"jsonrpc": "2.0", "id": [], "method": "shutdown"}'],
)
async def test_what_is_no_message_is_answered(raw: Raw, body: bytes) -> None:
    """With an error without id; the session goes on."""
    await raw.initialize()
    await raw.send(body)
    answer = await raw.answer()
    assert answer["id"] is None
    assert answer["error"]["code"] in {-32700, -32600}
    assert (await raw.request("shutdown"))["result"] is None


@pytest.mark.parametrize(
    "params",
    [
        None,
        [],
        "x",
        {**PLACE, "position": None},
        {**PLACE, "position": {"line": -1, "character": 0}},
        {**PLACE, "position": {"line": 2**40, "character": 0}},
        {**PLACE, "position": {"line": "0", "character": 0}},
        {**PLACE, "textDocument": {"uri": 7}},
        {**PLACE, "textDocument": {"uri": "file:///unknown.py"}},
        {**PLACE, "context": None},
    ],
)
async def test_bad_params_are_answered(raw: Raw, params: object) -> None:
    """With InvalidParams; a bad change before it leaves the document, and the next request works."""
    await raw.initialize()
    await raw.notify("textDocument/didOpen", OPEN)
    await raw.notify("textDocument/didChange", {"textDocument": {"uri": URI}, "contentChanges": None})
    answer = await raw.request("textDocument/inlineCompletion", params)
    assert answer["error"]["code"] == -32602
    assert "error" not in await raw.request("textDocument/inlineCompletion", PLACE)


@pytest.mark.parametrize(
    ("last", "code"),
    [(("shutdown", "exit"), 0), (("exit",), 1), (("shutdown",), 0), ((), 1)],
)
async def test_the_process_ends(raw: Raw, last: tuple[str, ...], code: int) -> None:
    """With the protocol's exit codes, and also when the client just closes the stream."""
    await raw.initialize()
    await raw.notify("textDocument/didOpen", OPEN)
    for method in last:
        await (raw.request(method) if method == "shutdown" else raw.notify(method))
    if "exit" not in last:
        assert raw.process.stdin
        raw.process.stdin.close()
    assert await asyncio.wait_for(raw.process.wait(), 30) == code


@pytest.mark.skipif(sys.platform == "win32", reason="handing on a pipe's end is written for POSIX here")
async def test_the_server_ends_with_its_editor(standin: Standin) -> None:
    """An editor that is killed leaves no server behind, even if something holds the stream open."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", EDITOR_THAT_DIES), env=standin.env, stdout=asyncio.subprocess.PIPE
    )
    printed, _ = await asyncio.wait_for(process.communicate(), 60)
    server, holder = (int(pid) for pid in printed.split())
    try:
        await asyncio.to_thread(lambda: psutil.pid_exists(server) and psutil.Process(server).wait(30))
    finally:
        psutil.Process(holder).kill()


async def test_tcp_for_debugging(standin: Standin) -> None:
    """`--tcp` serves one client at an address it prints, and ends with it."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "lsp_server", "serve", "--tcp", "127.0.0.1:0"),
        stderr=asyncio.subprocess.PIPE,
        env=standin.env,
    )
    assert process.stderr
    printed = ""
    while "listening on" not in printed:
        printed = (await asyncio.wait_for(process.stderr.readline(), 30)).decode()
    host, port = printed.split()[-1].split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    for msg_id, method in ((1, "initialize"), (2, "shutdown"), (None, "exit")):
        message = {
            "jsonrpc": "2.0",
            "method": method,
            "params": {"capabilities": {}, "processId": None, "rootUri": None},
        }
        if method != "initialize":
            del message["params"]
        body = json.dumps(message if msg_id is None else {**message, "id": msg_id}).encode()
        writer.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
    answers = await asyncio.wait_for(reader.read(), 30)
    assert answers.count(b"Content-Length") == 2
    assert await asyncio.wait_for(process.wait(), 30) == 0
    writer.close()
