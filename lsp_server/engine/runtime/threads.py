"""How many threads to compute with: the cores that nobody else is using.

Every product waits for its slowest thread. With another process on one of two
cores, a product of 0.2 ms took 16 to 50 ms on two threads, because one of them kept
waiting for its turn; on one thread it took 0.4 ms. So threads are given up while
others need the cores, which is also what an editor wants.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import psutil

PERIOD = 0.2
"""Seconds between two looks; the system counts in hundredths."""
SLACK = 0.25
"""Cores that others may use before a thread is given up."""


@dataclass(frozen=True, slots=True)
class Load:
    """Seconds of processor time since some beginning, summed over cores."""

    at: float
    everybody: float
    own: float


def current_load() -> Load:
    """What the system and this process have used so far."""
    times = psutil.cpu_times()
    idle = times.idle + getattr(times, "iowait", 0.0)
    guests = getattr(times, "guest", 0.0) + getattr(times, "guest_nice", 0.0)  # counted as user time too
    return Load(time.monotonic(), sum(times) - idle - guests, time.process_time())


@dataclass(slots=True)
class ThreadGovernor:
    """Sets the number of threads before a pass, at most every `PERIOD` seconds."""

    most: int
    cores: int
    apply: Callable[[int], None]
    look: Callable[[], Load] = current_load
    clock: Callable[[], float] = time.monotonic
    threads: int = field(init=False)
    _last: Load = field(init=False)

    def __post_init__(self) -> None:
        self.threads = self.most
        self._last = self.look()
        self.apply(self.most)

    def __call__(self) -> None:
        """Adapt to what others have used since the last look."""
        if self.clock() - self._last.at < PERIOD:
            return
        load = self.look()
        elapsed = load.at - self._last.at
        own = load.own - self._last.own
        others = max(0.0, load.everybody - self._last.everybody - own) / elapsed
        self._last = load
        wanted = max(1, min(self.most, int(self.cores - others + SLACK)))
        if wanted != self.threads:
            self.threads = wanted
            self.apply(wanted)
