"""Which device, precision and library to compute with: what this machine was measured to do fastest.

Importing this module does not import torch: `remask doctor` reads the last measurement.
"""

from __future__ import annotations

import contextlib
import os
import platform
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec
import psutil

from lsp_server.core.errors import BadInput
from lsp_server.core.paths import cache_dir
from lsp_server.core.settings import EngineSettings

ROWS = 16
"""Positions of a typical pass."""
SHAPE = (4864, 896)
"""A typical product: one of the feed-forward projections."""
ROUNDS = 40


class Measurement(msgspec.Struct, frozen=True):
    """Least milliseconds of one product for each way, on one machine.

    A way is a library and a precision, as "torch bf16".
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
    """A choice of device, precision and library."""

    device: str
    precision: str
    threads: int
    library: str = "torch"

    def describe(self) -> str:
        """For a person."""
        return f"{self.device}, {self.precision} by {self.library}, {self.threads} threads"


def choose_backend(settings: EngineSettings) -> Backend:
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
    library, precision = measured(threads).fastest(settings).split()
    return Backend("cpu", precision, threads, library)


def measured(threads: int) -> Measurement:
    """The cached measurement of this machine, or a new one (half a second)."""
    machine = _machine(threads)
    known = _cached()
    if known is not None and known.machine == machine:
        return known
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
    return f"{known.fastest(EngineSettings())} ({times} for {ROWS} positions)"


def _allowed(way: str, settings: EngineSettings) -> bool:
    library, precision = way.split()
    return settings.backend in {"auto", library} and settings.precision in {"auto", precision}


def _machine(threads: int) -> str:
    from importlib.metadata import PackageNotFoundError, version

    libraries = []
    for library in ("torch", "openvino"):
        with contextlib.suppress(PackageNotFoundError):
            libraries.append(f"{library} {version(library)}")
    parts = (platform.machine(), platform.processor(), platform.node(), str(threads), *libraries)
    return " ".join(parts)


def _cache_file() -> Path:
    return cache_dir() / "backend.json"


def _cached() -> Measurement | None:
    try:
        return msgspec.json.decode(_cache_file().read_bytes(), type=Measurement)
    except (OSError, msgspec.MsgspecError):
        return None


def _measure(threads: int) -> dict[str, float]:
    import torch

    from lsp_server.engine.runtime.linear import DenseLinear, Int8Linear, int8_engine, quantise_rows

    weight = torch.randn(SHAPE)
    x = torch.randn(ROWS, SHAPE[1])
    half = weight.to(torch.bfloat16)
    dense, dense_half = DenseLinear(weight), DenseLinear(half)
    work: dict[str, Callable[[], object]] = {
        "torch fp32": lambda: dense(x),
        "torch bf16": lambda: dense_half(x.to(torch.bfloat16)),
    }
    whole, scale = quantise_rows(weight)
    if int8_engine():
        packed = Int8Linear(whole, scale, None)
        work["torch int8"] = lambda: packed(x)
    with contextlib.suppress(ImportError):
        from lsp_server.engine.runtime.openvino.linear import OpenVinoLinear

        graph = OpenVinoLinear({"w.weight": whole, "w.scale": scale}, "w", threads)
        work["openvino int8"] = lambda: graph(x)
    return {way: _least_ms(product) for way, product in work.items()}


def _least_ms(work: Callable[[], object]) -> float:
    """The least of many rounds: other work on the machine can only make a round longer."""
    times = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return min(times) * 1000
