"""How long to wait for more typing before asking the model, from what typing and fills took lately."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from statistics import median

from lsp_server.core.types import Edit

LEAST_S = 0.015
"""The shortest wait, for what editors send in one go."""
PAUSE_S = 0.6
"""A longer gap between two keystrokes is a pause, and no part of the rhythm."""
FEWEST = 3
"""Gaps from which there is a rhythm."""
SLACK = 1.25
"""What a keystroke may come later than the last ones did."""
MOST_TYPED = 2
"""Characters of a keystroke: a bracket may come with its partner."""
_RECENT = 8
_MOST_DOCUMENTS = 64


class Rhythm:
    """Keystrokes of each document and the time of fills; `clock` gives seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._last: dict[str, float] = {}
        self._gaps: dict[str, deque[float]] = {}
        self._fills: deque[float] = deque(maxlen=_RECENT)

    def typed(self, key: str, edits: Sequence[Edit]) -> None:
        """A document was changed; only what looks like a keystroke counts."""
        if any(len(edit.text) > MOST_TYPED or len(edit.span) > 1 for edit in edits):
            return
        now, last = self._clock(), self._last.pop(key, None)
        self._last[key] = now
        if len(self._last) > _MOST_DOCUMENTS:
            self.forget(next(iter(self._last)))
        if last is None or now - last > PAUSE_S:
            self._gaps.pop(key, None)
        else:
            self._gaps.setdefault(key, deque(maxlen=_RECENT)).append(now - last)

    def filled(self, seconds: float) -> None:
        """A fill took so long."""
        self._fills.append(seconds)

    def forget(self, key: str) -> None:
        """A document is gone."""
        self._last.pop(key, None)
        self._gaps.pop(key, None)

    def wait(self, key: str, most: float) -> float:
        """Seconds to wait before asking, at most `most`: so long while nothing is known of fills.

        Hardly any when no burst is going on, or when a fill is there before the next keystroke;
        else until that keystroke should have come.
        """
        if not self._fills:
            return most
        gaps = self._gaps.get(key, ())
        if len(gaps) < FEWEST or median(self._fills) <= median(gaps):
            return min(most, LEAST_S)
        return min(most, max(LEAST_S, median(gaps) * SLACK))
