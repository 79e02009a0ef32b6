"""Flags that cross threads: set once, asked between two steps."""

from __future__ import annotations

import threading
from collections.abc import Callable

from lsp_server.core.errors import Cancelled, Superseded


class CancelToken:
    """Cancellation by asking, because nothing can stop a running thread from outside.

    Work may be asked to stop, so that nothing comes of it, or to end with what it has.
    """

    def __init__(self) -> None:
        self._event = threading.Event()
        self._superseded = False
        self._taken = False

    @property
    def cancelled(self) -> bool:
        """Whether the work should stop."""
        return self._event.is_set()

    @property
    def taken(self) -> bool:
        """Whether the work was asked to end with what it has."""
        return self._taken

    def cancel(self, *, superseded: bool = False) -> None:
        """Ask the work to stop; the first reason given stays."""
        if not self._event.is_set():
            self._superseded = superseded
            self._event.set()

    def take(self) -> None:
        """Ask the work to end with what it has."""
        self._taken = True

    def check(self) -> None:
        """Raise `Superseded` or `Cancelled` if the work should stop."""
        if self._event.is_set():
            raise (Superseded if self._superseded else Cancelled)("the request was withdrawn")

    def over(self, deadline: float | None, clock: Callable[[], float]) -> bool:
        """Whether to end with what there is: that was asked for, or `deadline`, on `clock`, has passed."""
        return self._taken or (deadline is not None and clock() >= deadline)
