"""The real server process, driven as VS Code and as Neovim would, with a stand-in for the model."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest
import pytest_asyncio
from lsprotocol import types as t
from pytest_lsp import ClientServerConfig, LanguageClient, client_capabilities

SERVE = [sys.executable, "-m", "lsp_server", "serve"]
STANDIN = Path(__file__).parents[1] / "standin" / "engine.py"
PATIENCE_S = 30.0
"""After which a test that waits for something has failed."""


@dataclass
class Standin:
    """Where servers of this run find the stand-in, and what it answers."""

    folder: Path
    env: dict[str, str]

    def answers(
        self,
        *rules: dict[str, Any],
        reads: str = "",
        gains: dict[str, dict[str, float]] | None = None,
        likely: dict[str, float] | None = None,
        **load: Any,  # noqa: ANN401 -- JSON
    ) -> None:
        """Answer and judge by these from now on, and note in `reads` what is only read."""
        path = self.folder / "rules.json"
        fresh = path.with_suffix(".new")
        given = {"rules": rules, "load": load, "reads": reads, "gains": gains or {}, "likely": likely or {}}
        fresh.write_text(json.dumps(given), encoding="utf-8")
        fresh.replace(path)

    def logged(self, lines: int = 20) -> list[str]:
        """The last of what servers around it logged."""
        path = self.folder / "log" / "server.log"
        return path.read_text(encoding="utf-8").splitlines()[-lines:] if path.exists() else []

    def kill(self) -> None:
        """End the engine without a word, as running out of memory does."""
        for address in self.folder.glob("run/engine-*.json"):
            with contextlib.suppress(psutil.Error, OSError, ValueError):
                process = psutil.Process(json.loads(address.read_text(encoding="utf-8"))["pid"])
                process.kill()
                process.wait(10)


def _standin(folder: Path) -> Standin:
    names = {
        "REMASK_CACHE_DIR": "cache",
        "REMASK_RUNTIME_DIR": "run",
        "REMASK_LOG_DIR": "log",
        "REMASK_DATA_DIR": "data",
    }
    standin = Standin(
        folder,
        {
            **os.environ,
            **{variable: str(folder / name) for variable, name in names.items()},
            "REMASK_ENGINE_COMMAND": json.dumps([sys.executable, str(STANDIN)]),
            "REMASK_STANDIN_RULES": str(folder / "rules.json"),
        },
    )
    standin.answers()
    return standin


@pytest.fixture(scope="session")
def shared_standin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standin]:
    standin = _standin(tmp_path_factory.mktemp("remask"))
    yield standin
    standin.kill()


@pytest.fixture
def standin(shared_standin: Standin) -> Standin:
    """The run's one engine, with no rules of an earlier test left."""
    shared_standin.answers()
    return shared_standin


@pytest.fixture
def own_standin(tmp_path: Path) -> Iterator[Standin]:
    """An engine of the test's own: not started yet, and free to be killed."""
    standin = _standin(tmp_path)
    yield standin
    standin.kill()


@dataclass
class Editor:
    """A client in the middle of a session."""

    client: LanguageClient
    result: t.InitializeResult
    log: Path
    statuses: list[Any] = field(default_factory=list)
    frames: list[Any] = field(default_factory=list)
    doubts: list[Any] = field(default_factory=list)
    applied: list[t.ApplyWorkspaceEditParams] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    async def until(self, holds: Callable[[], object]) -> None:
        """Wait until `holds()`, looking after every notification."""
        async with asyncio.timeout(PATIENCE_S):
            while not holds():
                self.news.clear()
                await self.news.wait()

    def denoising(self) -> bool:
        """Whether a step of a fill was seen: the request has reached the engine."""
        return any(hasattr(frame, "cells") for frame in self.frames)

    async def engine_ready(self) -> None:
        """Wait until the engine that opening a document has started can answer."""
        await self.until(lambda: any(status.busy for status in self.statuses))
        await self.until(lambda: not self.statuses[-1].busy)

    def open(self, text: str, uri: str = "file:///project/a.py", language: str = "python") -> str:
        item = t.TextDocumentItem(uri=uri, language_id=language, version=1, text=text)
        self.client.text_document_did_open(t.DidOpenTextDocumentParams(item))
        return uri

    def change(self, uri: str, *changes: t.TextDocumentContentChangeEvent, version: int = 2) -> None:
        named = t.VersionedTextDocumentIdentifier(uri=uri, version=version)
        self.client.text_document_did_change(t.DidChangeTextDocumentParams(named, changes))

    def close(self, uri: str) -> None:
        self.client.text_document_did_close(t.DidCloseTextDocumentParams(t.TextDocumentIdentifier(uri)))

    def completion(self, uri: str, line: int, character: int, *, invoked: bool = True, **more: Any) -> Any:  # noqa: ANN401 -- a future
        """Ask for a completion; its answer is to be awaited."""
        kind = t.InlineCompletionTriggerKind
        context = t.InlineCompletionContext(
            trigger_kind=kind.Invoked if invoked else kind.Automatic,
            selected_completion_info=more.pop("selected", None),
        )
        params = t.InlineCompletionParams(
            context=context,
            text_document=t.TextDocumentIdentifier(uri),
            position=t.Position(line, character),
            work_done_token=more.pop("token", None),
        )
        sending = self.client.protocol.send_request_async(t.TEXT_DOCUMENT_INLINE_COMPLETION, params, **more)
        return asyncio.ensure_future(sending)

    async def texts(self, uri: str, line: int, character: int, *, invoked: bool = True) -> list[str]:
        """The texts offered at a place."""
        async with asyncio.timeout(PATIENCE_S):
            answer = await self.completion(uri, line, character, invoked=invoked)
        return [item.insert_text for item in answer.items] if answer else []

    async def run(self, command: str, *arguments: object) -> Any:  # noqa: ANN401 -- JSON
        async with asyncio.timeout(PATIENCE_S):
            return await self.client.workspace_execute_command_async(
                t.ExecuteCommandParams(command=command, arguments=list(arguments))
            )


