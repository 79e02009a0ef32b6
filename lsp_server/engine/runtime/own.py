"""A model that answers with a user's own adapter where a request names one.

It is loaded beside the work: until it is ready the model as it ships answers, so that nobody
waits when an adapter was just trained. One is held at a time; another one takes its place.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lsp_server.core.cancel import CancelToken
from lsp_server.engine.protocol import FillRequest, FillResult
from lsp_server.engine.runtime.filler import Filler, InUse, OnFrame
from lsp_server.engine.store.own import file_of

log = logging.getLogger(__name__)

LoadOwn = Callable[[Path], Filler]


@dataclass(slots=True)
class _Held:
    """A filler with an adapter, and how many fills it is at."""

    adapter: str
    filler: Filler
    fills: int = 0


class WithOwn:
    """The shipped filler, and at most one with an adapter of the user's. See `Filler`."""

    def __init__(self, shipped: Filler, load: LoadOwn) -> None:
        self.model = shipped.model
        self.adapter = shipped.adapter
        self.backend = shipped.backend
        self.parallel = shipped.parallel
        self._shipped = shipped
        self._load = load
        self._lock = threading.Lock()
        self._left = threading.Condition(self._lock)
        self._own: _Held | None = None
        self._wanted = ""
        """The last one that was named: held, being loaded, or not to be had."""
        self._closed = False

    def fill(
        self,
        request: FillRequest,
        *,
        cancel: CancelToken,
        deadline: float | None = None,
        on_frame: OnFrame | None = None,
    ) -> FillResult:
        """See `Filler`."""
        with self._chosen(request.adapter) as filler:
            return filler.fill(request, cancel=cancel, deadline=deadline, on_frame=on_frame)

    def in_use(self) -> InUse:
        """See `Filler`."""
        with self._lock:
            own = self._own
        shipped = self._shipped.in_use()
        if own is None:
            return shipped
        more = own.filler.in_use()
        return InUse(
            shipped.contexts + more.contexts, shipped.context_bytes + more.context_bytes, shipped.together
        )

    def close(self) -> None:
        """See `Filler`."""
        with self._lock:
            self._closed = True
            own, self._own = self._own, None
        if own:
            own.filler.close()
        self._shipped.close()

    @contextmanager
    def _chosen(self, adapter: str) -> Iterator[Filler]:
        with self._lock:
            if adapter and adapter != self._wanted:
                self._wanted = adapter
                threading.Thread(target=self._swap, args=(adapter,), name="adapter", daemon=True).start()
            own = self._own if self._own and self._own.adapter == adapter else None
            if own:
                own.fills += 1
        try:
            yield own.filler if own else self._shipped
        finally:
            if own:
                with self._lock:
                    own.fills -= 1
                    self._left.notify_all()

    def _swap(self, adapter: str) -> None:
        """Let go of the one that is held, then load the one that is wanted."""
        with self._lock:
            old, self._own = self._own, None
            while old and old.fills:
                self._left.wait()
        if old:
            old.filler.close()
        file = file_of(adapter)
        if file is None:
            log.warning("the adapter %s is not there any more", adapter)
            return
        try:
            held = _Held(adapter, self._load(file))
        except Exception as error:  # noqa: BLE001 -- fills go on as the model ships
            log.warning("the adapter %s could not be loaded: %s", adapter, error)
            return
        with self._lock:
            if self._wanted == adapter and not self._closed:
                self._own = held
                log.info("fills for its code come from the adapter %s now", adapter)
                return
        held.filler.close()
