"""What a run shows while it works, and the log it leaves."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

import msgspec
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

WHOLE = 1000


class Display(Protocol):
    """Shows a run to a person. Used as a context."""

    def __enter__(self) -> Self:
        """Begin."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End."""

    def spent(self, share: float) -> None:
        """So much of the budget is spent, from 0 to 1; told after every step."""

    def figures(self, line: str) -> None:
        """The latest figures."""

    def say(self, text: str) -> None:
        """Something happened."""


class Bar:
    """A bar with the figures below it, in a terminal."""

    def __init__(self, console: Console) -> None:
        self._bar = Progress(
            TextColumn("training"),
            BarColumn(),
            TaskProgressColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.description}", markup=False),
            console=console,
        )
        self._task = self._bar.add_task("", total=WHOLE)

    def __enter__(self) -> Self:
        """Begin."""
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End."""
        self._bar.stop()

    def spent(self, share: float) -> None:
        """See `Display`."""
        self._bar.update(self._task, completed=WHOLE * share)

    def figures(self, line: str) -> None:
        """See `Display`."""
        self._bar.update(self._task, description=f"\n{line}")

    def say(self, text: str) -> None:
        """See `Display`."""
        self._bar.console.print(text, markup=False, highlight=False, soft_wrap=True)


class Lines:
    """A line for each report, where no person looks on."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._share = 0.0

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End."""

    def spent(self, share: float) -> None:
        """See `Display`."""
        self._share = share

    def figures(self, line: str) -> None:
        """See `Display`."""
        self.say(f"{self._share:6.1%} {line}")

    def say(self, text: str) -> None:
        """See `Display`."""
        self._console.print(text, markup=False, highlight=False, soft_wrap=True)


class Quiet:
    """Shows nothing: every process but the first."""

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End."""

    def spent(self, share: float) -> None:
        """See `Display`."""

    def figures(self, line: str) -> None:
        """See `Display`."""

    def say(self, text: str) -> None:
        """See `Display`."""


def display(*, first: bool) -> Display:
    """What suits the terminal and the process."""
    if not first:
        return Quiet()
    console = Console(stderr=True)
    return Bar(console) if console.is_terminal else Lines(console)


class Log:
    """One JSON object on a line for each thing that happens; without a path it keeps nothing."""

    def __init__(self, path: Path | None) -> None:
        self._path = path

    def write(self, event: str, **values: object) -> None:
        """Add a line; numbers that are not finite become null."""
        if self._path is None:
            return
        with self._path.open("ab") as file:
            file.write(msgspec.json.encode({"event": event, **values}) + b"\n")
