"""A client of a server elsewhere, with the engine of this machine for what that cannot or may not answer."""

from __future__ import annotations

import asyncio
import hashlib
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace

import msgspec

from lsp_server.core.errors import (
    BadInput,
    EngineFailed,
    EngineUnavailable,
    ModelCorrupt,
    ModelMissing,
    RemaskError,
    Withheld,
)
from lsp_server.core.settings import EngineSettings
from lsp_server.engine.client import Client, EngineStatus, OnFrame, OnStatus
from lsp_server.engine.protocol import FillRequest, FillResult
from lsp_server.engine.remote.connect import Connection, connect
from lsp_server.engine.remote.connections import Connections
from lsp_server.engine.remote.consent import Consents
from lsp_server.engine.remote.endpoint import Endpoint
from lsp_server.engine.remote.failures import Hopeless, Unsupported
from lsp_server.engine.remote.retry import Breaker, Retry

MakeLocal = Callable[[OnStatus], Client]
Connect = Callable[[Endpoint, EngineSettings], Awaitable[Connection]]
_ITS_FAULT = (EngineUnavailable, EngineFailed, ModelMissing, ModelCorrupt)
"""What a server raises that does not do what it should, rather than what was asked."""


class RemoteClient:
    """Fills holes with the server of `settings.url`, else with the engine that `make_local` makes.

    Nothing is sent to another machine, not even a question for its models, before `consents` allows
    that, or while REMASK_OFFLINE is set; and no request that `private` says holds a secret. A server that
    fails twice in a row is left alone for a while. Lives on one event loop.
    """

    def __init__(
        self,
        *,
        settings: EngineSettings,
        client_id: str,
        consents: Consents,
        private: Callable[[FillRequest], bool],
        make_local: MakeLocal,
        on_status: OnStatus | None = None,
        connect: Connect = connect,
        clock: Callable[[], float] = time.monotonic,
        draw: Callable[[], float] = random.random,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self.status = EngineStatus("stopped", "the remote engine has not been asked yet")
        self._settings = settings
        self._client_id = client_id
        self._consents = consents
        self._private = private
        self._on_status = on_status
        retry = Retry(clock, draw, sleep)
        self._connections = Connections(lambda: connect(self._endpoint, settings), retry, clock)
        self._breaker = Breaker(clock, draw)
        self._local = make_local(self._local_says) if settings.fallback else None
        self._local_status: EngineStatus | None = None
        self._trouble: RemaskError | None = None
        self._in_flight = 0
        self._closed = False

    async def fill(
        self, request: FillRequest, on_frame: OnFrame | None = None, *, wait: bool = False
    ) -> FillResult:
        """See `EngineClient.fill`. What nobody asked for starts no engine on this machine.

        Raises:
            EngineUnavailable: neither the server nor an engine here can answer.
            Superseded, ModelMissing, ModelCorrupt, BadInput, EngineFailed: what was answered.
        """
        asked = wait or not (request.ahead or request.read_only)
        if barred := self._barred(request):
            return await self._locally(request, on_frame, barred, wait=wait, start=asked)
        try:
            return await self._remotely(request, on_frame)
        except Unsupported as unsupported:
            return await self._locally(request, on_frame, unsupported, wait=wait, start=asked)
        except _ITS_FAULT as problem:
            start = asked and (wait or self._breaker.open)
            return await self._locally(request, on_frame, problem, wait=wait, start=start)

    async def take(self, name: str) -> bool:
        """See `EngineClient.take`."""
        connection = self._connections.current
        if connection is not None and await connection.link.take(name):
            return True
        return self._local is not None and await self._local.take(name)

    async def ensure(self) -> None:
        """Return once the server was reached or, failing that, an engine runs here.

        Raises:
            EngineUnavailable: neither.
        """
        problem = self._barred(None)
        if problem is None:
            try:
                await self._reached()
                self._well()
            except _ITS_FAULT as error:
                self._failed(error, hopeless=True)
                problem = error
        if problem is None:
            return
        if self._local is None:
            raise problem
        await self._local.ensure()

    async def restart(self) -> None:
        """Ask the server afresh, and restart the engine here if it was in use."""
        await self._connections.close()
        self._breaker.succeeded()
        self._trouble = None
        self._show()
        if self._local is not None and self._local_status is not None:
            await self._local.restart()

    async def close(self) -> None:
        """Let go of both for good."""
        self._closed = True
        await self._connections.close()
        if self._local is not None:
            await self._local.close()

    @property
    def _endpoint(self) -> Endpoint:
        """Raises `BadInput` for an address that makes no sense or is not safe."""
        return Endpoint.of(self._settings.url, plain_http=self._settings.plain_http)

    def _barred(self, request: FillRequest | None) -> RemaskError | None:
        """Why the server must not be asked now, or may not be asked this; None if it may."""
        try:
            endpoint = self._endpoint
        except BadInput as error:
            return self._note(Hopeless(error.args[0], hint=error.hint))
        if self._closed:
            return EngineUnavailable("the engine is not in use any more")
        if forbidden := self._consents.forbids(endpoint):
            return self._note(forbidden)
        if request is not None and not endpoint.loopback and self._private(request):
            return Withheld("what is around the cursor may hold a secret, and stays on this machine")
        if not self._breaker.allows():
            return self._trouble or EngineUnavailable(f"{endpoint.host} does not answer")
        return None

    async def _remotely(self, request: FillRequest, on_frame: OnFrame | None) -> FillResult:
        shown = 0 if request.read_only else 1
        self._count(+shown)
        connection = None
        try:
            async with self._connections.in_use():
                connection = await self._reached()
                result = await connection.link.fill(self._sent(request), on_frame)
        except Unsupported:
            raise
        except _ITS_FAULT as error:
            # to connect was tried several times already
            self._failed(error, hopeless=connection is None)
            self._connections.give_up(connection)
            raise
        finally:
            self._count(-shown)
        self._succeeded()
        return result

    def _sent(self, request: FillRequest) -> FillRequest:
        """The request under names that tell nothing of this machine's folders."""
        document = request.document and hashlib.blake2b(request.document.encode(), digest_size=12).hexdigest()
        return msgspec.structs.replace(request, client=self._client_id, document=document)

    async def _reached(self) -> Connection:
        if self._connections.current is None and not self._trouble:
            self._show(EngineStatus("starting", f"asking {self._endpoint.host}"))
        connection = await self._connections.reached()
        self._show()
        return connection

    async def _locally(
        self,
        request: FillRequest,
        on_frame: OnFrame | None,
        problem: RemaskError,
        *,
        wait: bool,
        start: bool,
    ) -> FillResult:
        """Have the engine here answer; without `start` only if it runs."""
        local = self._local
        if local is None or not (start or local.status.answers):
            raise problem
        try:
            return await local.fill(request, on_frame, wait=wait)
        except EngineUnavailable as error:
            if wait:
                raise EngineUnavailable(f"{problem.args[0]}, and {error.args[0]}", hint=error.hint) from error
            raise

    def _failed(self, error: RemaskError, *, hopeless: bool) -> None:
        self._breaker.failed(hopeless=hopeless or isinstance(error, Hopeless))
        if self._breaker.open:
            self._note(error)
        self._show()

    def _succeeded(self) -> None:
        self._breaker.succeeded()
        self._well()

    def _well(self) -> None:
        if not self._breaker.open:
            self._trouble = None
        self._show()

    def _note(self, trouble: RemaskError) -> RemaskError:
        if self._trouble is None or self._trouble.args != trouble.args:
            self._trouble = trouble
            self._show()
        return trouble

    def _count(self, change: int) -> None:
        self._in_flight += change
        self._show()

    def _local_says(self, status: EngineStatus) -> None:
        self._local_status = status
        self._show()

    def _show(self, status: EngineStatus | None = None) -> None:
        status = status or self._composed()
        if status != self.status:
            self.status = status
            if self._on_status is not None:
                self._on_status(status)

    def _composed(self) -> EngineStatus:
        trouble = self._trouble
        if trouble is None:
            return self._reaching()
        if self._local is None:
            return EngineStatus("failed", trouble.args[0], hint=trouble.hint)
        notice = ". ".join(filter(None, (f"{trouble.args[0]}; this machine's engine answers", trouble.hint)))
        here = self._local_status or EngineStatus("stopped", "the engine has not been started yet")
        return replace(here, notice=notice)

    def _reaching(self) -> EngineStatus:
        if self._connections.current is None:
            return EngineStatus("stopped", "the remote engine has not been asked yet")
        endpoint = self._endpoint
        # what is on this machine is not sent anywhere
        remote = "" if endpoint.loopback else endpoint.host
        return EngineStatus("busy" if self._in_flight else "ready", "", remote=remote)
