"""The engine process: listens, loads, answers, and ends when nobody needs it."""

from __future__ import annotations

import asyncio
import contextlib
import faulthandler
import logging
import os
import secrets
import socket
import sys

import psutil
import uvicorn

from lsp_server.core.errors import BadInput
from lsp_server.core.settings import DEFAULT_MODEL, EngineSettings
from lsp_server.engine.address import Address, address_path, remove_address, write_address
from lsp_server.engine.protocol import EngineState
from lsp_server.engine.runtime.filler import Filler, LoadFiller, OnProgress
from lsp_server.engine.runtime.http import create_app
from lsp_server.engine.runtime.idle import Idle
from lsp_server.engine.runtime.scheduler import Scheduler
from lsp_server.engine.runtime.worker import Worker

log = logging.getLogger(__name__)

HOST = "127.0.0.1"
NICENESS = 5
"""Of 19; a process of the usual priority gets about three times the engine's share of a busy core."""
KEEP_ALIVE_S = 75
DRAIN_S = 3.0
"""For requests to end after the engine was told to stop, and for the worker after that."""
LONGEST_LOOK_S = 5.0


def run(
    *,
    model: str = DEFAULT_MODEL,
    port: int = 0,
    settings: EngineSettings | None = None,
    load: LoadFiller | None = None,
) -> None:
    """Serve `model` on loopback until idle for too long or told to stop. `port` 0 is any free one.

    Raises:
        BadInput: the port cannot be had.
        EngineUnavailable: the runtime directory cannot be used.
    """
    faulthandler.enable()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    give_way()
    settings = settings or EngineSettings()
    with _listen(port) as listening:
        engine = Engine(model, listening, Idle(settings.idle_minutes), load or load_model(settings))
        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(engine.serve(sockets=[listening]))
    if not engine.worker.join(DRAIN_S):
        log.warning("leaving while the model is still at work")
        logging.shutdown()
        os._exit(0)  # a thread inside the model cannot be stopped, and would keep the process


def give_way() -> None:
    """Let the editor and everything else that the user looks at have the processor first."""
    with contextlib.suppress(psutil.Error, OSError):
        process = psutil.Process()
        if sys.platform == "win32":
            process.nice(psutil.BELOW_NORMAL_PRIORITY_CLASS)
        else:
            process.nice(max(process.nice(), NICENESS))


class Engine(uvicorn.Server):
    """The HTTP server, whose address is known exactly while it serves."""

    def __init__(self, model: str, listening: socket.socket, idle: Idle, load: LoadFiller) -> None:
        self._model = model
        self._idle = idle
        self._path = address_path(model)
        self._address = Address(
            url=f"http://{HOST}:{listening.getsockname()[1]}",
            token=secrets.token_urlsafe(32),
            pid=os.getpid(),
        )
        self._scheduler = Scheduler()
        self.worker = Worker(self._scheduler, load, model)
        app = create_app(
            scheduler=self._scheduler,
            worker=self.worker,
            model=model,
            token=self._address.token,
            idle=idle,
        )
        super().__init__(
            uvicorn.Config(
                app,
                http="h11",
                ws="none",
                lifespan="off",
                log_config=None,
                log_level="warning",
                access_log=False,
                server_header=False,
                timeout_keep_alive=KEEP_ALIVE_S,
                timeout_graceful_shutdown=round(DRAIN_S),
            )
        )

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, let clients find the engine, and begin to load."""
        await super().startup(sockets)
        write_address(self._path, self._address)
        self.worker.start()
        self._watch = asyncio.create_task(self._leave_when_idle())
        log.info("engine for %s at %s, token in %s", self._model, self._address.url, self._path)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop being found, stop the work, and let answers go out."""
        remove_address(self._path, self._address.token)
        self._watch.cancel()
        self._scheduler.close()
        await super().shutdown(sockets)

    async def _leave_when_idle(self) -> None:
        while not self._idle.expired():
            if self.worker.state is EngineState.LOADING:
                self._idle.touch()
            await asyncio.sleep(min(LONGEST_LOOK_S, self._idle.seconds / 4 or LONGEST_LOOK_S))
        log.info("nobody has asked for a while: leaving")
        self.should_exit = True


def _listen(port: int) -> socket.socket:
    try:
        return socket.create_server((HOST, port), backlog=128)
    except OSError as error:
        raise BadInput(
            f"cannot listen on port {port}: {error.strerror}",
            hint="Choose another with --port, or 0 for any.",
        ) from error


def load_model(settings: EngineSettings) -> LoadFiller:
    """What loads the real model, torch and all, once it is called."""

    def load(model: str, on_progress: OnProgress) -> Filler:
        on_progress(0.0, "importing torch")
        from lsp_server.engine.runtime.load import load_any

        return load_any(model, on_progress, settings=settings)

    return load
