from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import re
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, cast
from unittest.mock import Mock

import pytest
import pytest_asyncio

from lsp_server.context.notebook import Notebooks
from lsp_server.core.types import Completion, Document, Edit, FillFigures, Rewrite, Silence, Span, Suggestion
from lsp_server.engine.client import EngineStatus
from lsp_server.lsp.configuration import Configuration
from lsp_server.lsp.doubts import follow_doubts
from lsp_server.lsp.handlers import register_all
from lsp_server.lsp.server import RemaskServer, Services
from lsp_server.lsp.status import tell_status
from lsp_server.lsp.suspicion import follow_suspicions
from lsp_server.service.documents import Documents
from lsp_server.service.doubt.book import Doubts
from lsp_server.service.gate import Gate
from lsp_server.service.next_edit.predict import NextEdit, Prediction
from lsp_server.service.rewrite import Action
from lsp_server.service.status import StatusBoard
from lsp_server.service.suspicion.book import Suspicions
from lsp_server.service.suspicion.flag import Flag
from lsp_server.service.suspicion.look import Look
from lsp_server.service.tally import Tally
from lsp_server.service.wish import Wish

URI = "file:///project/a.py"

Answer = Callable[..., Awaitable[Any]]


@dataclass
class StandInCompleter:
    """Answers with `answer`; remembers what it was asked."""

    answer: Answer | None = None
    asked: list[dict[str, Any]] = field(default_factory=list)
    known: set[str] = field(default_factory=set)
    tally: Tally = field(default_factory=Tally)

    async def complete(
        self, document: Document, offset: int, *, invoked: bool, selected: Edit | None = None
    ) -> Completion:
        self.asked.append({"document": document, "offset": offset, "invoked": invoked, "selected": selected})
        if self.answer:
            return await self.answer()
        edit = selected or Edit(Span(offset, offset), "return 1")
        return Completion((Suggestion("id-1", edit, edit.text, 0.9),))

    def accepted(self, suggestion_id: str) -> bool:
        return suggestion_id in self.known

    async def close(self) -> None:
        pass


@dataclass
class StandInRewriter:
    """Offers `offered`, rewrites with `edits` or `silence`; `during` runs meanwhile."""

    offered: Sequence[str] = ("rewrite",)
    edits: tuple[Edit, ...] = ()
    silence: Silence | None = None
    during: Answer | None = None
    runs: list[dict[str, Any]] = field(default_factory=list)
    documents: Documents | None = None

    def actions(self, document: Document, span: Span) -> tuple[Action, ...]:
        return tuple(Action(cast(Any, each), each.title(), span) for each in self.offered)

    def may(self, document: Document) -> bool:
        return True

    async def run(
        self, action_id: str, document: Document, span: Span, wish: Wish, **options: object
    ) -> Rewrite:
        self.runs.append({"action": action_id, "document": document, "span": span, "wish": wish, **options})
        if self.during:
            await self.during()
        return Rewrite(document, self.edits, self.silence, FillFigures(forwards=4, tokens=7))


@dataclass
class StandInTaker:
    """Takes by answering `silence`, or an edit at the document's start; remembers what it was asked."""

    documents: Documents
    silence: Silence | None = None
    asked: list[tuple[str, str, str]] = field(default_factory=list)

    async def take(self, key: str, doubt_id: str, alternative: str) -> Rewrite:
        self.asked.append((key, doubt_id, alternative))
        document = self.documents.get(key)
        assert document is not None
        return Rewrite(document, (Edit(Span(0, 0), alternative),), self.silence)


@dataclass
class StandInWorkspace:
    roots: list[Path] = field(default_factory=list)
    closed: bool = False
    texts: dict[Path, str] = field(default_factory=dict)

    def overlay(self, document: Document) -> None:
        if document.path:
            self.texts[document.path] = document.text

    def forget(self, path: Path) -> None:
        del self.texts[path]

    def set_roots(self, roots: Sequence[Path]) -> None:
        self.roots = list(roots)

    def excluded(self, path: Path | None) -> Silence | None:
        return None

    def close(self) -> None:
        self.closed = True


