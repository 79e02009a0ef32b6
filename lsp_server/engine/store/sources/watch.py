"""Progress of a tool that reports none in a stable form: the size of the file it is writing."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lsp_server.engine.store.files import OnBytes

_INTERVAL_S = 0.2


@contextmanager
def watching(folder: Path, on_bytes: OnBytes) -> Iterator[None]:
    """Meanwhile, tell `on_bytes` the size of the largest file under `folder`, from another thread.

    The size never shrinks: the tool removes its temporary files before the watching ends.
    """
    done = threading.Event()

    def watch() -> None:
        largest = 0
        while not done.wait(_INTERVAL_S):
            largest = max(largest, largest_file(folder))
            on_bytes(largest)

    thread = threading.Thread(target=watch, name="remask-pull-progress", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def largest_file(folder: Path) -> int:
    """Bytes of the largest file under `folder`; files that vanish meanwhile do not count."""
    largest = 0
    try:
        for path in folder.rglob("*"):
            try:
                largest = max(largest, path.stat().st_size) if path.is_file() else largest
            except OSError:
                continue
    except OSError:
        return largest
    return largest
