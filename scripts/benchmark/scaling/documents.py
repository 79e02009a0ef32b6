"""Going round among open documents: what the context cache still knows of each."""

from __future__ import annotations

import statistics
import time
from dataclasses import replace

from benchmark.problems import Problem
from benchmark.remask import request_for
from benchmark.sample import own_problems
from benchmark.scaling.points import Growth, growth
from lsp_server.core.cancel import CancelToken
from lsp_server.engine.protocol import Sampling
from lsp_server.engine.runtime.fill import DiffusionFiller

SIZES = (1, 2, 4, 8, 12, 16)
TOKENS = 4


def by_documents(filler: DiffusionFiller, seed: int) -> Growth:
    """A short fill on coming back to a document, in ms, and how much of its context is still cached."""
    problems = own_problems(SIZES[-1], seed)
    rows = [_measured(filler, problems[:size]) for size in SIZES]
    filler.close()
    names = [("fill on coming back", "ms"), ("context still cached", "%"), ("context cache", "MiB")]
    return growth("documents", "More open documents", "documents", names, rows)


def _measured(filler: DiffusionFiller, problems: list[Problem]) -> tuple[float, ...]:
    filler.close()  # forgets what was read
    asks = [request_for(replace(problem.ask, max_tokens=TOKENS), Sampling()) for problem in problems]
    for ask in asks:
        filler.fill(ask, cancel=CancelToken())
    times, cached = [], []
    for ask in asks:
        started = time.perf_counter()
        figures = filler.fill(ask, cancel=CancelToken()).figures
        times.append((time.perf_counter() - started) * 1000)
        cached.append(figures.cached_tokens / max(1, figures.context_tokens))
    memory = filler.loaded.cache.bytes / 2**20
    return len(problems), statistics.median(times), statistics.fmean(cached) * 100, memory
