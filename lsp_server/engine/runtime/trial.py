"""A short pass through random layers, each way that this machine can compute one.

A product alone would say little: its weights stay in the processor's cache, where those of a
network never are.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from lsp_server.core.errors import EngineUnavailable
from lsp_server.engine.runtime.architecture import QWEN2_0_5B
from lsp_server.engine.runtime.kv import KV
from lsp_server.engine.runtime.linear import int8_engine
from lsp_server.engine.runtime.numba.processor import lanes
from lsp_server.engine.runtime.stack import Stack
from lsp_server.engine.runtime.torch_parts import TorchParts
from lsp_server.engine.runtime.weights import FUSED, bias_of, norms_of

SIZE = replace(QWEN2_0_5B, layers=4)
"""Enough weights to fill the caches of most processors."""
ROWS = 16
"""Positions of a typical pass."""
ROUNDS = 5
IN_A_ROW = 4
SETTLE_S = 0.005
"""What torch's threads may go on waiting for work, which takes cores from others."""
_CPU = torch.device("cpu")


@dataclass(frozen=True, slots=True)
class _Entrant:
    """One way: its layers, the type of states between them, and torch's threads meanwhile."""

    way: str
    stack: Stack
    dtype: torch.dtype
    threads: int

    def pass_ms(self) -> float:
        """Least milliseconds of some passes in a row, as a fill makes them; the first wakes the threads."""
        torch.set_num_threads(self.threads)
        kv, h = KV(SIZE, self.dtype, _CPU), torch.ones((ROWS, SIZE.dim), dtype=self.dtype)
        time.sleep(SETTLE_S)
        taken = []
        for _ in range(IN_A_ROW):
            started = time.perf_counter()
            self.stack(kv, h, causal=True)
            taken.append(time.perf_counter() - started)
        return min(taken[1:]) * 1000


@torch.inference_mode()
def times(threads: int) -> dict[str, float]:
    """Least milliseconds of a pass of `ROWS` positions for each way, as "torch bf16".

    The ways take turns, so that a busy moment of the machine falls on all; the least counts, since
    other work can only make a pass longer.
    """
    before = torch.get_num_threads()
    try:
        entrants = list(_entrants(threads))
        rounds = [[entrant.pass_ms() for entrant in entrants] for _ in range(ROUNDS)]
    finally:
        torch.set_num_threads(before)
    return {
        entrant.way: min(taken) for entrant, taken in zip(entrants, zip(*rounds, strict=True), strict=True)
    }


def _entrants(threads: int) -> Iterator[_Entrant]:
    layers = range(SIZE.layers)
    for precision, dtype in (("fp32", torch.float32), ("bf16", torch.bfloat16)):
        dense = TorchParts(_tensors(dtype), SIZE, precision, _CPU)
        yield _Entrant(f"torch {precision}", dense.stack("base", layers), dtype, threads)
    tensors = _tensors(torch.int8)
    if int8_engine():
        quantised = TorchParts(tensors, SIZE, "int8", _CPU)
        yield _Entrant("torch int8", quantised.stack("base", layers), torch.float32, threads)
    with contextlib.suppress(ImportError):
        from lsp_server.engine.runtime.openvino.parts import OpenVinoParts

        graphs = OpenVinoParts(tensors, SIZE, threads)
        yield _Entrant("openvino int8", graphs.stack("base", layers), torch.float32, 1)
    if lanes():
        from lsp_server.engine.runtime.numba import code
        from lsp_server.engine.runtime.numba.parts import NumbaParts
        from lsp_server.engine.runtime.numba.team import team

        with contextlib.suppress(EngineUnavailable):  # where it cannot be compiled, others compute
            code.load()
            compiled = NumbaParts(tensors, SIZE, team(threads))
            yield _Entrant("numba int8", compiled.stack("base", layers), torch.float32, 1)


def _tensors(kind: torch.dtype) -> dict[str, Tensor]:
    """Weights as `prepare.py` names them; their values do not matter, only that none is odd."""
    a = SIZE
    shapes = {
        "qkv": (a.qkv_dim, a.dim),
        "o": (a.dim, a.heads * a.head_dim),
        "gate_up": (2 * a.ff_dim, a.dim),
        "down": (a.dim, a.ff_dim),
    }
    tensors: dict[str, Tensor] = {}
    for layer in range(a.layers):
        for name in FUSED:
            tensors[f"base.{layer}.{name}.weight"] = torch.ones(shapes[name]).to(kind)
            tensors[f"base.{layer}.{name}.scale"] = torch.full(shapes[name][:1], 1e-3)
        tensors[str(bias_of(layer, "qkv"))] = torch.zeros(a.qkv_dim)
        for norm in norms_of("base", layer):
            tensors[norm] = torch.ones(a.dim)
    return tensors
