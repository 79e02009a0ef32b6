"""The engine that a team shares: listens where it is told, answers those with keys, and leaves in order."""

from __future__ import annotations

import asyncio
import contextlib
import faulthandler
import itertools
import logging
import os
import signal
import socket
import time
from dataclasses import dataclass, replace
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from uvicorn.protocols.http.h11_impl import H11Protocol

from lsp_server.core.errors import BadInput
from lsp_server.core.settings import EngineSettings
from lsp_server.engine.protocol import EngineState
from lsp_server.engine.runtime.answers import json_answer, refusal
from lsp_server.engine.runtime.filler import Filler, LoadFiller, OnProgress
from lsp_server.engine.runtime.http import Api, application
from lsp_server.engine.runtime.limits import TEAM, Limits, Pace
from lsp_server.engine.runtime.scheduler import Scheduler
from lsp_server.engine.runtime.team.gate import LEAVING_RETRY_S, METRICS, Gate
from lsp_server.engine.runtime.team.keys import Keys
from lsp_server.engine.runtime.team.listen import Certificate, Place
from lsp_server.engine.runtime.team.metrics import Metrics
from lsp_server.engine.runtime.ticket import Seen
from lsp_server.engine.runtime.worker import Worker

log = logging.getLogger(__name__)

KEEP_ALIVE_S = 75
CLOSE_S = 3.0
"""For answers to go out once the work is done, and for the worker to end after that."""
LOOK_S = 1.0
"""How often keys and certificate are looked at."""
DRAIN_LOOK_S = 0.05
SILENT_LOOKS = 10
"""A connection on which no whole request has begun between so many looks is closed."""
ON_A_PROCESSOR = 2
"""Fills at once by default without a GPU: two users' take turns at each pass, so a long one blocks nobody."""


@dataclass(frozen=True, slots=True)
class Team:
    """How an engine serves a team; `drain_s` is for what is under way when it is told to stop."""

    place: Place
    keys: Path
    certificate: Certificate | None = None
    limits: Limits = TEAM
    drain_s: float = 20.0


def serve_team(*, model: str, team: Team, settings: EngineSettings, load: LoadFiller | None = None) -> None:
    """Serve `model` until told to stop; never idle for too long.

    Raises:
        BadInput: the place cannot be had, or the keys cannot be read.
    """
    keys = Keys(team.keys)
    faulthandler.enable()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    # uvicorn raises the signal again when it has shut down: that must not be what the process ends by
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with team.place.open() as listening, contextlib.suppress(KeyboardInterrupt):
        engine = TeamEngine(model, team, keys, load or _load(settings))
        asyncio.run(engine.serve(sockets=[listening]))
    if not engine.worker.join(CLOSE_S):
        log.warning("leaving while the model is still at work")
        logging.shutdown()
        os._exit(0)  # a thread inside the model cannot be stopped, and would keep the process


