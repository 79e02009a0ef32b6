"""Being told by the operating system which paths changed."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from pathlib import Path

from watchdog.events import (
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver, ObservedWatch

log = logging.getLogger(__name__)

_CHANGES: list[type[FileSystemEvent]] = [
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
]
"""All that is asked for. Reading is no change: were it reported, watchdog's own walk over a large tree would
overflow the kernel's queue, upon which it walks again, without end."""


class Watcher:
    """Watches roots and calls `changed` with every path that something happened to, on its own thread.

    A root that cannot be watched (no such folder, the system's limit reached)
    is no error: `watches` says so, and its owner looks itself from time to time.
    """

    def __init__(self, changed: Callable[[Path], None]) -> None:
        self._handler = _Handler(changed)
        self._observer: BaseObserver | None = None
        self._watches: dict[Path, tuple[ObservedWatch, tuple[int, int]]] = {}

    def set_roots(self, roots: tuple[Path, ...]) -> bool:
        """Watch exactly these roots, as far as that is possible; whether one is newly watched."""
        for root in list(self._watches):
            if root not in roots or self.lost(root):
                self._unwatch(root)
        new = [root for root in roots if root not in self._watches]
        for root in new:
            self._watch(root)
        return any(root in self._watches for root in new)

    def watches(self, root: Path) -> bool:
        """Whether changes below `root` are noticed."""
        return root in self._watches and not self.lost(root)

    def lost(self, root: Path) -> bool:
        """Whether a watched root is gone, or another folder now."""
        held = self._watches.get(root)
        return held is not None and held[1] != _identity(root)

    def close(self) -> None:
        """Stop watching everything."""
        observer, self._observer = self._observer, None
        self._watches.clear()
        if observer is not None:
            observer.stop()
            observer.join(5.0)

    def _watch(self, root: Path) -> None:
        identity = _identity(root)
        if identity is None or _too_wide(root):
            return
        try:
            watch = self._started().schedule(self._handler, str(root), recursive=True, event_filter=_CHANGES)
        except (OSError, RuntimeError) as error:
            log.warning("cannot watch a folder (%s); looking for changes once in a while instead", error)
            return
        self._watches[root] = (watch, identity)

    def _unwatch(self, root: Path) -> None:
        watch, _ = self._watches.pop(root)
        try:
            self._started().unschedule(watch)
        except (KeyError, OSError, RuntimeError):
            log.debug("a watch was already gone")

    def _started(self) -> BaseObserver:
        if self._observer is None:
            # it reports as errors what only happens when a watch ends
            logging.getLogger("watchdog").setLevel(logging.CRITICAL)
            observer = Observer()
            observer.daemon = True
            observer.start()
            self._observer = observer
        return self._observer


class _Handler(FileSystemEventHandler):
    def __init__(self, changed: Callable[[Path], None]) -> None:
        self._changed = changed

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Hand on the paths of a change; that a folder's own entry list changed says nothing new."""
        if type(event) not in _CHANGES:
            return
        for path in (event.src_path, event.dest_path):
            if path:
                self._changed(Path(os.fsdecode(path)))


def _identity(folder: Path) -> tuple[int, int] | None:
    try:
        found = folder.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _too_wide(root: Path) -> bool:
    """Whether a root is the file system or the home folder, too much to watch."""
    return root.parent == root or str(root) == os.path.realpath(os.path.expanduser("~"))  # noqa: PTH111 - Path.home() may raise
