"""`$/progress`: long work shown by the client, who may cancel it."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from lsprotocol import types as t

from lsp_server.engine.client import EngineStatus
from lsp_server.lsp.server import RemaskServer

_log = logging.getLogger(__name__)


class WorkDone:
    """One progress: begun once the client made room for it, ended once."""

    def __init__(self, server: RemaskServer, title: str, *, cancellable: bool) -> None:
        self._server = server
        self._title = title
        self._cancellable = cancellable
        self._token: str | int = uuid.uuid4().hex
        self._begun = False
        self._over = False
        self._latest = t.WorkDoneProgressReport()

    @property
    def token(self) -> str | int:
        """What the client cancels it by."""
        return self._token

    def start(self, token: str | int | None = None) -> None:
        """Begin: at once under the token of the client's request, else when the client answers."""
        if token is not None:
            self._token = token
            self._begin()
        elif self._server.client.work_done_progress:
            self._server.spawn(self._create())

    def report(self, message: str, percentage: int | None = None) -> None:
        """Show how far it is; before the begin only the latest report is kept."""
        self._latest = t.WorkDoneProgressReport(message=message, percentage=percentage)
        if self._begun and not self._over:
            self._send(self._latest)

    def end(self, message: str | None = None) -> None:
        """Take it away."""
        if self._begun and not self._over:
            self._send(t.WorkDoneProgressEnd(message=message))
        self._over = True

    async def _create(self) -> None:
        params = t.WorkDoneProgressCreateParams(token=self._token)
        try:
            await self._server.window_work_done_progress_create_async(params)
        except Exception as error:  # noqa: BLE001 -- a client that makes no room goes without
            _log.debug("no progress: %s", error)
            return
        if not self._over:
            self._begin()

    def _begin(self) -> None:
        self._begun = True
        self._send(
            t.WorkDoneProgressBegin(
                title=self._title,
                cancellable=self._cancellable,
                message=self._latest.message,
                percentage=self._latest.percentage,
            )
        )

    def _send(
        self, value: t.WorkDoneProgressBegin | t.WorkDoneProgressReport | t.WorkDoneProgressEnd
    ) -> None:
        self._server.progress(t.ProgressParams(token=self._token, value=value))


@asynccontextmanager
async def shown_work(
    server: RemaskServer, title: str, token: str | int | None = None
) -> AsyncIterator[WorkDone]:
    """Show the current task's work while the context lasts; the client's cancelling cancels the task."""
    work = WorkDone(server, title, cancellable=True)
    work.start(token)
    if task := asyncio.current_task():
        server.running[work.token] = task
    try:
        yield work
    finally:
        server.running.pop(work.token, None)
        work.end()


class EngineProgress:
    """Shows the engine's start, from the first word of it to the last."""

    def __init__(self, server: RemaskServer) -> None:
        self._server = server
        self._work: WorkDone | None = None

    def update(self, status: EngineStatus) -> None:
        """Follow the engine's status."""
        if status.phase not in {"starting", "loading"}:
            if self._work:
                self._work.end(status.message or None)
                self._work = None
            return
        if not self._server.introduced:
            return
        percentage = None if status.progress is None else round(100 * status.progress)
        first = self._work is None
        self._work = self._work or WorkDone(self._server, "Remask", cancellable=False)
        # A begin without percentage stays indeterminate for good, so it always has one.
        self._work.report(status.message or "loading the model", percentage or 0)
        if first:
            self._work.start()