def _capabilities(name: str) -> t.ClientCapabilities:
    """A recorded client's capabilities; it is older than inline completion, which is added."""
    capabilities = client_capabilities(name)
    assert capabilities.text_document
    capabilities.text_document.inline_completion = t.InlineCompletionClientCapabilities()
    capabilities.experimental = {"remaskDenoise": True, "remaskDoubts": True}
    return capabilities


CAPABILITIES = {
    "vs-code": lambda: _capabilities("visual-studio-code"),
    "neovim": lambda: _capabilities("neovim"),
    "utf-8-only": lambda: t.ClientCapabilities(
        general=t.GeneralClientCapabilities(position_encodings=[t.PositionEncodingKind.Utf8])
    ),
}

Start = Callable[..., contextlib.AbstractAsyncContextManager[Editor]]


@pytest.fixture
def start() -> Start:
    """Begins a session and ends it, as a context: name of the editor, stand-in, settings."""

    @contextlib.asynccontextmanager
    async def session(
        name: str,
        standin: Standin,
        configuration: dict[str, Any] | None = None,
        **params: Any,  # noqa: ANN401
    ) -> AsyncIterator[Editor]:
        client: LanguageClient = await ClientServerConfig(  # type: ignore[assignment]
            server_command=SERVE, server_env=standin.env
        ).start()
        client.set_configuration({"remask": configuration or {}})
        editor = Editor(
            client, t.InitializeResult(t.ServerCapabilities()), standin.folder / "log" / "server.log"
        )
        _listen(editor)
        try:
            editor.result = await client.initialize_session(
                t.InitializeParams(capabilities=CAPABILITIES[name](), **params)
            )
            yield editor
            await asyncio.wait_for(client.shutdown_session(), PATIENCE_S)
        finally:
            if client._server and client._server.returncode is None:
                client._server.kill()
            await client.stop()

    return session


def _listen(editor: Editor) -> None:
    """Keep what the server tells, and do what it asks."""

    def news(store: list[Any]) -> Callable[[Any], None]:
        def keep(params: Any) -> None:  # noqa: ANN401 -- any notification
            store.append(params)
            editor.news.set()

        return keep

    editor.client.feature("didChangeStatus")(news(editor.statuses))
    editor.client.feature("remask/denoise")(news(editor.frames))
    editor.client.feature("remask/doubts")(news(editor.doubts))

    @editor.client.feature(t.WORKSPACE_APPLY_EDIT)
    def apply(params: t.ApplyWorkspaceEditParams) -> t.ApplyWorkspaceEditResult:
        editor.applied.append(params)
        return t.ApplyWorkspaceEditResult(applied=True)

    @editor.client.feature(t.CLIENT_REGISTER_CAPABILITY)
    def register(_: t.RegistrationParams) -> None:
        """Agree to be registered with."""


@pytest_asyncio.fixture(params=["vs-code", "neovim"])
async def editor(request: pytest.FixtureRequest, start: Start, standin: Standin) -> AsyncIterator[Editor]:
    """A session of each editor, with the engine that all sessions share."""
    async with start(request.param, standin) as session:
        yield session


class Raw:
    """Bytes in, JSON out: a client that need not keep to any specification."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process

    async def send(self, message: object) -> None:
        body = message if isinstance(message, bytes) else json.dumps(message).encode()
        assert self.process.stdin
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        await self.process.stdin.drain()

    async def message(self) -> dict[str, Any]:
        """The next message."""
        assert self.process.stdout
        async with asyncio.timeout(PATIENCE_S):
            header = await self.process.stdout.readuntil(b"\r\n\r\n")
            length = int(header.split(b"Content-Length: ")[1].split(b"\r\n")[0])
            message: dict[str, Any] = json.loads(await self.process.stdout.readexactly(length))
        return message

    async def answer(self) -> dict[str, Any]:
        """The next message that is an answer."""
        while "method" in (message := await self.message()):
            pass
        return message

    async def asked(self, method: str) -> dict[str, Any]:
        """The server's next request or notification of this kind."""
        while (message := await self.message()).get("method") != method:
            pass
        return message

    async def request(self, method: str, params: object = None, msg_id: str | int = 1) -> dict[str, Any]:
        await self.send({"jsonrpc": "2.0", "id": msg_id, "method": method, "params": params})
        return await self.answer()

    async def notify(self, method: str, params: object = None) -> None:
        await self.send({"jsonrpc": "2.0", "method": method, "params": params})

    async def initialize(self, **params: object) -> None:
        await self.request("initialize", {"processId": None, "rootUri": None, "capabilities": {}} | params)
        await self.notify("initialized", {})


@pytest_asyncio.fixture
async def raw(standin: Standin) -> AsyncIterator[Raw]:
    """A server process with nothing said yet."""
    process = await asyncio.create_subprocess_exec(
        *SERVE,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=standin.env,
    )
    yield Raw(process)
    if process.returncode is None:
        process.kill()
    await process.wait()
    process._transport.close()  # type: ignore[attr-defined]
