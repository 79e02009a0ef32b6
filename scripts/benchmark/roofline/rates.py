"""The machine's own rates, measured with as many threads as the engine has."""

from __future__ import annotations

import time
from collections.abc import Callable

import torch

from benchmark.roofline.work import Rates
from lsp_server.engine.runtime.linear import DenseLinear, Int8Linear, int8_engine, quantise_rows

BUFFER_BYTES = 1 << 29
"""Far more than any processor's cache."""
SIDE = 4096
ROWS = 1024
"""A product of this size is held up by arithmetic alone."""
ROUNDS = 7
ITEM_BYTES = {"int8": 1, "bf16": 2, "fp32": 4}
"""The size of a weight by precision."""


def measured_rates(precision: str, threads: int) -> Rates:
    """Both rates; other work on the machine can only lower them, so the best of several rounds counts."""
    before = torch.get_num_threads()
    torch.set_num_threads(threads)  # an engine that computes by another library leaves torch one
    try:
        return Rates(_bytes_s(), _operations_s(precision))
    finally:
        torch.set_num_threads(before)


def _bytes_s() -> float:
    buffer = torch.ones(BUFFER_BYTES // 4, dtype=torch.float32)
    reads: tuple[Callable[[], object], ...] = (buffer.sum, buffer.max)
    return BUFFER_BYTES / min(_least_s(read) for read in reads)


def _operations_s(precision: str) -> float:
    weight = torch.randn(SIDE, SIDE)
    x = torch.randn(ROWS, SIDE)
    if precision == "int8" and int8_engine():
        packed, levels = Int8Linear(*quantise_rows(weight), None), weight.clamp(-1, 1).mul(127).to(torch.int8)
        bare = x.clamp(-1, 1).mul(127).to(torch.int8)
        products: tuple[Callable[[], object], ...] = (
            lambda: packed(x),
            lambda: torch._int_mm(bare, levels.t()),  # noqa: SLF001 -- torch's only bare product of int8
        )
    else:
        kind = torch.bfloat16 if precision == "bf16" else torch.float32
        dense, inputs = DenseLinear(weight.to(kind)), x.to(kind)
        products = (lambda: dense(inputs),)
    return 2 * ROWS * SIDE * SIDE / min(_least_s(product) for product in products)


def _least_s(work: Callable[[], object]) -> float:
    times = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return min(times)
