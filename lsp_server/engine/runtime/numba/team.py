"""The threads that passes run on: the caller's, and helpers that sleep between passes."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Sequence
from queue import SimpleQueue

import numpy as np

from lsp_server.engine.runtime.numba import code
from lsp_server.engine.runtime.numba.layout import LINE, board_size
from lsp_server.engine.runtime.numba.panels import arena

Job = Callable[[], None]
MANY_ROWS = 32
"""Tasks of so many rows last about as long as a thread waits for a core that others use as well, so that
another thread is a gain even then."""


class Team:
    """At most `most` threads, for one pass at a time; all stacks and products share one.

    A helper may wake late, even after its pass: it finds everything claimed then, and each pass has a
    board of its own.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self._threads = most
        self._helpers: list[SimpleQueue[Job]] = []
        self._busy = threading.Lock()
        self._scratch = arena(0)

    def use(self, threads: int) -> None:
        """Use so many from the next pass on, except where it has many rows."""
        self._threads = max(1, min(threads, self.most))

    def run(
        self, kind: int, phases: int, rows: int, sizes: Sequence[int], given: Callable[..., Sequence[int]]
    ) -> None:
        """Carry out a pass of `kind` over so many rows.

        `given` gets the address of memory to work in for each of `sizes` (bytes), aligned to
        cache lines, and returns the numbers that the pass reads.
        """
        run = code.load()
        with self._busy:
            threads = self.most if rows >= MANY_ROWS else self._threads
            numbers = np.array(given(*self._space(sizes)), np.int64)
            board = np.zeros(board_size(phases, threads) + LINE, np.uint8)
            begin = -board.ctypes.data % LINE

            def part(me: int) -> Job:  # holds the board, which a late helper still reads
                return lambda: run(kind, numbers.ctypes.data, board[begin:].ctypes.data, me, threads)

            for me in range(1, threads):
                self._helper(me).put(part(me))
            part(0)()

    def _helper(self, number: int) -> SimpleQueue[Job]:
        while len(self._helpers) < number:
            jobs: SimpleQueue[Job] = SimpleQueue()
            threading.Thread(target=_help, args=(jobs,), name="layers", daemon=True).start()
            self._helpers.append(jobs)
        return self._helpers[number - 1]

    def _space(self, sizes: Sequence[int]) -> list[int]:
        ends = np.cumsum([0, *(-(-size // LINE) * LINE for size in sizes)])
        if ends[-1] > len(self._scratch):
            self._scratch = arena(int(ends[-1]))
        return [int(self._scratch.ctypes.data + end) for end in ends[:-1]]


def _help(jobs: SimpleQueue[Job]) -> None:
    while True:
        jobs.get()()  # nothing of a pass is kept while waiting


@functools.cache
def team(threads: int) -> Team:
    """The process's team of so many threads."""
    return Team(threads)
