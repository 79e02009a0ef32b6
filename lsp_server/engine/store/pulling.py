"""What every pull needs: its progress, one at a time, room on the disk, and failures for a person."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from filelock import FileLock, Timeout

from lsp_server.core.errors import PullFailed
from lsp_server.engine.store.sources import disk_full


@dataclass(frozen=True, slots=True)
class PullProgress:
    """How far a pull is, in bytes of the model's files.

    `waiting`: another process is pulling the same model. `failed`: `source` gave
    nothing, `note` says why, the next source follows. Comes from several threads.
    """

    phase: Literal["waiting", "fetching", "checking", "failed"]
    done: int
    total: int
    source: str = ""
    note: str = ""


OnPull = Callable[[PullProgress], None]


@contextmanager
def locked(folder: Path, size: int, report: OnPull) -> Iterator[None]:
    """One pull into `folder` at a time. The system releases the lock of a process that died."""
    lock = FileLock(folder.with_name(f"{folder.name}.lock"))
    try:
        lock.acquire(timeout=0)
    except Timeout:
        report(PullProgress("waiting", 0, size))
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def no_room(what: str, where: Path, needed: int, free: int) -> PullFailed:
    """The error for a disk that has too little room."""
    return PullFailed(
        f"{what} needs {_mib(needed)} at {where}, where {_mib(free)} are free",
        hint="Free some space, or set REMASK_CACHE_DIR to a folder on another disk.",
    )


def disk_failure(where: Path, problem: OSError) -> PullFailed:
    """The error for a folder that could not be written."""
    if disk_full(problem):
        return PullFailed(
            f"the disk of {where} is full; what is finished is kept",
            hint="Free some space, or set REMASK_CACHE_DIR to a folder on another disk, and run it again.",
        )
    return PullFailed(
        f"{where} cannot be written: {problem}", hint="Set REMASK_CACHE_DIR to a folder you may write to."
    )


def ignore(_progress: PullProgress) -> None:
    """For callers that show no progress."""


def _mib(size: int) -> str:
    return f"{-(-size // (1 << 20)):,} MiB"
