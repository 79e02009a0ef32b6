"""Choosing what fits the budget, and laying it out so that the engine's cache stays good."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from pathlib import Path

from lsp_server.context.relevance import Item, Reason
from lsp_server.engine.protocol import Snippet

_HEADER = 8
"""Code points that a file's header takes beside its path."""


def fit(items: Iterable[Item], room: int, shown: Callable[[Path], str]) -> tuple[Item, ...]:
    """As many of `items`, in the order of their worth, as `room` code points hold with their headers."""
    chosen: list[Item] = []
    headed: set[tuple[Path, bool]] = set()
    for item in items:
        cost = len(item.inside) + len(item.text) + 1
        if cost <= room and _head(item) not in headed:
            cost += len(shown(item.path)) + _HEADER
        if cost <= room:
            chosen.append(item)
            headed.add(_head(item))
            room -= cost
    return tuple(chosen)


def lay_out(items: Sequence[Item], shown: Callable[[Path], str]) -> tuple[Snippet, ...]:
    """One snippet per file, definitions first, files and lines in a fixed order.

    What was edited lately comes last: it changes more often, and what stands before it stays cached.
    """
    ordered = sorted(items, key=lambda item: (*_head(item)[::-1], item.order))
    return tuple(
        Snippet(path=shown(path), text=_text(list(group))) for (path, _), group in groupby(ordered, key=_head)
    )


def size(items: Iterable[Item]) -> int:
    """Code points of the items' text."""
    return sum(len(item.text) for item in items)


def _head(item: Item) -> tuple[Path, bool]:
    """What one header is for."""
    return item.path, item.reason is Reason.RECENT


def _text(items: list[Item]) -> str:
    return "\n".join(item.inside + item.text for item in items)
