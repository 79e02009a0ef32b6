"""The composition root: the one place where the server's objects are built and put together."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import uuid
from logging.handlers import RotatingFileHandler

from lsp_server.context.gather import Gatherer
from lsp_server.context.notebook import Notebooks
from lsp_server.context.own import OwnAdapters
from lsp_server.context.recent import RecentEdits
from lsp_server.context.workspace import Workspace
from lsp_server.core.errors import BadInput
from lsp_server.core.paths import log_dir
from lsp_server.core.settings import EngineSettings
from lsp_server.engine.client import Client, EngineClient
from lsp_server.engine.remote.consent import Consents
from lsp_server.lsp.configuration import Configuration
from lsp_server.lsp.consent import ask_in_editor
from lsp_server.lsp.doubts import follow_doubts
from lsp_server.lsp.engine import ChosenEngine, MakeClient, OnStatus
from lsp_server.lsp.handlers import register_all
from lsp_server.lsp.progress import EngineProgress
from lsp_server.lsp.server import RemaskServer, Services
from lsp_server.lsp.status import tell_status
from lsp_server.lsp.suspicion import follow_suspicions
from lsp_server.lsp.transport import serve_stdio, serve_tcp
from lsp_server.service.across.holes import HolesTogether
from lsp_server.service.ahead import ReadAhead
from lsp_server.service.asking import Asker, new_id
from lsp_server.service.complete import Completer
from lsp_server.service.consequences.follow import Follower
from lsp_server.service.documents import Documents
from lsp_server.service.doubt.book import Doubts
from lsp_server.service.doubt.take import Taker
from lsp_server.service.gate import Gate
from lsp_server.service.leaving import Leaving
from lsp_server.service.next_edit.change import History
from lsp_server.service.next_edit.judge import Judge
from lsp_server.service.next_edit.predict import NextEditor
from lsp_server.service.next_edit.write import Writer
from lsp_server.service.rewrite import Rewriter
from lsp_server.service.statistics import Statistics
from lsp_server.service.status import StatusBoard
from lsp_server.service.suspicion.book import Suspicions
from lsp_server.service.suspicion.look import Looker

LOG_BYTES = 1_000_000


def serve(tcp: str | None = None, log_level: str = "warning") -> None:
    """Run the language server until its client is gone, then end the process, whatever threads still do.

    `tcp` is ``"HOST:PORT"`` to listen there for one client instead of using
    stdin and stdout. `log_level` holds for the server's own messages.

    Raises:
        BadInput: `tcp` or `log_level` makes no sense, or the address cannot be had.
    """
    address = _address(tcp) if tcp else None
    _log_to_file(log_level)
    code = asyncio.new_event_loop().run_until_complete(_serve(address))
    logging.shutdown()
    sys.stderr.flush()
    os._exit(code)  # a thread that parses, or waits for a keyring to be unlocked, cannot be stopped


async def _serve(address: tuple[str, int] | None) -> int:
    server = build()
    return await (serve_tcp(server, *address) if address else serve_stdio(server))


def build() -> RemaskServer:
    """A server with everything it needs; nothing is started before a client asks for it."""
    services = build_services()
    server = RemaskServer(services)
    register_all(server)
    services.board.subscribe(lambda status: tell_status(server, status))
    services.engine.subscribe(EngineProgress(server).update)
    ask_in_editor(server, services.consents)
    follow_doubts(server)
    follow_suspicions(server)
    return server


def build_services() -> Services:
    """The use cases, for the server and for the command line; nothing is started before it is needed."""
    configuration = Configuration()
    settings_for = configuration.settings_for
    workspace, recent, board = Workspace(), RecentEdits(), StatusBoard()
    documents, gate = Documents(recent), Gate(workspace.excluded)
    notebooks, consents = Notebooks(documents.get), Consents()
    own = OwnAdapters(lambda: configuration.settings.model)

    def adapter_for(key: str) -> str:
        document = documents.get(key)
        here = not configuration.settings.engine.url.strip()
        return own.for_code(document.path) if document and here else ""

    engine = ChosenEngine(_new_client(uuid.uuid4().hex, consents, Leaving(documents)), adapter_for)
    gatherer = Gatherer(workspace, recent, notebooks)
    asker = Asker(documents=documents, gatherer=gatherer, engine=engine)
    completer = Completer(
        documents=documents, gate=gate, asker=asker, engine=engine, board=board, settings_for=settings_for
    )
    ahead = ReadAhead(documents=documents, gate=gate, asker=asker, engine=engine, settings_for=settings_for)
    rewriter = Rewriter(
        documents=documents,
        gate=gate,
        gatherer=gatherer,
        engine=engine,
        board=board,
        settings_for=settings_for,
    )
    doubts = Doubts()
    documents.subscribe(doubts.changed)
    taker = Taker(
        documents=documents,
        doubts=doubts,
        asker=asker,
        gate=gate,
        board=board,
        settings_for=settings_for,
    )
    suspicions = Suspicions()
    documents.subscribe(suspicions.changed)
    looker = Looker(
        documents=documents, suspicions=suspicions, gate=gate, engine=engine, settings_for=settings_for
    )
    history = History()
    documents.subscribe(history.changed)
    next_editor = NextEditor(
        documents=documents,
        history=history,
        gate=gate,
        judge=Judge(gatherer=gatherer, engine=engine),
        writer=Writer(gatherer=gatherer, engine=engine),
        engine=engine,
        settings_for=settings_for,
        ids=new_id,
    )
    follower = Follower(
        documents=documents,
        workspace=workspace,
        gate=gate,
        gatherer=gatherer,
        engine=engine,
        board=board,
        history=history,
        settings_for=settings_for,
    )

    def beside(found: Gatherer) -> Rewriter:
        return Rewriter(
            documents=Documents(),
            gate=gate,
            gatherer=found,
            engine=engine,
            board=board,
            settings_for=settings_for,
        )

    holes_together = HolesTogether(documents=documents, gatherer=gatherer, make=beside, named=follower.named)
    configuration.subscribe(engine.choose)
    configuration.subscribe(lambda _: completer.forget())
    engine.subscribe(board.engine)
    return Services(
        documents,
        workspace,
        completer,
        ahead,
        rewriter,
        gate,
        board,
        engine,
        configuration,
        doubts,
        taker,
        notebooks,
        next_editor,
        suspicions,
        looker,
        follower,
        holes_together,
        Statistics(completer.tally, lambda: configuration.settings.statistics),
        consents,
        own,
    )


def _new_client(client_id: str, consents: Consents, leaving: Leaving) -> MakeClient:
    def make(*, model: str, settings: EngineSettings, on_status: OnStatus) -> Client:
        def local(on_status: OnStatus) -> Client:
            return EngineClient(settings=settings, model=model, client_id=client_id, on_status=on_status)

        if not settings.url.strip():
            return local(on_status)
        # what few need is imported when it is
        from lsp_server.engine.remote.client import RemoteClient

        return RemoteClient(
            settings=settings,
            client_id=client_id,
            consents=consents,
            private=leaving.stays,
            make_local=local,
            on_status=on_status,
        )

    return make


def _address(tcp: str) -> tuple[str, int]:
    host, colon, port = tcp.rpartition(":")
    if not colon or not port.isdecimal() or int(port) > 65_535:
        raise BadInput(f"{tcp!r} is not an address", hint="Write it as HOST:PORT, as in 127.0.0.1:2087.")
    return host.strip("[]") or "127.0.0.1", int(port)


def _log_to_file(level: str) -> None:
    """Log to a file in the log folder; to stderr as well, which is where editors look first.

    pygls logs what it sends and receives, which is the user's source text.
    """
    number = logging.getLevelNamesMapping().get(level.upper())
    if number is None:
        raise BadInput(f"there is no log level {level!r}", hint="Use debug, info, warning or error.")
    handlers: list[logging.Handler] = [logging.StreamHandler(sys.stderr)]
    try:
        log_dir().mkdir(parents=True, exist_ok=True)
        path = log_dir() / "server.log"
        handlers.append(
            RotatingFileHandler(path, maxBytes=LOG_BYTES, backupCount=1, encoding="utf-8", delay=True)
        )
    except OSError as error:
        print(f"remask: no log file: {error}", file=sys.stderr)  # noqa: T201 -- there is no log to put it in
    form = f"%(asctime)s {os.getpid()} %(levelname)s %(name)s: %(message)s"
    logging.basicConfig(level=number, format=form, handlers=handlers, force=True)
    for chatty in ("pygls", "asyncio", "httpx", "httpcore", "watchdog"):
        logging.getLogger(chatty).setLevel(max(number, logging.WARNING))
