"""Which adapter of the user's own is meant for which code, while adapters come and go."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from lsp_server.context.exclude import real
from lsp_server.context.watch import Watcher
from lsp_server.engine.store.own import ABOUT, Own, adapters_dir, kept


class OwnAdapters:
    """The kept adapters, by the folders they are for. Watched from the first question on; for any thread."""

    def __init__(self, model: Callable[[], str]) -> None:
        self._model = model
        self._watcher = Watcher(self._noticed)
        self._lock = threading.Lock()
        self._known: dict[Path, Own] | None = None

    def for_code(self, path: Path | None) -> str:
        """The adapter for the innermost folder around `path`, as a request names it; "" if there is none."""
        if path is None:
            return ""
        path = real(path)
        around = {
            len(folder.parts): own
            for folder, own in self._current().items()
            if own.model == self._model() and path.is_relative_to(folder)
        }
        return around[max(around)].id if around else ""

    def close(self) -> None:
        """Stop watching."""
        self._watcher.close()

    def _current(self) -> dict[Path, Own]:
        with self._lock:
            if self._known is None or not self._watcher.watches(real(adapters_dir())):
                folder = adapters_dir()
                with suppress(OSError):
                    folder.mkdir(parents=True, exist_ok=True)  # what is not there cannot be watched
                self._watcher.set_roots((real(folder),))
                self._known = {real(Path(own.trained_on)): own for own in kept()}
            return self._known

    def _noticed(self, path: Path) -> None:
        if path.name == ABOUT or path.parent == real(adapters_dir()):
            with self._lock:
                self._known = None
