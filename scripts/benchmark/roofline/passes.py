"""Passes of the engine's own network, timed and held against the roofline."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmark.roofline.rates import ITEM_BYTES, measured_rates
from benchmark.roofline.work import Rates, Work, work_of_pass
from lsp_server.engine.runtime.attempt import Model
from lsp_server.engine.runtime.fill import DiffusionFiller

BLOCKS = (1, 6, 16)
PREFILL = 128
CONTEXT = 480
"""Tokens before a block: what the server shows by default."""
ROUNDS = 25
KV_BYTES = 4


@dataclass(frozen=True, slots=True)
class Pass:
    """One kind of pass. `share` is the ideal time over the measured one, `bound` what limits the ideal."""

    kind: str
    rows: int
    megabytes: float
    gigaoperations: float
    ideal_ms: float
    measured_ms: float
    share: float
    bound: str


@dataclass(frozen=True, slots=True)
class Roofline:
    """Rates of the machine in GB/s and thousand millions of operations a second, and the passes."""

    precision: str
    gigabytes_s: float
    gigaoperations_s: float
    passes: tuple[Pass, ...]


def measured_roofline(filler: DiffusionFiller, threads: int) -> Roofline:
    """Rates and passes on this machine; a block's pass scores its positions as fills do, a prefill none."""
    precision = next((each for each in ITEM_BYTES if each in filler.backend), "int8")
    rates = measured_rates(precision, threads)
    passes = [_block(filler.loaded, rows, precision, rates) for rows in BLOCKS]
    passes.append(_prefill(filler.loaded, precision, rates))
    return Roofline(precision, rates.bytes_s / 1e9, rates.operations_s / 1e9, tuple(passes))


def _block(model: Model, rows: int, precision: str, rates: Rates) -> Pass:
    network, mask = model.network, model.family.mask
    model.cache.clear()
    context = _context(model)
    kv = model.cache.open(context)
    network.read(kv, context)
    block, ids = [model.family.middle, *[mask] * (rows - 1)], network.ids_behind(context)
    scored = network.logits(network.denoise(kv, block), ids).shape[-1]
    took = _median_ms(lambda: network.logits(network.denoise(kv, block), ids))
    return _against(model, "block", rows, rows, scored, took, precision, rates)


def _prefill(model: Model, precision: str, rates: Rates) -> Pass:
    tokens = _context(model)
    model.cache.clear()
    kv = model.cache.open(tokens)
    model.network.read(kv, tokens[: CONTEXT - PREFILL])

    def read() -> None:
        kv.truncate(CONTEXT - PREFILL)
        model.network.read(kv, tokens[CONTEXT - PREFILL :], last=1)

    return _against(model, "prefill", PREFILL, 0, 0, _median_ms(read), precision, rates)


def _against(
    model: Model, kind: str, rows: int, head_rows: int, scored: int, took: float, precision: str, rates: Rates
) -> Pass:
    work: Work = work_of_pass(
        model.network.weights.architecture,
        rows=rows,
        context=CONTEXT if kind == "block" else CONTEXT - PREFILL,
        head_rows=head_rows,
        scored=scored,
        weight_bytes=ITEM_BYTES[precision],
        kv_bytes=KV_BYTES if precision != "bf16" else 2,
    )
    ideal = work.ideal_ms(rates)
    return Pass(
        kind, rows, work.bytes / 1e6, work.operations / 1e9, ideal, took, ideal / took, work.bound(rates)
    )


def _context(model: Model) -> Sequence[int]:
    """Tokens of ordinary code."""
    text = "".join(f"def function_{number}(first, second):\n    return first\n\n" for number in range(60))
    return model.family.vocabulary.encode(text)[:CONTEXT]


def _median_ms(work: Callable[[], object]) -> float:
    for _ in range(3):
        work()
    times = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return statistics.median(times) * 1000
