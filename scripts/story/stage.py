"""What the demo prints besides canvases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn
from rich.syntax import Syntax
from rich.text import Text

SHOWN = 3
"""Lines of code shown on each side of a change."""

OnProgress = Callable[[str, float], None]


class Stage:
    """Headings, bars and code on `console`."""

    def __init__(self, console: Console) -> None:
        self.console = console

    @contextmanager
    def loading(self) -> Iterator[OnProgress]:
        """Show what the server says about the engine's start: as a bar in a terminal, else line by line."""
        if not self.console.is_terminal:
            said_before: set[str] = set()

            def say(said: str, _share: float) -> None:
                if said not in said_before:
                    said_before.add(said)
                    self.console.print(f"   {said}", markup=False)

            yield say
            return
        columns = (TextColumn("   {task.description}"), BarColumn(), TaskProgressColumn())
        with Progress(*columns, console=self.console, transient=True) as progress:
            task = progress.add_task("waiting for the engine", total=1.0)
            yield lambda said, share: progress.update(task, description=said, completed=share)

    def heading(self, text: str) -> None:
        """A new step of the story."""
        self.console.print(Text(f"\n== {text}", "bold"), soft_wrap=True)

    def code(self, text: str, line: int) -> None:
        """Python code around a line counted from 0."""
        shown = (max(1, line + 1 - SHOWN), line + 1 + SHOWN)
        self.console.print(
            Syntax(
                text,
                "python",
                theme="ansi_dark",
                background_color="default",
                line_numbers=True,
                line_range=shown,
                highlight_lines={line + 1},
            )
        )

    def diff(self, diff: str) -> None:
        """A unified diff."""
        self.console.print(Syntax(diff.rstrip(), "diff", theme="ansi_dark", background_color="default"))
