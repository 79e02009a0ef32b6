"""What is measured: anything that fills holes and can forget the contexts it has read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

MAX_TOKENS = 64
"""Most tokens of a fill; a line of code nearly never has so many."""
OTHERS = tuple(f"{number} {'x ' * 4}" for number in range(8))
"""Short documents, as many as Remask keeps contexts of (`kv.ContextCache`): they push all others out."""


@dataclass(frozen=True, slots=True)
class Fill:
    """One answer and its cost. `tokens` of the answer; `forwards` after the context was read.

    `context` tokens were the prompt's, of which `cached` had been read before.
    """

    text: str
    ms: float
    tokens: int
    forwards: float
    context: int
    cached: int


class Side(Protocol):
    """One contestant; only one computes at a time."""

    @property
    def name(self) -> str:
        """As in the figures."""

    def fill(self, prefix: str, suffix: str) -> Fill:
        """Write one line between `prefix` and `suffix`, greedily."""

    def forget(self) -> None:
        """Drop every cached context, so that the next fill is a cold one.

        Every side does so by reading `OTHERS`: all come to the next fill from computing, with
        their threads awake and as many of them as the idle cores allow.
        """

    def close(self) -> None:
        """Give everything back."""
