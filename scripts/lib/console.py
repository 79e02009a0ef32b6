"""What the scripts print while they work. Standard library only: it runs before anything is installed."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

CONTROL = {"bold": "1", "dim": "2", "red": "31", "green": "32"}
BAR = 24


class Failed(Exception):
    """A step failed; the message says which and what to do."""


def in_terminal() -> bool:
    """Whether a person looks on."""
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def styled(text: str, style: str) -> str:
    """`text` in a style of `CONTROL`, where there are colours."""
    if not in_terminal() or os.environ.get("NO_COLOR"):
        return text
    return f"\033[{CONTROL[style]}m{text}\033[0m"


def say(text: str = "", style: str | None = None) -> None:
    """Print a line now."""
    print(styled(text, style) if style else text, flush=True)


@contextmanager
def step(title: str) -> Iterator[None]:
    """Put a heading before a step and its duration behind it."""
    say(f"\n== {title}", "bold")
    started = time.monotonic()
    yield
    say(f"   {title}: {duration(time.monotonic() - started)}", "dim")


def duration(seconds: float) -> str:
    """A time for a person."""
    return f"{seconds:.1f} s" if seconds < 60 else f"{int(seconds) // 60} min {int(seconds) % 60} s"


def bar(text: str, share: float | None = None) -> None:
    """Show `text`, and how much of it is done, on one line that the next call overwrites."""
    if not in_terminal():
        return
    filled = "" if share is None else "█" * round(BAR * share) + "░" * (BAR - round(BAR * share)) + " "
    line = f"   {filled}{text}"[: shutil.get_terminal_size().columns - 1]
    print(f"\r\033[K{line}", end="", flush=True)


def clear() -> None:
    """Take the bar away."""
    if in_terminal():
        print("\r\033[K", end="", flush=True)


def fail(message: str) -> None:
    """Print why the script ends."""
    clear()
    sys.stdout.flush()
    print(styled(f"\nfailed: {message}", "red"), file=sys.stderr, flush=True)
