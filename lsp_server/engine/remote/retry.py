"""Asking again after a passing failure, and leaving alone what keeps failing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

from lsp_server.engine.remote.failures import Unreachable

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Retry:
    """Up to `tries` in all, with full jitter between them (Brooker, "Exponential backoff and jitter", 2015).

    Times in seconds; `draw` gives numbers in [0, 1).
    """

    clock: Callable[[], float]
    draw: Callable[[], float]
    sleep: Callable[[float], Awaitable[object]]
    tries: int = 3
    first: float = 0.1
    longest: float = 2.0

    async def run(
        self,
        ask: Callable[[], Awaitable[Answer]],
        *,
        deadline: float,
        again: Callable[[], bool] = lambda: True,
    ) -> Answer:
        """What `ask` answers; asked again while it is `Unreachable`, there is time, and `again()` holds.

        A server that says how long to wait is waited for so long at least; if that is beyond the
        deadline its error is raised at once.
        """
        for failed in range(self.tries):
            try:
                return await ask()
            except Unreachable as error:
                pause = max(error.wait_s or 0.0, self._pause(failed))
                late = self.clock() + pause >= deadline
                if failed + 1 == self.tries or late or not again():
                    raise
                await self.sleep(pause)
        raise AssertionError  # the last try returns or raises

    def _pause(self, failed: int) -> float:
        return float(min(self.longest, self.first * 2**failed) * self.draw())


@dataclass(slots=True)
class Breaker:
    """A circuit breaker (Nygard, "Release It!"): it opens after `tries` failures in a row.

    Then nothing is asked for a while, until a single request tries whether it works again; each further
    failure doubles the rest, up to `longest`. Times in seconds; `draw` gives numbers in [0, 1).
    """

    clock: Callable[[], float]
    draw: Callable[[], float]
    tries: int = 2
    first: float = 5.0
    longest: float = 300.0
    _failures: int = field(default=0, init=False)
    _until: float = field(default=0.0, init=False)

    @property
    def open(self) -> bool:
        """Whether it has failed too often lately."""
        return self._failures >= self.tries

    def allows(self) -> bool:
        """Whether to ask now. While open, True once for each rest: the caller then is the one who tries."""
        if not self.open:
            return True
        if self.clock() < self._until:
            return False
        self._rest()  # nobody else tries until this one has come back
        return True

    def failed(self, *, hopeless: bool = False) -> None:
        """Note a failure; a `hopeless` one, as a refused key, counts as enough of them."""
        self._failures = max(self._failures + 1, self.tries if hopeless else 0)
        if self.open:
            self._rest()

    def succeeded(self) -> None:
        """Note an answer."""
        self._failures = 0

    def _rest(self) -> None:
        doubled = self.first * 2.0 ** min(16, self._failures - self.tries)
        self._until = self.clock() + min(self.longest, doubled) * (0.5 + self.draw() / 2)
