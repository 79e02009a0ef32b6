"""How the threads of a pass share its work: phases of tasks, which threads claim one after another.

Each thread begins with a range of its own, whose weights lie end to end, and then helps the others: one
that lost its core holds up no more than the task it has. A phase begins when all tasks of those before it
are done. `board` is the address of zeros: how many tasks are done, and then for each phase and
thread how many were claimed of its range; each has a cache line for itself.
"""

from __future__ import annotations

from llvmlite import ir
from numba import types

from lsp_server.engine.runtime.numba.kernels.emit import (
    I64,
    POINTER,
    VOID,
    Value,
    function,
    integer,
    prefetch,
)
from lsp_server.engine.runtime.numba.kernels.jit import compiled, emitted, yield_core
from lsp_server.engine.runtime.numba.layout import LINE

_SPINS = 2000
"""Turns before a waiting thread lets others have its core: some 50 µs, more than most phases take."""
_SOON = 96 * 1024
"""Bytes of weights that are fetched while waiting."""
_NEXT_CACHE = 2


@emitted(types.int64)
def _count(b: Value, address: Value) -> Value:
    """Add one to what is at an address; what was there."""
    return b.atomic_rmw("add", b.inttoptr(address, ir.PointerType()), integer(1), "seq_cst")


@emitted(types.int64)
def _counted(b: Value, address: Value) -> Value:
    return b.load_atomic(b.inttoptr(address, POINTER), "acquire", 8, typ=I64)


@emitted()
def _pause(b: Value) -> None:
    b.call(function(b, "llvm.x86.sse2.pause", VOID, []), [])


@emitted()
def _fetch(b: Value, address: Value) -> None:
    prefetch(b, address, _NEXT_CACHE)


@compiled
def _claim(board: int, phase: int, tasks: int, me: int, threads: int) -> int:
    for distance in range(threads):
        owner = (me + distance) % threads
        begin, end = tasks * owner // threads, tasks * (owner + 1) // threads
        place = board + LINE * (1 + phase * threads + owner)
        if _counted(place) < end - begin:
            task: int = begin + _count(place)
            if task < end:
                return task
    return -1


@compiled
def first_task(board: int, phase: int, tasks: int, before: int, me: int, threads: int, soon: int) -> int:
    """Claim a task of `phase` once the `before` tasks of earlier phases are done; -1: there is none left.

    Meanwhile what lies at `soon` is fetched, if that is not 0.
    """
    task = _claim(board, phase, tasks, me, threads)
    spins, fetched = 0, 0 if soon else _SOON
    while _counted(board) < before:
        if fetched < _SOON:
            _fetch(soon + fetched)
            _fetch(soon + fetched + LINE)
            fetched += 2 * LINE
        else:
            _pause()
        spins += 1
        if spins > _SPINS:
            yield_core()
    return task


@compiled
def next_task(board: int, phase: int, tasks: int, me: int, threads: int) -> int:
    """Say that a task is done, and claim another; -1: there is none left."""
    _count(board)
    return _claim(board, phase, tasks, me, threads)


@compiled
def wait(board: int, tasks: int) -> None:
    """Return once so many tasks are done."""
    spins = 0
    while _counted(board) < tasks:
        _pause()
        spins += 1
        if spins > _SPINS:
            yield_core()
