"""Filling longer holes, with the context already read."""

from __future__ import annotations

import statistics
import time
from dataclasses import replace

from benchmark.blocks import block_problems
from benchmark.problems import Problem
from benchmark.remask import request_for
from benchmark.scaling.points import Growth, growth
from lsp_server.core.cancel import CancelToken
from lsp_server.engine.protocol import FillResult, Sampling
from lsp_server.engine.runtime.fill import DiffusionFiller

SIZES = (1, 4, 8, 16, 32, 64, 128)
HOLES = 6


def by_hole(filler: DiffusionFiller, seed: int) -> Growth:
    """Milliseconds, forwards and tokens of a fill that may have so many tokens, in means over some holes."""
    problems = block_problems(HOLES, seed)
    rows = [_measured(filler, problems, size) for size in SIZES]
    names = [("fill", "ms"), ("forwards", ""), ("tokens written", "")]
    return growth("holes", "A longer hole", "tokens allowed", names, rows)


def _measured(filler: DiffusionFiller, problems: list[Problem], size: int) -> tuple[float, ...]:
    times, forwards, tokens = [], [], []
    for problem in problems:
        _fill(filler, problem, 1)
        started = time.perf_counter()
        figures = _fill(filler, problem, size).figures
        times.append((time.perf_counter() - started) * 1000)
        forwards.append(figures.forwards)
        tokens.append(figures.tokens)
    return size, *(statistics.fmean(values) for values in (times, forwards, tokens))


def _fill(filler: DiffusionFiller, problem: Problem, tokens: int) -> FillResult:
    ask = replace(problem.ask, max_tokens=tokens, max_lines=None, min_indent=0)
    return filler.fill(request_for(ask, Sampling()), cancel=CancelToken())
