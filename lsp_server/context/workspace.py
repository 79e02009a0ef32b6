"""The index of the files on disk and in the editor, kept fresh in the background."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from lsp_server.context.exclude import Exclusion, real
from lsp_server.context.ignore import changes_rules
from lsp_server.context.index import Index, IndexedDefinition
from lsp_server.context.pending import Pending, Work
from lsp_server.context.refresh import Refresher
from lsp_server.context.watch import Watcher
from lsp_server.core.types import Document, Silence

log = logging.getLogger(__name__)

SETTLE_S = 0.2
"""Seconds without a change after which changes are looked at."""

LOOK_AGAIN_S = 300.0
"""Seconds after which all is looked at although no change was reported: reports get lost."""

LOOK_AGAIN_UNWATCHED_S = 60.0
"""The same while a root cannot be watched."""

LONGEST_PAUSE_S = 0.02
"""Seconds for which indexing pauses between two files at most."""


class Workspace:
    """Knows the definitions of every file below the roots, and which files may not be shown.

    One background thread reads, parses and watches; it starts with the first
    root or document. What callers ask is answered from memory. All methods may
    be called from any thread.
    """

    def __init__(
        self,
        *,
        max_files: int = 20_000,
        max_file_bytes: int = 512_000,
        settle_s: float = SETTLE_S,
        look_again_s: float | None = None,
    ) -> None:
        self.index = Index()
        self._exclusion = Exclusion()
        self._pending = Pending(settle_s)
        self._look_again_s = look_again_s
        self._watcher = Watcher(self._noticed)
        self._refresher = Refresher(
            self.index,
            self._exclusion,
            max_files=max_files,
            max_file_bytes=max_file_bytes,
            between=self._between,
        )
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None
        self._since_pause = time.monotonic()

    @property
    def roots(self) -> tuple[Path, ...]:
        """The roots, links followed."""
        return self._exclusion.roots

    def set_roots(self, roots: Sequence[Path]) -> None:
        """Index and watch these folders from now on; returns at once."""
        self._exclusion.set_roots(roots)
        self._pending.add_everything()
        self._start()

    def overlay(self, document: Document) -> None:
        """From now on the file at the document's path has the document's text, whatever the disk says."""
        if document.path is not None:
            self._pending.add_overlay(real(document.path), document)
            self._start()

    def forget(self, path: Path) -> None:
        """The document at `path` was closed: the disk counts again."""
        self._pending.add_overlay(real(path), None)

    def excluded(self, path: Path | None) -> Silence | None:
        """Why the file at `path` may not be shown to the model, or None."""
        return None if path is None else self._exclusion.verdict(path)

    def real_path(self, path: Path) -> Path:
        """`path` made absolute, with its links followed; remembered."""
        return self._exclusion.real_path(path)

    def definitions_of(self, name: str) -> tuple[IndexedDefinition, ...]:
        """Every definition called `name`, in the order of paths and offsets."""
        return self.index.named(name)

    def shown_path(self, path: Path) -> str:
        """`path` below its root, with slashes; the file's name alone if it lies in no root."""
        root = self._exclusion.root_of(path)
        return path.relative_to(root).as_posix() if root is not None else path.name

    def wait_idle(self, timeout: float, until: Callable[[], bool] = lambda: True) -> bool:
        """Wait until all that is known to have changed is indexed and `until` holds.

        False if that took longer than `timeout` seconds. A change on disk is
        known only once the operating system reports it: name it in `until`.
        """
        return self._pending.wait(timeout, until)

    def close(self) -> None:
        """Stop the background thread and the watching; what is indexed stays readable."""
        with self._starting:
            self._pending.close()
            thread, self._thread = self._thread, None
        if thread is not None:
            thread.join(5.0)

    def _start(self) -> None:
        with self._starting:
            if self._thread is None and not self._pending.closed:
                self._thread = threading.Thread(target=self._run, name="remask-index", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while not self._pending.closed:
            work = self._pending.take(self._patience())
            try:
                self._do(work)
            except Exception:
                log.exception("the index could not be refreshed")
            finally:
                self._pending.done()
        self._watcher.close()

    def _patience(self) -> float:
        if self._look_again_s is not None:
            return self._look_again_s
        return LOOK_AGAIN_S if all(map(self._watcher.watches, self.roots)) else LOOK_AGAIN_UNWATCHED_S

    def _do(self, work: Work) -> None:
        self._refresher.apply_overlays(work.overlays)
        if work.everything or not work or any(map(self._watcher.lost, self.roots)):
            self._refresher.scan_roots()
            if self._watcher.set_roots(self.roots):
                # what changed between the scan and the watch was not reported
                self._refresher.scan_roots()
        else:
            self._refresher.refresh(work.paths)

    def _noticed(self, path: Path) -> None:
        """Take a report of the watcher, unless it is about what is ignored anyway."""
        if changes_rules(path) or not self._exclusion.folder_ignored(path.parent):
            self._pending.add_path(path)

    def _between(self) -> bool:
        """Between two files: take in what is typed meanwhile, and leave half of the time to others."""
        if overlays := self._pending.take_overlays():
            self._refresher.apply_overlays(overlays)
        busy = time.monotonic() - self._since_pause
        time.sleep(min(busy, LONGEST_PAUSE_S))
        self._since_pause = time.monotonic()
        return not self._pending.closed