class StandInEngine:
    def __init__(self) -> None:
        self.status = EngineStatus("stopped", "", None)
        self.calls: Counter[str] = Counter()
        self.watching: dict[str, Any] = {}

    async def ensure(self) -> None:
        self.calls["ensure"] += 1

    async def restart(self) -> None:
        self.calls["restart"] += 1

    async def close(self) -> None:
        self.calls["close"] += 1

    async def take(self, name: str) -> bool:
        self.calls["take"] += 1
        return True

    def watched(self, document: str, watcher: object) -> contextlib.AbstractContextManager[None]:
        if watcher is not None:
            self.watching[document] = watcher
        return contextlib.nullcontext()


class Wire:
    """The other end: sends JSON to a server, keeps what the server sends."""

    uri = URI

    def __init__(self, server: RemaskServer) -> None:
        self.server = server
        self.sent: list[dict[str, Any]] = []
        self.left: list[int] = []
        self.replies: dict[str, Any] = {}
        """Results by method for what the server asks; an Exception is sent as an error."""
        self._ids = itertools.count(1)
        server.protocol.set_writer(cast(Any, self))
        server.leave = self.left.append

    def write(self, data: bytes) -> None:
        body = re.split(rb"\r\n\r\n", data, maxsplit=1)[1]
        message = json.loads(body)
        self.sent.append(message)
        if "method" in message and message["method"] in self.replies and "id" in message:
            reply = self.replies[message["method"]]
            content = {"result": reply}
            if isinstance(reply, Exception):
                content = {"error": {"code": -32603, "message": str(reply)}}
            asyncio.get_running_loop().call_soon(
                self.server.protocol.handle_message, {"jsonrpc": "2.0", "id": message["id"], **content}
            )

    def close(self) -> None:
        pass

    def raw(self, message: object) -> None:
        """Send as is, the way the read loop does."""
        parsed = json.loads(json.dumps(message), object_hook=self.server.protocol.structure_message)
        self.server.protocol.handle_message(parsed)

    def notify(self, method: str, params: object = None) -> None:
        self.raw({"jsonrpc": "2.0", "method": method, "params": params})

    def ask(self, method: str, params: object = None) -> int:
        """Send a request; its id."""
        msg_id = next(self._ids)
        self.raw({"jsonrpc": "2.0", "id": msg_id, "method": method, "params": params})
        return msg_id

    async def reply(self, msg_id: int | None) -> dict[str, Any]:
        """The response to a request, which must come."""
        for _ in range(500):
            for message in self.sent:
                if "method" not in message and message.get("id") == msg_id:
                    return message
            await asyncio.sleep(0)
        raise AssertionError(f"no answer to {msg_id}; sent: {self.sent}")

    async def request(self, method: str, params: object = None) -> dict[str, Any]:
        return await self.reply(self.ask(method, params))

    async def settle(self) -> None:
        """Let everything that is ready run."""
        for _ in range(50):
            await asyncio.sleep(0)

    def told(self, method: str) -> list[Any]:
        """Params of every notification or request of a method that the server sent."""
        return [message["params"] for message in self.sent if message.get("method") == method]

    async def start(self, capabilities: dict[str, Any] | None = None, **params: object) -> dict[str, Any]:
        """Initialize; the result."""
        answer = await self.request(
            "initialize", {"processId": None, "rootUri": None, "capabilities": capabilities or {}} | params
        )
        self.notify("initialized", {})
        await self.settle()
        return answer["result"]

    def open(self, text: str, uri: str = URI, version: int = 1, language: str = "python") -> None:
        self.notify(
            "textDocument/didOpen",
            {"textDocument": {"uri": uri, "languageId": language, "version": version, "text": text}},
        )

    def change(self, changes: list[dict[str, Any]], uri: str = URI, version: int = 2) -> None:
        self.notify(
            "textDocument/didChange",
            {"textDocument": {"uri": uri, "version": version}, "contentChanges": changes},
        )

    def text(self, uri: str = URI) -> str:
        document = self.server.services.documents.get(uri)
        assert document is not None
        return document.text

    @property
    def completer(self) -> StandInCompleter:
        return cast(StandInCompleter, self.server.services.completer)

    @property
    def rewriter(self) -> StandInRewriter:
        return cast(StandInRewriter, self.server.services.rewriter)

    @property
    def taker(self) -> StandInTaker:
        return cast(StandInTaker, self.server.services.taker)

    @property
    def next_editor(self) -> StandInNextEditor:
        return cast(StandInNextEditor, self.server.services.next_editor)

    @property
    def workspace(self) -> StandInWorkspace:
        return cast(StandInWorkspace, self.server.services.workspace)

    @property
    def engine(self) -> StandInEngine:
        return cast(StandInEngine, self.server.services.engine)

    @staticmethod
    def range_(start: tuple[int, int], end: tuple[int, int]) -> dict[str, Any]:
        names = ("line", "character")
        return {"start": dict(zip(names, start, strict=True)), "end": dict(zip(names, end, strict=True))}

    @staticmethod
    def at(line: int, character: int, trigger: int = 2, **context: object) -> dict[str, Any]:
        """Params of an inline completion in the document of `open`."""
        return {
            "textDocument": {"uri": URI},
            "position": {"line": line, "character": character},
            "context": {"triggerKind": trigger, **context},
        }


