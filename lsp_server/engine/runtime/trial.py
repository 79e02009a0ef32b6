"""A short pass through random layers, each way that this machine can compute one.

A product alone would say little: its weights stay in the processor's cache, where those of a
network never are.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from dataclasses import replace

import torch
from torch import Tensor

from lsp_server.engine.runtime.architecture import QWEN2_0_5B
from lsp_server.engine.runtime.kv import KV
from lsp_server.engine.runtime.linear import int8_engine
from lsp_server.engine.runtime.stack import Stack
from lsp_server.engine.runtime.torch_parts import TorchParts
from lsp_server.engine.runtime.weights import FUSED, bias_of, norms_of

SIZE = replace(QWEN2_0_5B, layers=4)
"""Enough weights to fill the caches of most processors."""
ROWS = 16
"""Positions of a typical pass."""
ROUNDS = 8
_CPU = torch.device("cpu")


@torch.inference_mode()
def times(threads: int) -> dict[str, float]:
    """Least milliseconds of a pass of `ROWS` positions for each way, as "torch bf16"."""
    before = torch.get_num_threads()
    try:
        return {way: _least_ms(stack, dtype) for way, stack, dtype in _stacks(threads)}
    finally:
        torch.set_num_threads(before)


def _stacks(threads: int) -> Iterator[tuple[str, Stack, torch.dtype]]:
    """Each way's layers, made when it is their turn, with torch's threads as that way has them."""
    layers = range(SIZE.layers)
    torch.set_num_threads(threads)
    for precision, dtype in (("fp32", torch.float32), ("bf16", torch.bfloat16)):
        dense = TorchParts(_tensors(dtype), SIZE, precision, _CPU)
        yield f"torch {precision}", dense.stack("base", layers), dtype
    tensors = _tensors(torch.int8)
    if int8_engine():
        yield "torch int8", TorchParts(tensors, SIZE, "int8", _CPU).stack("base", layers), torch.float32
    with contextlib.suppress(ImportError):
        from lsp_server.engine.runtime.openvino.parts import OpenVinoParts

        torch.set_num_threads(1)
        yield "openvino int8", OpenVinoParts(tensors, SIZE, threads).stack("base", layers), torch.float32


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


def _least_ms(stack: Stack, dtype: torch.dtype) -> float:
    """The least of many rounds: other work on the machine can only make a round longer."""
    kv, h = KV(SIZE, dtype, _CPU), torch.randn((ROWS, SIZE.dim)).to(dtype)
    rounds = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        stack(kv, h, causal=True)
        rounds.append(time.perf_counter() - started)
    return min(rounds) * 1000
