"""What the index has still to look at, collected by many threads and taken by one."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from lsp_server.core.types import Document

MOST_PATHS = 500
"""Changed paths beyond which everything is looked at again instead (a branch switched, a tree unpacked)."""

_LONGEST_WAIT = 10
"""Settling times after which work is handed out although more keeps arriving."""


@dataclass(slots=True)
class Work:
    """What changed since work was last taken. An overlay of None is a document that was closed."""

    paths: set[Path] = field(default_factory=set)
    overlays: dict[Path, Document | None] = field(default_factory=dict)
    everything: bool = False

    def __bool__(self) -> bool:
        return bool(self.paths or self.overlays or self.everything)


class Pending:
    """Collects work until nothing has arrived for `settle_s` seconds; thread-safe."""

    def __init__(self, settle_s: float) -> None:
        self._settle_s = settle_s
        self._changed = threading.Condition()
        self._work = Work()
        self._arrivals = 0
        self._taken = False
        self._closed = False

    @property
    def closed(self) -> bool:
        """Whether no more work will be handed out."""
        return self._closed

    def add_path(self, path: Path) -> None:
        """Something happened to `path`."""
        with self._changed:
            if not self._work.everything:
                self._work.paths.add(path)
            if len(self._work.paths) > MOST_PATHS:
                self._work.paths.clear()
                self._work.everything = True
            self._arrived()

    def add_overlay(self, path: Path, document: Document | None) -> None:
        """The document at `path` has this unsaved text now; None: it was closed."""
        with self._changed:
            self._work.overlays[path] = document
            self._arrived()

    def add_everything(self) -> None:
        """All roots are to be looked at."""
        with self._changed:
            self._work.paths.clear()
            self._work.everything = True
            self._arrived()

    def close(self) -> None:
        """Hand out no more work."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def take(self, timeout: float) -> Work:
        """The work that has settled, or none after `timeout` seconds; the taker is busy until `done`."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._work, timeout)
            deadline = time.monotonic() + _LONGEST_WAIT * self._settle_s
            while self._work and time.monotonic() < deadline and self._more_arrives():
                pass
            work, self._work = self._work, Work()
            self._taken = True
            return work

    def take_overlays(self) -> dict[Path, Document | None]:
        """Documents that changed, at once, for a taker in the middle of long work."""
        with self._changed:
            overlays, self._work.overlays = self._work.overlays, {}
            return overlays

    def done(self) -> None:
        """The taken work is done."""
        with self._changed:
            self._taken = False
            self._changed.notify_all()

    def wait(self, timeout: float, until: Callable[[], bool]) -> bool:
        """Wait until nothing is left to do and `until` holds; False if `timeout` seconds pass first."""
        with self._changed:
            return self._changed.wait_for(lambda: self._idle() and until(), timeout)

    def _more_arrives(self) -> bool:
        """Whether more work arrives within the settling time."""
        arrivals = self._arrivals
        self._changed.wait_for(lambda: self._closed or self._arrivals != arrivals, self._settle_s)
        return not self._closed and self._arrivals != arrivals

    def _idle(self) -> bool:
        return self._closed or not (self._work or self._taken)

    def _arrived(self) -> None:
        self._arrivals += 1
        self._changed.notify_all()
