"""An editor as far as typing goes: it tells the real language server every change and asks after each."""

from __future__ import annotations

import asyncio
import itertools
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lsprotocol import types as t
from pygls.exceptions import JsonRpcException
from pygls.lsp.client import LanguageClient
from story.client import position_of

from benchmark.session.recording import Stroke

CAPABILITIES = t.ClientCapabilities(
    text_document=t.TextDocumentClientCapabilities(inline_completion=t.InlineCompletionClientCapabilities())
)
GIVE_UP_S = 120.0
LOOK_S = 0.05
QUIET = (t.WINDOW_LOG_MESSAGE, t.WINDOW_SHOW_MESSAGE, t.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS, "didChangeStatus")

Heard = Callable[[float, str], None]
"""Called with the time of an answer (`time.perf_counter`) and its text, which is empty if there is none."""


class Editor:
    """A server of its own, in a folder, with one document open."""

    def __init__(self) -> None:
        self._client = LanguageClient("remask-bench", "0")
        self._numbers = itertools.count(1)
        self._asked: tuple[str, asyncio.Task[None]] | None = None
        self._uri = ""
        for method in QUIET:
            self._client.feature(method)(lambda *_: None)

    async def open(self, folder: Path, name: str, language: str, text: str) -> int:
        """Start the server and open the document; the server's process id."""
        (folder / name).write_text(text, encoding="utf-8")
        await self._client.start_io(
            sys.executable, "-m", "lsp_server", "serve", "--log-level", "error", cwd=folder
        )
        async with asyncio.timeout(GIVE_UP_S):
            await self._client.initialize_async(
                t.InitializeParams(
                    process_id=os.getpid(),
                    capabilities=CAPABILITIES,
                    workspace_folders=[t.WorkspaceFolder(folder.as_uri(), folder.name)],
                )
            )
            self._client.initialized(t.InitializedParams())
            self._uri = (folder / name).as_uri()
            item = t.TextDocumentItem(uri=self._uri, language_id=language, version=0, text=text)
            self._client.text_document_did_open(t.DidOpenTextDocumentParams(item))
            await self._engine_ready()
        server = self._client._server  # noqa: SLF001 -- pygls gives no other way to the process
        if server is None:
            raise RuntimeError("the language server has ended")
        return server.pid

    def change(self, before: str, stroke: Stroke, heard: Heard) -> None:
        """Tell a stroke in the text `before` it, take an older question back, and ask at the cursor."""
        number = next(self._numbers)
        places = t.Range(position_of(before, stroke.start), position_of(before, stroke.end))
        self._client.text_document_did_change(
            t.DidChangeTextDocumentParams(
                t.VersionedTextDocumentIdentifier(uri=self._uri, version=number),
                [t.TextDocumentContentChangePartial(range=places, text=stroke.typed)],
            )
        )
        self._withdraw()
        identity = f"typed-{number}"
        self._asked = identity, asyncio.create_task(self._ask(identity, stroke, heard))

    async def close(self) -> None:
        """Take leave of the server."""
        self._withdraw()
        async with asyncio.timeout(GIVE_UP_S):
            await self._client.shutdown_async(None)
            self._client.exit(None)
            await self._client.stop()  # type: ignore[no-untyped-call]

    async def _ask(self, identity: str, stroke: Stroke, heard: Heard) -> None:
        params = t.InlineCompletionParams(
            context=t.InlineCompletionContext(t.InlineCompletionTriggerKind.Automatic),
            text_document=t.TextDocumentIdentifier(self._uri),
            position=position_of(stroke.document, stroke.cursor),
        )
        method = t.TEXT_DOCUMENT_INLINE_COMPLETION
        try:
            answer = await self._client.protocol.send_request_async(method, params, msg_id=identity)
        except JsonRpcException:  # withdrawn
            return
        items = answer.items if isinstance(answer, t.InlineCompletionList) else answer
        heard(time.perf_counter(), str(items[0].insert_text) if items else "")

    def _withdraw(self) -> None:
        if self._asked and not self._asked[1].done():
            self._client.protocol.notify(t.CANCEL_REQUEST, t.CancelParams(id=self._asked[0]))

    async def _engine_ready(self) -> None:
        """Wait for the engine, which runs already."""
        asked = t.ExecuteCommandParams("remask.status", [])
        while True:
            status = await self._client.workspace_execute_command_async(asked)
            if _named(_named(status, "engine"), "phase") in {"ready", "busy"}:
                return
            await asyncio.sleep(LOOK_S)


def _named(value: Any, name: str) -> Any:  # noqa: ANN401 -- JSON, which pygls makes objects of at some depths
    """A value of a JSON object."""
    return value[name] if isinstance(value, dict) else getattr(value, name)