@dataclass
class StandInNextEditor:
    """Predicts `edit`; remembers what was refused and taken."""

    edit: NextEdit | None = None
    said: list[tuple[str, str]] = field(default_factory=list)

    async def predict(self, document: Document) -> Prediction:
        return Prediction(self.edit, None if self.edit else Silence.NOTHING_TO_CHANGE)

    def taken(self, edit_id: str) -> bool:
        self.said.append(("taken", edit_id))
        return self.edit is not None and self.edit.id == edit_id

    def refused(self, edit_id: str) -> bool:
        self.said.append(("refused", edit_id))
        return self.edit is not None and self.edit.id == edit_id


@dataclass
class StandInLooker:
    """Finds `flags` in whatever it is shown, or has a reason not to look."""

    suspicions: Suspicions
    flags: tuple[Flag, ...] = ()
    silence: Silence | None = None
    on_save: bool = False
    looked: list[int] = field(default_factory=list)

    async def look(self, document: Document, on_share: Callable[[float], None]) -> Look:
        self.looked.append(document.revision)
        on_share(0.5)
        return Look(document, self.suspicions.put(document, self.flags), self.silence)

    def wanted_on_save(self, document: Document) -> bool:
        return self.on_save


class StandInReader:
    """Notes what it hears of cursors."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, int | None]] = []

    def opened(self, key: str) -> None:
        self.heard.append((key, None))

    def rests(self, key: str, offset: int) -> None:
        self.heard.append((key, offset))

    async def close(self) -> None:
        """Nothing to end."""


@pytest_asyncio.fixture
async def wire() -> AsyncIterator[Wire]:
    """A server around stand-ins, not yet initialized."""
    documents, board, workspace = Documents(), StatusBoard(), StandInWorkspace()
    what_is_not_asked = {each.name: Mock() for each in fields(Services)[15:]}
    what_is_not_asked["follower"].typed.return_value = None
    services = Services(
        documents,
        cast(Any, workspace),
        cast(Any, StandInCompleter()),
        cast(Any, StandInReader()),
        cast(Any, StandInRewriter(documents=documents)),
        Gate(workspace.excluded),
        board,
        cast(Any, StandInEngine()),
        Configuration(),
        doubts := Doubts(),
        cast(Any, StandInTaker(documents)),
        Notebooks(documents.get),
        cast(Any, StandInNextEditor()),
        suspicions := Suspicions(),
        cast(Any, StandInLooker(suspicions)),
        **cast(Any, what_is_not_asked),
    )
    documents.subscribe(doubts.changed)
    documents.subscribe(suspicions.changed)
    server = RemaskServer(services)
    register_all(server)
    board.subscribe(lambda status: tell_status(server, status))
    follow_doubts(server)
    follow_suspicions(server)
    yield Wire(server)
    await server.close()


@pytest.fixture
def vs_code() -> dict[str, Any]:
    """The part of VS Code's capabilities that matters here."""
    return {
        "workspace": {
            "applyEdit": True,
            "configuration": True,
            "workspaceFolders": True,
            "didChangeConfiguration": {"dynamicRegistration": True},
            "workspaceEdit": {"documentChanges": True, "metadataSupport": True},
        },
        "textDocument": {
            "codeAction": {
                "dataSupport": True,
                "resolveSupport": {"properties": ["edit"]},
                "tagSupport": {"valueSet": [1]},
            },
            "inlineCompletion": {"dynamicRegistration": True},
        },
        "window": {"workDoneProgress": True},
        "general": {"positionEncodings": ["utf-16"]},
    }
