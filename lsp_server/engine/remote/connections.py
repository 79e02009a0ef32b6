"""The connection to a remote server: made when needed, anew after a failure, closed when nobody uses it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from lsp_server.core.errors import BadInput
from lsp_server.engine.remote.connect import Connection
from lsp_server.engine.remote.failures import Hopeless
from lsp_server.engine.remote.retry import Retry

CONNECT_WITHIN_S = 15.0


class Connections:
    """One connection at a time; those that were given up live on while somebody uses them."""

    def __init__(
        self, connect: Callable[[], Awaitable[Connection]], retry: Retry, clock: Callable[[], float]
    ) -> None:
        self._connect = connect
        self._retry = retry
        self._clock = clock
        self._connecting = asyncio.Lock()
        self._users = 0
        self._old: list[Connection] = []
        self.current: Connection | None = None

    async def reached(self) -> Connection:
        """The connection, made if need be.

        Raises:
            Hopeless: the settings do not fit what is there.
            EngineUnavailable: it could not be made, and was tried several times.
        """
        async with self._connecting:
            if self.current is None:
                try:
                    self.current = await self._retry.run(
                        self._connect, deadline=self._clock() + CONNECT_WITHIN_S
                    )
                except BadInput as error:
                    raise Hopeless(error.args[0], hint=error.hint) from error
            return self.current

    @asynccontextmanager
    async def in_use(self) -> AsyncIterator[None]:
        """Keep connections open that are used inside this context."""
        self._users += 1
        try:
            yield
        finally:
            self._users -= 1
            if not self._users:
                await self._close_old()

    def give_up(self, connection: Connection | None) -> None:
        """Connect anew next time, if this is the one there is."""
        if connection is not None and connection is self.current:
            self.current = None
            self._old.append(connection)

    async def close(self) -> None:
        """Close all, which withdraws what is in flight."""
        self.give_up(self.current)
        await self._close_old()

    async def _close_old(self) -> None:
        while self._old:
            await self._old.pop().link.close()
