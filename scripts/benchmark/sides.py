"""What is measured: anything that fills holes and can forget the contexts it has read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

MAX_TOKENS = 64
"""Most tokens of one line; a line of code nearly never has so many."""
OTHERS = tuple(f"{number} {'x ' * 4}" for number in range(8))
"""Short documents, as many as Remask keeps contexts of (`kv.ContextCache`): they push all others out."""


@dataclass(frozen=True, slots=True)
class Ask:
    """What a side is asked: write what stands between `prefix` and `suffix`.

    The fill ends before a line break once it has `max_lines` lines, and before a line indented
    by fewer than `min_indent` characters. With an `instruction`, `selected` is rewritten by it in
    chat layout, and neither limit holds.
    """

    prefix: str
    suffix: str
    max_tokens: int = MAX_TOKENS
    max_lines: int | None = 1
    min_indent: int = 0
    selected: str = ""
    instruction: str | None = None


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

    def fill(self, ask: Ask) -> Fill:
        """Write what is asked for, greedily."""

    def forget(self) -> None:
        """Drop every cached context, so that the next fill is a cold one.

        Every side does so by reading `OTHERS`: all come to the next fill from computing, with
        their threads awake and as many of them as the idle cores allow.
        """

    def cpu_seconds(self) -> float:
        """Processor time that the side's process has used so far, summed over cores."""

    def close(self) -> None:
        """Give everything back."""
