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
from lsp_server.engine.runtime.numba.kernels.jit import compiled, emitted
from lsp_server.engine.runtime.numba.layout import LINE
from lsp_server.engine.runtime.numba.yielding import SYMBOL

_SPINS = 2000
"""Turns before a waiting thread lets others have its core: some 50 µs, more than most phases take."""
_SOON = 96 * 1024
"""Bytes of weights that are fetched while waiting."""
_NEXT_CACHE = 2
_yield_core = types.ExternalFunction(SYMBOL, types.int32())
"""Let another thread have this core."""


@emitted(counts=True)
def count(b: Value, address: Value) -> Value:
    """Add one to what is at an address; what was there."""
    return b.atomic_rmw("add", b.inttoptr(address, ir.PointerType()), integer(1), "seq_cst")


@emitted(counts=True)
def counted(b: Value, address: Value) -> Value:
    """What is at an address, with all that was written before it was counted."""
    return b.load_atomic(b.inttoptr(address, POINTER), "acquire", 8, typ=I64)


@emitted()
def pause(b: Value) -> None:
    """Wait for a moment, and tell the processor so."""
    b.call(function(b, "llvm.x86.sse2.pause", VOID, []), [])


@emitted()
def fetch(b: Value, address: Value) -> None:
    """Have a cache line brought near."""
    prefetch(b, address, _NEXT_CACHE)


@compiled
def _claim(board: int, phase: int, tasks: int, me: int, threads: int) -> int:
    for distance in range(threads):
        owner = (me + distance) % threads
        begin, end = tasks * owner // threads, tasks * (owner + 1) // threads
        place = board + LINE * (1 + phase * threads + owner)
        if counted(place) < end - begin:
            task: int = begin + count(place)
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
    while counted(board) < before:
        if fetched < _SOON:
            fetch(soon + fetched)
            fetch(soon + fetched + LINE)
            fetched += 2 * LINE
        else:
            pause()
        spins += 1
        if spins > _SPINS:
            _yield_core()
    return task


@compiled
def next_task(board: int, phase: int, tasks: int, me: int, threads: int) -> int:
    """Say that a task is done, and claim another; -1: there is none left."""
    count(board)
    return _claim(board, phase, tasks, me, threads)


@compiled
def wait(board: int, tasks: int) -> None:
    """Return once so many tasks are done."""
    spins = 0
    while counted(board) < tasks:
        pause()
        spins += 1
        if spins > _SPINS:
            _yield_core()
