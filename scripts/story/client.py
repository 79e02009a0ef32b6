"""A language client that opens one document, asks about it, and listens to what the server says meanwhile."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from lsprotocol import types as t
from pygls.lsp.client import LanguageClient

from lsp_server import __version__
from lsp_server.engine.protocol import FrameEvent
from lsp_server.lsp.positions import Encoding, Lines

Answer = TypeVar("Answer")

BUDGET_MS = 20_000
"""A demo may take longer than typing allows, for the sake of slow machines."""
IDLE_MINUTES = 2.0
"""Should the demo be killed, its engine is soon gone."""
CAPABILITIES = t.ClientCapabilities(
    workspace=t.WorkspaceClientCapabilities(
        workspace_edit=t.WorkspaceEditClientCapabilities(document_changes=True)
    ),
    text_document=t.TextDocumentClientCapabilities(
        inline_completion=t.InlineCompletionClientCapabilities(),
        code_action=t.CodeActionClientCapabilities(
            data_support=True, resolve_support=t.ClientCodeActionResolveOptions(properties=["edit"])
        ),
    ),
    window=t.WindowClientCapabilities(work_done_progress=True),
    experimental={"remaskDenoise": True},
)


class ServerGone(Exception):
    """The server ended while it was needed."""


class DemoClient(LanguageClient):
    """Speaks to `remask serve`.

    `on_frame` gets every step of a fill, `on_progress` what is said about the engine's start.
    """

    def __init__(self, on_frame: Callable[[FrameEvent], None]) -> None:
        super().__init__("remask-demo", __version__)
        self.on_frame = on_frame
        self.on_progress: Callable[[str, float], None] | None = None
        self.silence = ""
        self.figures: dict[str, float] = {}
        """What the fills since the last `clear` cost, by name."""
        self._changed = asyncio.Event()
        self._gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._title = ""
        heard = {
            "remask/denoise": self._denoise,
            "didChangeStatus": self._status,
            t.PROGRESS: self._progress,
            t.WINDOW_WORK_DONE_PROGRESS_CREATE: lambda _: None,
            t.WINDOW_LOG_MESSAGE: lambda _: None,
            t.WINDOW_SHOW_MESSAGE: lambda _: None,
        }
        for method, handler in heard.items():
            self.feature(method)(partial(handler))  # pygls wants to set attributes, which methods have not

    async def begin(self, folder: Path) -> str:
        """Start the server in `folder` and introduce ourselves; its name and version."""
        remask = shutil.which("remask", path=Path(sys.executable).parent) or "remask"
        await self.start_io(remask, "serve", "--log-level", "error", cwd=folder)
        options = {"completion": {"budgetMs": BUDGET_MS}, "engine": {"idleMinutes": IDLE_MINUTES}}
        answer = await self.sure(
            self.initialize_async(
                t.InitializeParams(
                    process_id=os.getpid(),
                    capabilities=CAPABILITIES,
                    workspace_folders=[t.WorkspaceFolder(folder.as_uri(), folder.name)],
                    initialization_options=options,
                )
            )
        )
        self.initialized(t.InitializedParams())
        info = answer.server_info
        return f"{info.name} {info.version}" if info else "the server"

    async def end(self) -> None:
        """Take leave of the server."""
        if not self._gone.done() and self.protocol.writer is not None:
            await self.shutdown_async(None)
            self.exit(None)
        await self.stop()  # type: ignore[no-untyped-call]

    async def engine_ready(self) -> dict[str, Any]:
        """Wait until the engine has loaded; the server's status.

        Raises:
            ServerGone: the server ended.
        """
        while True:
            self._changed.clear()
            asked = t.ExecuteCommandParams("remask.status", [])
            status: dict[str, Any] = _plain(await self.sure(self.workspace_execute_command_async(asked)))
            if status["engine"]["phase"] not in {"starting", "loading"}:
                return status
            await self.sure(self._changed.wait())

    async def fill(self, uri: str, position: t.Position) -> t.InlineCompletionItem | None:
        """Ask for an inline completion, as an editor does while one types."""
        answer = await self.sure(
            self.text_document_inline_completion_async(
                t.InlineCompletionParams(
                    context=t.InlineCompletionContext(t.InlineCompletionTriggerKind.Automatic),
                    text_document=t.TextDocumentIdentifier(uri),
                    position=position,
                    work_done_token="fill",  # noqa: S106 -- no secret: what frames are told apart by
                )
            )
        )
        items = answer.items if isinstance(answer, t.InlineCompletionList) else answer
        return items[0] if items else None

    async def rewrite(self, uri: str, selected: t.Range, title: str) -> t.WorkspaceEdit | None:
        """Ask for code actions on a selection, and have the one called `title` done."""
        context = t.CodeActionContext(diagnostics=[], only=[t.CodeActionKind.RefactorRewrite])
        where = t.CodeActionParams(t.TextDocumentIdentifier(uri), selected, context)
        offered = await self.sure(self.text_document_code_action_async(where)) or []
        for action in offered:
            if isinstance(action, t.CodeAction) and action.title == title:
                action.data = {**_plain(action.data), "token": "rewrite"}
                resolved = await self.sure(self.code_action_resolve_async(action))
                return resolved.edit
        return None

    async def sure(self, asked: Awaitable[Answer]) -> Answer:
        """What was asked for, unless the server ends first."""
        task = asyncio.ensure_future(asked)
        await asyncio.wait((task, self._gone), return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return task.result()
        task.cancel()
        raise ServerGone("the server ended")

    def clear(self) -> None:
        """Forget what earlier fills cost."""
        self.figures.clear()

    async def server_exit(self, server: asyncio.subprocess.Process) -> None:  # noqa: ARG002 -- pygls' signature
        """Let go whoever waits for an answer."""
        if not self._gone.done():
            self._gone.set_result(None)

    def _denoise(self, params: object) -> None:
        said = _plain(params)
        if "cells" in said:
            self.on_frame(msgspec.convert({**said, "event": "frame"}, FrameEvent))
        for name, value in said.get("figures", {}).items():
            self.figures[name] = self.figures.get(name, 0) + value

    def _status(self, params: object) -> None:
        said = _plain(params)
        self.silence = said.get("message") or said.get("silence") or ""
        self._changed.set()

    def _progress(self, params: t.ProgressParams) -> None:
        value = _plain(params.value)
        if self.on_progress and value.get("message"):
            self.on_progress(value["message"], (value.get("percentage") or 0) / 100)


def position_of(text: str, offset: int) -> t.Position:
    """An offset as the protocol writes it."""
    return t.Position(*Lines(text).position(offset, Encoding.UTF_16))


def applied(text: str, edits: list[t.TextEdit]) -> str:
    """`text` with a server's edits."""
    lines = Lines(text)

    def offset(at: t.Position) -> int:
        return lines.offset(at.line, at.character, Encoding.UTF_16)

    for edit in sorted(edits, key=lambda each: offset(each.range.start), reverse=True):
        text = text[: offset(edit.range.start)] + edit.new_text + text[offset(edit.range.end) :]
    return text


def _plain(value: object) -> Any:  # noqa: ANN401 -- JSON
    """What pygls made of params it has no type for, as plain JSON."""
    if hasattr(value, "_asdict"):
        value = value._asdict()
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value
