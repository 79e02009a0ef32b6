"""Which adapter of the user's own is meant for which code, while adapters come and go."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from lsp_server.context.exclude import real
from lsp_server.context.watch import Watcher
from lsp_server.context.workspace import LOOK_AGAIN_S, LOOK_AGAIN_UNWATCHED_S
from lsp_server.engine.store.own import ABOUT, Own, adapters_dir, kept


class OwnAdapters:
    """The kept adapters, by the folders they are for. Watched from the first question on; for any thread."""

    def __init__(self, model: Callable[[], str], clock: Callable[[], float] = time.monotonic) -> None:
        self._model = model
        self._clock = clock
        self._folder = Path()
        self._look_again = 0.0
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
            if self._known is None or self._clock() >= self._look_again:
                self._known = self._looked()
            return self._known

    def _looked(self) -> dict[Path, Own]:
        """What there is now, watched first, so that what comes meanwhile is noticed."""
        with suppress(OSError):
            adapters_dir().mkdir(parents=True, exist_ok=True)  # what is not there cannot be watched
        self._folder = real(adapters_dir())
        self._watcher.set_roots((self._folder,))
        watched = self._watcher.watches(self._folder)
        self._look_again = self._clock() + (LOOK_AGAIN_S if watched else LOOK_AGAIN_UNWATCHED_S)
        return {real(Path(own.trained_on)): own for own in kept()}

    def _noticed(self, path: Path) -> None:
        if path.name == ABOUT or self._folder in {path, path.parent}:
            with self._lock:
                self._known = None
