"""Which device, precision and framework to compute with: what this machine was measured to do fastest.

Importing this module does not import torch: `remask doctor` reads the last measurement.
"""

from __future__ import annotations

import contextlib
import os
import platform
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec
import psutil

from lsp_server.core.errors import BadInput
from lsp_server.core.paths import cache_dir
from lsp_server.core.settings import EngineSettings


class Measurement(msgspec.Struct, frozen=True):
    """Least milliseconds of a short pass for each way (`trial.py`), on one machine.

    A way is a framework and a precision, as "torch bf16".
    """

    machine: str
    milliseconds: dict[str, float]

    def fastest(self, settings: EngineSettings) -> str:
        """The way with the least time of those that `settings` allow.

        Raises:
            BadInput: there is none.
        """
        allowed = [way for way in self.milliseconds if _allowed(way, settings)]
        if not allowed:
            raise BadInput(
                f"nothing here computes {settings.precision} with {settings.backend}",
                hint=f'There is {", ".join(self.milliseconds)} here; set both to "auto" to have the fastest.',
            )
        return min(allowed, key=lambda way: self.milliseconds[way])


@dataclass(frozen=True, slots=True)
class Backend:
    """A choice of device, precision and framework."""

    device: str
    precision: str
    threads: int
    framework: str = "torch"

    def describe(self) -> str:
        """For a person."""
        return f"{self.device}, {self.precision} by {self.framework}, {self.threads} threads"


def choose_backend(settings: EngineSettings, before_measuring: Callable[[], None] = lambda: None) -> Backend:
    """The user's choice, completed by measurement: CUDA where there is one, else the fastest on the CPU.

    Raises:
        BadInput: nothing here computes what the user chose.
    """
    import torch

    threads = settings.threads or psutil.cpu_count(logical=False) or os.cpu_count() or 1
    torch.set_num_threads(threads)
    if settings.device == "cuda" or (settings.device == "auto" and torch.cuda.is_available()):
        precise = settings.precision == "fp32"
        return Backend("cuda", "fp32" if precise else "bf16", threads)
    framework, precision = measured(threads, before_measuring).fastest(settings).split()
    return Backend("cpu", precision, threads, framework)


def measured(threads: int, before: Callable[[], None] = lambda: None) -> Measurement:
    """The cached measurement of this machine, or a new one: seconds, the first time half a minute."""
    machine = _machine(threads)
    known = _cached()
    if known is not None and known.machine == machine:
        return known
    before()
    new = Measurement(machine, _measure(threads))
    with contextlib.suppress(OSError):  # only saves time at the next start
        _cache_file().parent.mkdir(parents=True, exist_ok=True)
        _cache_file().write_bytes(msgspec.json.encode(new))
    return new


def describe_cached() -> str | None:
    """The last measurement for a person, or None if there is none."""
    known = _cached()
    if known is None:
        return None
    times = ", ".join(f"{way} {value:.2f} ms" for way, value in known.milliseconds.items())
    return f"{known.fastest(EngineSettings())} ({times} for a short pass)"


def _allowed(way: str, settings: EngineSettings) -> bool:
    framework, precision = way.split()
    return settings.backend in {"auto", framework} and settings.precision in {"auto", precision}


def _machine(threads: int) -> str:
    from importlib.metadata import PackageNotFoundError, version

    frameworks = []
    for framework in ("torch", "openvino", "numba"):
        with contextlib.suppress(PackageNotFoundError):
            frameworks.append(f"{framework} {version(framework)}")
    parts = ("trial 3", platform.machine(), platform.processor(), platform.node(), str(threads), *frameworks)
    return " ".join(parts)


def _cache_file() -> Path:
    return cache_dir() / "backend.json"


def _cached() -> Measurement | None:
    try:
        return msgspec.json.decode(_cache_file().read_bytes(), type=Measurement)
    except (OSError, msgspec.MsgspecError):
        return None


def _measure(threads: int) -> dict[str, float]:
    from lsp_server.engine.runtime import trial

    return trial.times(threads)
