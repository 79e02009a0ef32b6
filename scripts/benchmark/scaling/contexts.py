"""Reading a context of so many tokens, and a pass behind it."""

from __future__ import annotations

import statistics
import time

from benchmark.sample import texts
from benchmark.scaling.points import Growth, growth
from lsp_server.engine.runtime.attempt import READ_AT_ONCE
from lsp_server.engine.runtime.fill import DiffusionFiller

SIZES = (256, 512, 1024, 2048, 4096, 8192)
STEP_ROWS = 6
STEPS = 7


def by_context(filler: DiffusionFiller) -> Growth:
    """Seconds of a prefill, and milliseconds of a pass over a block once the context is read."""
    tokens = filler.loaded.family.vocabulary.encode("".join(text for _, text in texts()[:80]))[: SIZES[-1]]
    rows = [_measured(filler, tokens[:size]) for size in SIZES]
    filler.close()
    names = [("prefill", "s"), (f"block of {STEP_ROWS} behind it", "ms"), ("tokens read in a second", "1/s")]
    return growth("context", "A longer context", "tokens of context", names, rows)


def _measured(filler: DiffusionFiller, tokens: list[int]) -> tuple[float, ...]:
    network, family = filler.loaded.network, filler.loaded.family
    filler.close()  # forgets what was read
    kv = filler.loaded.cache.open(tokens)
    started = time.perf_counter()
    for start in range(0, len(tokens), READ_AT_ONCE):
        network.read(kv, tokens[start : start + READ_AT_ONCE], last=1)
    prefill = time.perf_counter() - started
    block = [family.middle, *[family.mask] * (STEP_ROWS - 1)]
    steps = []
    for _ in range(STEPS):
        started = time.perf_counter()
        network.logits(network.denoise(kv, block))
        steps.append(time.perf_counter() - started)
    return len(tokens), prefill, statistics.median(steps) * 1000, len(tokens) / prefill
