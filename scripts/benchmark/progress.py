"""How far a long measurement is: a bar in a terminal, a line for every tenth in a log."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from lib.console import bar, clear, in_terminal, say, step

TABLE_WIDTH = 110
"""Columns: tables look the same in every terminal, and in a file."""


@contextmanager
def counting(title: str, total: int) -> Iterator[Callable[[], None]]:
    """Gives the function that counts one more of `total`."""
    done = 0

    def advance() -> None:
        nonlocal done
        done += 1
        text = f"{done} of {total}"
        if in_terminal():
            bar(text, done / total)
        elif done * 10 // total > (done - 1) * 10 // total:
            say(f"   {text}")

    with step(title):
        yield advance
        clear()
