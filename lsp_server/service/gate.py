"""What stands in the way of a suggestion before any work is done."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from lsp_server.core.settings import Settings
from lsp_server.core.types import Document, Silence

MOST_CHARS = 4_000_000
"""Code points of a document beyond which it is data rather than code."""

Excluded = Callable[[Path | None], Silence | None]
"""`Workspace.excluded`."""


class Gate:
    """Says `Silence` for documents that get no suggestions; `clock` gives seconds."""

    def __init__(self, excluded: Excluded, *, clock: Callable[[], float] = time.time) -> None:
        self._excluded = excluded
        self._clock = clock
        self._rewriting: Counter[str] = Counter()
        self.snoozed_until: float | None = None
        """In the clock's seconds; None while awake."""

    def snooze(self, minutes: float) -> None:
        """Stay silent for `minutes`; none or fewer wakes."""
        self.snoozed_until = self._clock() + minutes * 60 if minutes > 0 else None

    def wake(self) -> None:
        """End a snooze."""
        self.snoozed_until = None

    @contextmanager
    def rewriting(self, key: str) -> Iterator[None]:
        """No completions in a document inside this context: they would withdraw its rewrite."""
        self._rewriting[key] += 1
        try:
            yield
        finally:
            self._rewriting[key] -= 1
            if not self._rewriting[key]:
                del self._rewriting[key]

    def check(self, document: Document, settings: Settings) -> Silence | None:
        """Why `document` gets no completion, or None."""
        if not settings.enabled_for(document.language):
            return Silence.DISABLED
        if self._snoozing():
            return Silence.SNOOZED
        if self._rewriting[document.key]:
            return Silence.SUPERSEDED
        return _unsupported(document) or self._excluded(document.path)

    def check_asked(self, document: Document) -> Silence | None:
        """Why even what the user asks for by hand is not done, or None.

        A snooze, a language turned off and an ignored file silence what comes
        unasked; a file that may hold secrets stays closed.
        """
        if silence := _unsupported(document):
            return silence
        excluded = self._excluded(document.path)
        return excluded if excluded is Silence.PRIVATE_FILE else None

    def _snoozing(self) -> bool:
        if self.snoozed_until is not None and self._clock() >= self.snoozed_until:
            self.snoozed_until = None
        return self.snoozed_until is not None


def _unsupported(document: Document) -> Silence | None:
    if len(document.text) > MOST_CHARS or "\0" in document.text:
        return Silence.UNSUPPORTED_TEXT
    return None
