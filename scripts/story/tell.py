"""The demo's story: a server, a fill, a rewrite; told in the terminal."""

from __future__ import annotations

import asyncio
import io
import json
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

import msgspec
from lsprotocol import types as t
from pygls.exceptions import JsonRpcException
from rich.console import Console
from rich.text import Text

from lsp_server.commands._canvas_view import CanvasView, around
from lsp_server.commands._source import unified
from lsp_server.core.settings import DEFAULT_MODEL, EngineSettings
from lsp_server.engine.address import address_path, read_address
from lsp_server.engine.protocol import FrameEvent
from lsp_server.engine.source import LocalEngine
from lsp_server.engine.store.files import adapter_sha256
from lsp_server.engine.store.manifest import entry
from story.basket import NAME, OFFSET, SELECTED, TEXT
from story.client import DemoClient, ServerGone, applied, position_of
from story.stage import Stage

REWRITE = "Rewrite with Remask"
DWELL_S = 0.15
"""How long a picture stays at least; the model is faster than the eye."""

Answer = TypeVar("Answer")


class Nothing(Exception):
    """The model had no answer."""


class Written(msgspec.Struct, frozen=True):
    """What the model wrote, and what it cost; the time is what the client waited."""

    text: str
    latency_ms: float
    forwards: float
    tokens: int


class Told(msgspec.Struct, frozen=True):
    """The demo's last line."""

    fill: Written
    rewrite: Written
    model: str
    adapter_sha256: str


