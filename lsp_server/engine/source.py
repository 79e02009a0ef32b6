"""Where a client's engine comes from: the user's own one on this machine."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import psutil
from filelock import FileLock, Timeout

from lsp_server.core.errors import EngineUnavailable
from lsp_server.core.settings import EngineSettings
from lsp_server.engine.address import address_path, lock_path, private_dir, read_address
from lsp_server.engine.launch import HINT, Launched, engine_command, engine_log, launch
from lsp_server.engine.link import Link
from lsp_server.engine.protocol import PROTOCOL_VERSION, Health

POLL_S = 0.05
START_TIMEOUT_S = 60.0
"""For a process to begin answering; loading the model comes after that."""
STOP_TIMEOUT_S = 5.0

Sleep = Callable[[float], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Found:
    """An engine that answers."""

    link: Link
    health: Health
    token: str


class Source(Protocol):
    """Gives engines. Every method may be called again and again."""

    startable: bool
    """Whether trying again can bring an engine up."""

    async def find(self) -> Found | None:
        """The engine that runs now, if any; starts nothing."""

    async def reach(self) -> Found:
        """The engine that runs now, or a new one; raises `EngineUnavailable`."""

    def left_in_order(self, found: Found) -> bool:
        """Whether an engine that does not answer any more has ended by itself, as when idle."""

    def post_mortem(self) -> EngineUnavailable:
        """What to tell about an engine that ended unasked."""

    async def stop(self) -> None:
        """End the engine that runs now, if it is ours to end."""


class LocalEngine:
    """The one engine of this user for one model; found by its address file, else started."""

    startable = True

    def __init__(
        self,
        model: str,
        settings: EngineSettings,
        *,
        command: Sequence[str] | None = None,
        sleep: Sleep = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._model = model
        self._settings = settings
        self._command = command
        self._sleep = sleep
        self._clock = clock
        self._launched: Launched | None = None

    @property
    def _path(self) -> Path:
        return address_path(self._model)

    async def find(self) -> Found | None:
        """See `Source`. Trusts an address only if the process named in it answers to its token."""
        address = read_address(self._path)
        if address is None:
            return None
        link = Link(address.url, address.token)
        health = await link.health()
        if health is not None and (health.pid, health.protocol) == (address.pid, PROTOCOL_VERSION):
            return Found(link, health, address.token)
        await link.close()
        return None

    async def reach(self) -> Found:
        """See `Source`. Of several that find none at once, the one with the lock starts it."""
        private_dir()
        lock = FileLock(lock_path(self._model))
        while True:
            found = await self.find()
            if found is not None:
                return found
            try:
                lock.acquire(blocking=False)
            except Timeout:
                await self._sleep(POLL_S)
                continue
            except (OSError, NotImplementedError) as error:
                raise EngineUnavailable(f"cannot lock {lock.lock_file}: {error}") from error
            try:
                return await self.find() or await self._start()
            finally:
                lock.release()

    def left_in_order(self, found: Found) -> bool:
        """See `Source`. Only an engine that was killed leaves its address behind."""
        if self._launched:
            self._launched.exited()  # reaps it
        address = read_address(self._path)
        if address is not None:
            return address.token != found.token
        return not self._path.exists()

    def post_mortem(self) -> EngineUnavailable:
        """See `Source`."""
        said = f": {self._launched.last_words()}" if self._launched and self._launched.exited() else ""
        return EngineUnavailable(f"the engine ended{said}", hint=HINT.format(log=engine_log()))

    async def stop(self) -> None:
        """See `Source`. It need not answer any more."""
        address = read_address(self._path)
        if address is not None:
            await asyncio.to_thread(_end, address.pid)

    async def _start(self) -> Found:
        launched = self._launched = launch(engine_command(self._model, self._settings, self._command))
        deadline = self._clock() + START_TIMEOUT_S
        while self._clock() < deadline:
            found = await self.find()
            if found is not None:
                return found
            if launched.exited():
                raise self.post_mortem()
            await self._sleep(POLL_S)
        launched.process.kill()
        raise EngineUnavailable(
            f"the engine did not answer within {START_TIMEOUT_S:.0f} s", hint=HINT.format(log=engine_log())
        )


def _end(pid: int) -> None:
    with contextlib.suppress(psutil.Error):
        process = psutil.Process(pid)
        process.terminate()
        try:
            process.wait(STOP_TIMEOUT_S)
        except psutil.TimeoutExpired:
            process.kill()
            process.wait(STOP_TIMEOUT_S)
