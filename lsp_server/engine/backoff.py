"""When to start an engine again that has failed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(slots=True)
class Backoff:
    """Exponential back-off with jitter; times in seconds, `draw` gives numbers in [0, 1).

    After `tries` failures in a row it gives up and allows one new start per `rest`.
    An engine that had been up for `steady` seconds did not fail in a row.
    """

    clock: Callable[[], float]
    draw: Callable[[], float]
    first: float = 0.5
    longest: float = 30.0
    tries: int = 4
    rest: float = 300.0
    steady: float = 60.0
    _failures: int = field(default=0, init=False)
    _until: float = field(default=0.0, init=False)

    @property
    def given_up(self) -> bool:
        """Whether starting has failed so often that a person should look."""
        return self._failures >= self.tries

    def left(self) -> float:
        """How long to wait before the next start."""
        return max(0.0, self._until - self.clock())

    def failed(self, up: float = 0.0) -> None:
        """Note a failed start, or the end of an engine that had been up for `up` seconds."""
        self._failures = 1 if up >= self.steady else self._failures + 1
        wait = self.rest if self.given_up else min(self.longest, self.first * 2 ** (self._failures - 1))
        self._until = self.clock() + wait * (0.5 + self.draw() / 2)

    def forget(self) -> None:
        """Start afresh."""
        self._failures = 0
        self._until = 0.0
