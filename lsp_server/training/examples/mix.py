"""How often each kind of hole is cut."""

from __future__ import annotations

import random
from collections.abc import Callable
from types import MappingProxyType

from lsp_server.core.types import Span
from lsp_server.training.examples import by_line, by_part
from lsp_server.training.examples.page import Page

Choose = Callable[[Page, random.Random], Span | None]

KINDS: MappingProxyType[str, tuple[float, Choose]] = MappingProxyType({
    "line": (20, by_line.whole_line),
    "rest of line": (17, by_line.rest_of_line),
    "half word": (9, by_line.half_word),
    "lines": (8, by_line.several_lines),
    "statements": (8, by_part.statements),
    "lines below": (6, by_line.lines_below),
    "body": (7, by_part.body),
    "block": (3, by_part.block),
    "expression": (5, by_part.expression),
    "arguments": (4, by_part.arguments),
    "condition": (2, by_part.condition),
    "comment": (3, by_part.comment),
    "random span": (7, by_line.random_span),
    "nothing": (1, by_line.nothing),
})  # fmt: skip
"""Per cent of each kind, and what chooses its holes.

About half are single lines or what is left of them: that is what an editor asks for with
nearly every keystroke. A third spans lines, which is where denoising in blocks can save most passes.
Random spans keep the model able to end anywhere. "line" also stands for a cursor behind
mere indentation: healing makes one hole of both.
"""

OPEN_ENDED = frozenset(
    {"line", "rest of line", "half word", "lines", "statements", "lines below", "body", "block"}
)
"""Kinds that are also cut at the end of a file that is still being written, with nothing behind."""
OPEN_SHARE = 0.08

WHOLE_LINES = frozenset({"line", "lines", "statements"})
"""Kinds that also come with the line break behind them, as where lines are selected and replaced."""
BREAK_SHARE = 0.25

_NAMES = tuple(KINDS)
_WEIGHTS = tuple(weight for weight, _ in KINDS.values())


def draw(rng: random.Random) -> tuple[str, Choose]:
    """A kind, and what chooses its holes."""
    (name,) = rng.choices(_NAMES, _WEIGHTS)
    return name, KINDS[name][1]
