"""A flag that crosses threads: set once, asked between two steps."""

from __future__ import annotations

import threading

from lsp_server.core.errors import Cancelled, Superseded


class CancelToken:
    """Cancellation by asking, because nothing can stop a running thread from outside."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self._superseded = False

    @property
    def cancelled(self) -> bool:
        """Whether the work should stop."""
        return self._event.is_set()

    def cancel(self, *, superseded: bool = False) -> None:
        """Ask the work to stop; the first reason given stays."""
        if not self._event.is_set():
            self._superseded = superseded
            self._event.set()

    def check(self) -> None:
        """Raise `Superseded` or `Cancelled` if the work should stop."""
        if self._event.is_set():
            raise (Superseded if self._superseded else Cancelled)("the request was withdrawn")
