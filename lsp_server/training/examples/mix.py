"""How often each kind of hole is cut."""

from __future__ import annotations

import random
from collections.abc import Callable
from types import MappingProxyType

from lsp_server.core.types import Span
from lsp_server.training.examples import by_line
from lsp_server.training.examples.page import Page

Choose = Callable[[Page, random.Random], Span | None]

KINDS: MappingProxyType[str, tuple[float, Choose]] = MappingProxyType({
    "line": (25, by_line.whole_line),
    "rest of line": (20, by_line.rest_of_line),
    "lines": (20, by_line.several_lines),
    "lines below": (10, by_line.lines_below),
    "half word": (10, by_line.half_word),
    "random span": (14, by_line.random_span),
    "nothing": (1, by_line.nothing),
})  # fmt: skip
"""Weight of each kind, and what chooses its holes."""

_NAMES = tuple(KINDS)
_WEIGHTS = tuple(weight for weight, _ in KINDS.values())


def draw(rng: random.Random) -> tuple[str, Choose]:
    """A kind, and what chooses its holes."""
    (name,) = rng.choices(_NAMES, _WEIGHTS)
    return name, KINDS[name][1]
