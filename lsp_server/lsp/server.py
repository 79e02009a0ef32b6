"""The language server: one client, its capabilities and documents, and the use cases it may ask for."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from lsprotocol import types as t
from pygls.exceptions import JsonRpcException, JsonRpcParseError
from pygls.lsp.server import LanguageServer

from lsp_server import __version__
from lsp_server.context.notebook import Notebooks
from lsp_server.context.own import OwnAdapters
from lsp_server.context.workspace import Workspace
from lsp_server.engine.remote.consent import Consents
from lsp_server.lsp.client import ClientFeatures
from lsp_server.lsp.configuration import Configuration
from lsp_server.lsp.converter import strict_converter
from lsp_server.lsp.engine import ChosenEngine
from lsp_server.lsp.positions import Encoding
from lsp_server.lsp.protocol import RemaskProtocol
from lsp_server.lsp.sync import TextSync
from lsp_server.service.across.holes import HolesTogether
from lsp_server.service.ahead import ReadAhead
from lsp_server.service.complete import Completer
from lsp_server.service.consequences.follow import Follower
from lsp_server.service.documents import Documents
from lsp_server.service.doubt.book import Doubts
from lsp_server.service.doubt.take import Taker
from lsp_server.service.gate import Gate
from lsp_server.service.next_edit.predict import NextEditor
from lsp_server.service.rewrite import Rewriter
from lsp_server.service.statistics import Statistics
from lsp_server.service.status import StatusBoard
from lsp_server.service.suspicion.book import Suspicions
from lsp_server.service.suspicion.look import Looker
from lsp_server.service.taking import Taking

EVERY_NOTEBOOK = t.NotebookDocumentSyncOptions([t.NotebookDocumentFilterWithNotebook(notebook="*")])

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Services:
    """What handlers call."""

    documents: Documents
    workspace: Workspace
    completer: Completer
    ahead: ReadAhead
    rewriter: Rewriter
    gate: Gate
    board: StatusBoard
    engine: ChosenEngine
    configuration: Configuration
    doubts: Doubts
    taker: Taker
    notebooks: Notebooks
    next_editor: NextEditor
    suspicions: Suspicions
    looker: Looker
    follower: Follower
    holes_together: HolesTogether
    statistics: Statistics
    consents: Consents
    own: OwnAdapters


class RemaskServer(LanguageServer):
    """pygls' server with our protocol; handlers get it as their first argument."""

    protocol: RemaskProtocol

    def __init__(self, services: Services) -> None:
        super().__init__(
            "remask",
            __version__,
            protocol_cls=RemaskProtocol,
            converter_factory=strict_converter,
            notebook_document_sync=EVERY_NOTEBOOK,
        )
        self.services = services
        self.client = ClientFeatures()
        self.texts = TextSync(services.documents)
        self.folders: tuple[str, ...] = ()
        """URIs of the workspace folders, outermost first as the client gave them."""
        self.running: dict[str | int, asyncio.Task[Any]] = {}
        """Work the user can cancel, by its progress token."""
        self.taking: dict[str, Taking] = {}
        """Rewrites under way that can be taken, by document."""
        self.leave: Callable[[int], None] = lambda _: None
        """Ends the connection with an exit code; set by whoever runs the server."""
        self.introduced = False
        """Whether the client said `initialized`: before, it must not be told anything."""
        self.diagnostics: dict[str, dict[str, list[t.Diagnostic]]] = {}
        """What was published: by document, then by what it is about."""
        self.complained: set[str] = set()
        """Errors the user was shown already."""
        self._background: set[asyncio.Task[Any]] = set()

    @property
    def encoding(self) -> Encoding:
        """The units of the client's positions."""
        return self.client.encoding

    def spawn(self, work: Coroutine[Any, Any, object]) -> asyncio.Task[Any]:
        """Run `work` beside the handlers; what it raises is logged."""
        task = asyncio.get_running_loop().create_task(work)
        self._background.add(task)
        task.add_done_callback(self._finished)
        return task

    def warn(self, message: str) -> None:
        """Put a warning into the client's log of this server and into ours."""
        _log.warning("%s", message)
        if self.introduced:
            self.window_log_message(t.LogMessageParams(t.MessageType.Warning, message))

    async def close(self) -> None:
        """End what runs beside the handlers, and let go of the engine and of the files watched."""
        for task in self._background:
            task.cancel()
        await asyncio.gather(*self._background, return_exceptions=True)
        self.services.statistics.save()
        await self.services.ahead.close()
        await self.services.completer.close()
        await self.services.engine.close()
        self.services.workspace.close()
        self.services.own.close()

    def report_server_error(self, error: Exception, source: type[Exception]) -> None:
        """Answer what was not even JSON; log the rest. pygls would show each to the user."""
        unread = source is JsonRpcException and isinstance(error, ValueError | RecursionError)
        if unread:
            self.protocol.refuse(None, JsonRpcParseError("the message is not JSON"))
        else:
            _log.error("could not handle a message (%s)", source.__name__, exc_info=error)

    def _finished(self, task: asyncio.Task[Any]) -> None:
        self._background.discard(task)
        if not task.cancelled() and (error := task.exception()):
            _log.error("background work failed", exc_info=error)