class TeamEngine(uvicorn.Server):
    """The HTTP server. Told to stop, it finishes what is under way; all else is answered 503 meanwhile."""

    def __init__(self, model: str, team: Team, keys: Keys, load: LoadFiller) -> None:
        self._team = team
        self._keys = keys
        limits = team.limits
        self._scheduler = Scheduler(capacity=limits.waiting, each=limits.waiting_each)
        self.worker = Worker(self._scheduler, load, model)
        self._metrics = Metrics(self._scheduler, self.worker, model)
        self._draining = False
        config = uvicorn.Config(
            self._application(model),
            http="h11",
            ws="none",
            lifespan="off",
            log_config=None,
            log_level="warning",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            limit_concurrency=limits.connections,
            timeout_keep_alive=KEEP_ALIVE_S,
            timeout_graceful_shutdown=round(CLOSE_S),
        )
        config.load()
        if team.certificate is not None:
            config.ssl = team.certificate.context
        super().__init__(config)

    @property
    def leaving(self) -> bool:
        """Whether no new work is taken."""
        return self._draining

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, and begin to load."""
        await super().startup(sockets)
        self.worker.start()
        self._watch = asyncio.create_task(self._look())
        port = sockets[0].getsockname()[1] if sockets else self._team.place.port
        scheme = "https" if self._team.certificate else "http"
        log.info(
            "engine for %s users at %s://%s",
            len(self._keys.users),
            scheme,
            replace(self._team.place, port=port),
        )

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take no new work, finish what there is as far as time allows, then close."""
        self._draining = True
        self._watch.cancel()
        self._scheduler.drain()
        left_s = self._team.drain_s
        log.info("leaving: %s under way, %s waiting", self._scheduler.under_way, self._scheduler.waiting)
        while not self._scheduler.over and left_s > 0 and not self.force_exit:
            await asyncio.sleep(DRAIN_LOOK_S)
            left_s -= DRAIN_LOOK_S
        self._scheduler.close()
        await super().shutdown(sockets)

    def ended(self, seen: Seen) -> None:
        """See `ticket.Observer`: a line of the log for each request, without code."""
        self._metrics.ended(seen)
        tokens = seen.figures.tokens if seen.figures else 0
        log.info(
            "%s %s %s: waited %.3f s, took %.3f s, %s tokens",
            seen.user,
            seen.kind,
            seen.outcome,
            seen.total_s if seen.queue_s is None else seen.queue_s,
            seen.total_s,
            tokens,
        )

    async def ready(self, _: Request) -> Response:
        """For what stands in front: whether to send requests here."""
        state = self.worker.state
        if self.leaving or state not in {EngineState.READY, EngineState.BUSY}:
            return refusal(503, "leaving" if self.leaving else str(state), retry_s=LEAVING_RETRY_S)
        return json_answer({"state": state})

    def _application(self, model: str) -> Starlette:
        limits, metrics = self._team.limits, self._metrics
        api = Api(self._scheduler, self.worker, model, int(time.time()), limits, self)
        gate = Middleware(Gate, keys=self._keys, pace=Pace(limits.per_minute), leaving=self, refusals=metrics)
        return application(api, [gate], Route("/ready", self.ready), Route(METRICS, metrics.page))

    async def _look(self) -> None:
        """Take in new keys and a renewed certificate; what cannot be read leaves the old ones in force."""
        silent = set[H11Protocol]()
        for look in itertools.count(1):
            await asyncio.sleep(LOOK_S)
            if look % SILENT_LOOKS == 0:
                silent = self._close_silent(silent)
            for what in (self._keys, self._team.certificate):
                try:
                    if what is not None and what.refresh():
                        log.info("read %s anew", "the keys" if what is self._keys else "the certificate")
                except BadInput as problem:
                    log.warning("%s", problem.args[0])

    def _close_silent(self, before: set[H11Protocol]) -> set[H11Protocol]:
        """Close those of `before` that still say nothing, as they would keep others out; who is silent now.

        uvicorn bounds the time between two requests, but not how long the head of one may take.
        """
        connections = self.server_state.connections
        silent = {each for each in connections if isinstance(each, H11Protocol) and _is_silent(each)}
        for each in silent & before:
            each.transport.close()
        return silent - before


def _is_silent(connection: H11Protocol) -> bool:
    asked = connection.cycle is not None and not connection.cycle.response_complete
    return not asked and connection.timeout_keep_alive_task is None


def _load(settings: EngineSettings) -> LoadFiller:
    def load(model: str, on_progress: OnProgress) -> Filler:
        on_progress(0.0, "importing torch")
        import torch

        from lsp_server.engine.runtime.main import load_model

        on_gpu = settings.device != "cpu" and torch.cuda.is_available()
        return load_model(for_team(settings, on_gpu=on_gpu))(model, on_progress)

    return load


def for_team(settings: EngineSettings, *, on_gpu: bool) -> EngineSettings:
    """The settings, with more than one fill at once also on a processor unless another number was chosen."""
    if settings.parallel or on_gpu:
        return settings
    return replace(settings, parallel=ON_A_PROCESSOR)
