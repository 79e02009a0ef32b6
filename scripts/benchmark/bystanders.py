"""Other processes on the machine: how much they disturb a measurement, and waiting for them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

import psutil

PAUSE_S = 0.05
"""Between two sides, for the threads of the one before to stop spinning."""
LOOK_S = 0.25
QUIET = 0.25
"""Cores in use that do not matter."""


def busy_cores(interval: float = LOOK_S) -> float:
    """Cores that all processes together keep busy, watched for `interval` seconds."""
    return psutil.cpu_percent(interval) / 100 * (psutil.cpu_count() or 1)


def settle(
    patience: float,
    *,
    busy: Callable[[], float] = busy_cores,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> None:
    """Wait a moment, then until the machine is quiet, but no longer than `patience` seconds."""
    sleep(PAUSE_S)
    deadline = clock() + patience
    while clock() < deadline and busy() > QUIET:
        pass


class Bystanders:
    """The processor time of everybody but this process and `pids`, from now on."""

    def __init__(self, pids: Iterable[int]) -> None:
        self._ours = [psutil.Process(), *(psutil.Process(pid) for pid in pids)]
        self._began = time.monotonic()
        self._before = self._used()

    def cores(self) -> float:
        """How many cores others kept busy, on average."""
        return max(0.0, self._used() - self._before) / max(1e-9, time.monotonic() - self._began)

    def _used(self) -> float:
        times = psutil.cpu_times()
        idle = times.idle + getattr(times, "iowait", 0.0)
        guests = getattr(times, "guest", 0.0) + getattr(times, "guest_nice", 0.0)  # counted as user time too
        ours = sum(used.user + used.system for used in (process.cpu_times() for process in self._ours))
        return sum(times) - idle - guests - ours
