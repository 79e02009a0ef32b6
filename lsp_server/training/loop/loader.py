"""Examples made ahead of the step that takes them."""

from __future__ import annotations

import itertools
import multiprocessing
import os
import signal
import sys
from collections.abc import Iterator
from typing import cast

import torch
from torch.utils.data import DataLoader, IterableDataset, get_worker_info

from lsp_server.training.examples.example import Example
from lsp_server.training.loop.interface import Source

MOST_WORKERS = 16
_AHEAD = 32
"""Examples a worker makes ahead."""


class _Row(IterableDataset["Example | None"]):
    """Every `stride`-th example from `first` on.

    Worker w of n makes examples w, w + n, ..., and the loader asks the workers in turn:
    so the order is the same with any number of them.
    """

    def __init__(self, source: Source, first: int, stride: int) -> None:
        super().__init__()
        self._source = source
        self._first = first
        self._stride = stride

    def __iter__(self) -> Iterator[Example | None]:
        info = get_worker_info()
        worker, workers = (info.id, info.num_workers) if info else (0, 1)
        return map(
            self._source.at, itertools.count(self._first + worker * self._stride, workers * self._stride)
        )


class Loader:
    """The examples of one process: numbers `first`, `first + stride`, ... of `source`."""

    def __init__(self, source: Source, *, first: int, stride: int, workers: int) -> None:
        loader = DataLoader(
            _Row(source, first, stride),
            batch_size=None,
            num_workers=workers,
            prefetch_factor=_AHEAD if workers else None,
            multiprocessing_context=_context() if workers else None,
            worker_init_fn=_begin if workers else None,
            generator=torch.Generator(),  # else it would draw from the generator of all
        )
        self._examples = iter(cast("Iterator[Example | None]", iter(loader)))

    def take(self, count: int) -> list[Example]:
        """Those of the next `count` numbers that exist."""
        return [example for example in itertools.islice(self._examples, count) if example is not None]


def choose_workers(cores: int, processes: int = 1) -> int:
    """A power of two, so that each worker meets the same documents again; none on a small machine."""
    free = cores // (2 * processes)
    return 0 if cores <= 2 else min(MOST_WORKERS, 1 << max(0, free.bit_length() - 1))


def _begin(_number: int) -> None:
    """A worker shares the machine with others, and a Ctrl-C is meant for the trainer."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os.environ["TOKENIZERS_PARALLELISM"] = "false"


def _context() -> str | None:
    """Forked workers share the documents' memory."""
    forks = sys.platform == "linux" and "fork" in multiprocessing.get_all_start_methods()
    return "fork" if forks else None
