"""Which device and precision to compute in: what this machine was measured to do fastest.

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

from lsp_server.core.paths import cache_dir
from lsp_server.core.settings import EngineSettings

ROWS = 16
"""Positions of a typical pass."""
SHAPE = (4864, 896)
"""A typical product: one of the feed-forward projections."""
ROUNDS = 40


class Measurement(msgspec.Struct, frozen=True):
    """Least milliseconds of one product for each precision, on one machine with one torch."""

    machine: str
    milliseconds: dict[str, float]

    @property
    def fastest(self) -> str:
        """The precision with the least time."""
        return min(self.milliseconds, key=lambda precision: self.milliseconds[precision])


@dataclass(frozen=True, slots=True)
class Backend:
    """A choice of device and precision."""

    device: str
    precision: str
    threads: int

    def describe(self) -> str:
        """For a person."""
        return f"{self.device}, {self.precision}, {self.threads} threads"


def choose_backend(settings: EngineSettings) -> Backend:
    """The user's choice, completed by measurement: CUDA where there is one, else the fastest on the CPU."""
    import torch

    threads = settings.threads or psutil.cpu_count(logical=False) or os.cpu_count() or 1
    torch.set_num_threads(threads)
    if settings.device == "cuda" or (settings.device == "auto" and torch.cuda.is_available()):
        precise = settings.precision == "fp32"
        return Backend("cuda", "fp32" if precise else "bf16", threads)
    wanted = settings.precision
    return Backend("cpu", measured(threads).fastest if wanted == "auto" else wanted, threads)


def measured(threads: int) -> Measurement:
    """The cached measurement of this machine, or a new one (a tenth of a second)."""
    machine = _machine(threads)
    known = _cached()
    if known is not None and known.machine == machine:
        return known
    new = Measurement(machine, _measure())
    with contextlib.suppress(OSError):  # only saves time at the next start
        _cache_file().parent.mkdir(parents=True, exist_ok=True)
        _cache_file().write_bytes(msgspec.json.encode(new))
    return new


def describe_cached() -> str | None:
    """The last measurement for a person, or None if there is none."""
    known = _cached()
    if known is None:
        return None
    times = ", ".join(f"{precision} {value:.2f} ms" for precision, value in known.milliseconds.items())
    return f"{known.fastest} ({times} for {ROWS} positions)"


def _machine(threads: int) -> str:
    from importlib.metadata import version

    return f"{platform.machine()} {platform.processor()} {platform.node()} {threads} torch {version('torch')}"


def _cache_file() -> Path:
    return cache_dir() / "backend.json"


def _cached() -> Measurement | None:
    try:
        return msgspec.json.decode(_cache_file().read_bytes(), type=Measurement)
    except (OSError, msgspec.MsgspecError):
        return None


def _measure() -> dict[str, float]:
    import torch

    from lsp_server.engine.runtime.linear import DenseLinear, Int8Linear, int8_engine, quantise_rows

    weight = torch.randn(SHAPE)
    x = torch.randn(ROWS, SHAPE[1])
    half = weight.to(torch.bfloat16)
    dense, dense_half = DenseLinear(weight), DenseLinear(half)
    work: dict[str, Callable[[], object]] = {
        "fp32": lambda: dense(x),
        "bf16": lambda: dense_half(x.to(torch.bfloat16)),
    }
    if int8_engine():
        packed = Int8Linear(*quantise_rows(weight), None)
        work["int8"] = lambda: packed(x)
    return {precision: _least_ms(product) for precision, product in work.items()}


def _least_ms(work: Callable[[], object]) -> float:
    """The least of many rounds: other work on the machine can only make a round longer."""
    times = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return min(times) * 1000