class Demo:
    """Tells the story on `console`, with a file in `folder`."""

    def __init__(self, console: Console, folder: Path) -> None:
        self.console = console
        self.stage = Stage(console)
        self.text = TEXT
        self.path = folder / NAME
        self.path.write_text(self.text, encoding="utf-8")
        self._frames: asyncio.Queue[FrameEvent | None] = asyncio.Queue()

    async def run(self) -> Told:
        """Fill and rewrite; what the last line says.

        Raises:
            Nothing: the model had no answer.
            ServerGone, JsonRpcException: the server failed.
        """
        async with self._served() as client:
            document = t.TextDocumentItem(self.path.as_uri(), "python", 1, self.text)
            client.text_document_did_open(t.DidOpenTextDocumentParams(document))
            model = await self._engine(client)
            fill = await self._fill(client, document)
            rewrite = await self._rewrite(client, document)
        return Told(fill, rewrite, model, adapter_sha256(entry(model)))

    @asynccontextmanager
    async def _served(self) -> AsyncIterator[DemoClient]:
        """A client of a server in the file's folder; an engine that was started for it is ended with it."""
        address = address_path(DEFAULT_MODEL)
        found_running = read_address(address) is not None
        client = DemoClient(self._frames.put_nowait)
        started = time.monotonic()
        try:
            name = await client.begin(self.path.parent)
            self.stage.heading(
                f"remask serve: {name} answered initialize in {time.monotonic() - started:.1f} s"
            )
            yield client
        finally:
            await client.end()
            if not found_running:
                await LocalEngine(DEFAULT_MODEL, EngineSettings()).stop()

    async def _engine(self, client: DemoClient) -> str:
        """Wait for the engine; the name of its model."""
        started = time.monotonic()
        with self.stage.loading() as client.on_progress:
            status = await client.engine_ready()
        engine = status["engine"]
        if engine["phase"] == "failed":
            raise Nothing(". ".join(filter(None, (engine["message"], engine["hint"]))))
        self.stage.heading(f"engine: {status['model']} ready after {time.monotonic() - started:.1f} s")
        return str(status["model"])

    async def _fill(self, client: DemoClient, document: t.TextDocumentItem) -> Written:
        position = position_of(self.text, OFFSET)
        self.stage.heading(
            f"textDocument/inlineCompletion at {NAME}:{position.line + 1}:{position.character + 1}"
        )
        before, after = around(self.text, OFFSET)
        view = CanvasView(self.console, title=NAME, before=before, after=after, healed=True)
        with view:
            item, latency_ms = await self._shown(view, client, client.fill(document.uri, position))
            if item is None:
                raise Nothing(f"the fill came back empty: {client.silence or 'no reason was given'}")
            text = str(item.insert_text)
            view.finish(text)
        edit = t.TextEdit(item.range or t.Range(position, position), text)
        self._apply(client, document, [edit])
        if item.command:
            accepted = t.ExecuteCommandParams(item.command.command, item.command.arguments)
            await client.sure(client.workspace_execute_command_async(accepted))
        self.stage.code(self.text, position.line)
        return self._told(client, text, latency_ms)

    async def _rewrite(self, client: DemoClient, document: t.TextDocumentItem) -> Written:
        start, end = self.text.index(SELECTED), len(self.text.rstrip())
        selected = t.Range(position_of(self.text, start), position_of(self.text, end))
        first, last = selected.start.line + 1, selected.end.line + 1
        self.stage.heading(f"textDocument/codeAction on lines {first} to {last}: {REWRITE}")
        with CanvasView(self.console, title=f"{NAME}:{first}-{last}", rows=last - first + 1) as view:
            asked = client.rewrite(document.uri, selected, REWRITE)
            edit, latency_ms = await self._shown(view, client, asked)
            changes = _changes(edit, document.uri)
            if not changes:
                raise Nothing(f"the rewrite came back empty: {client.silence or 'no reason was given'}")
            before, behind = self.text, self.text[end:]
            self._apply(client, document, changes)
            text = self.text[start : len(self.text) - len(behind)]
            view.finish(text)
        self.stage.diff(unified(before, self.text, NAME))
        return self._told(client, text, latency_ms)

    async def _shown(
        self, view: CanvasView, client: DemoClient, asked: Awaitable[Answer]
    ) -> tuple[Answer, float]:
        """The answer and how many milliseconds it took, while the view shows how it comes about."""
        client.clear()
        playing = asyncio.create_task(self._play(view))
        started = time.monotonic()
        try:
            answer = await asked
        finally:
            latency_ms = (time.monotonic() - started) * 1000
            self._frames.put_nowait(None)
            await playing
        return answer, latency_ms

    async def _play(self, view: CanvasView) -> None:
        """Show frames as they come, each long enough to be seen, until there are no more."""
        while (frame := await self._frames.get()) is not None:
            view.frame(frame)
            if self.console.is_terminal:
                await asyncio.sleep(DWELL_S)

    def _apply(self, client: DemoClient, document: t.TextDocumentItem, edits: list[t.TextEdit]) -> None:
        """Change the document and its file, and tell the server."""
        self.text = applied(self.text, edits)
        self.path.write_text(self.text, encoding="utf-8")
        document.version += 1
        changed = t.VersionedTextDocumentIdentifier(document.version, document.uri)
        whole = t.TextDocumentContentChangeWholeDocument(self.text)
        client.text_document_did_change(t.DidChangeTextDocumentParams(changed, [whole]))

    def _told(self, client: DemoClient, text: str, latency_ms: float) -> Written:
        """Say what it cost."""
        said = client.figures
        written = Written(
            text, round(latency_ms, 1), float(said.get("forwards", 0)), int(said.get("tokens", 0))
        )
        cost = f"   {written.tokens} tokens in {written.forwards} forward passes, {latency_ms:.0f} ms"
        self.console.print(Text(cost, "dim"))
        return written


def _changes(edit: t.WorkspaceEdit | None, uri: str) -> list[t.TextEdit]:
    """The text edits of one document."""
    if edit is None:
        return []
    changes = list((edit.changes or {}).get(uri, ()))
    for change in edit.document_changes or ():
        if isinstance(change, t.TextDocumentEdit) and change.text_document.uri == uri:
            changes += [each for each in change.edits if isinstance(each, t.TextEdit)]
    return changes


def tell() -> int:
    """Tell the story; the exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        with tempfile.TemporaryDirectory(prefix="remask-demo-") as folder:
            told = asyncio.run(Demo(Console(highlight=False), Path(folder).resolve()).run())
    except (Nothing, ServerGone, JsonRpcException) as failed:
        print(f"failed: {failed}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    print()
    print(json.dumps(msgspec.to_builtins(told)))
    return 0


if __name__ == "__main__":
    sys.exit(tell())
