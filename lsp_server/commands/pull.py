"""`remask pull`: fetch a model."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from lsp_server.core.settings import DEFAULT_MODEL

if TYPE_CHECKING:
    from rich.console import Console

    from lsp_server.engine.store.pulling import OnPull, PullProgress


def command(
    model: Annotated[str, typer.Argument(help="Name of the model, see `remask models`.")] = DEFAULT_MODEL,
    *,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print progress as lines of JSON, in bytes, for other programs.")
    ] = False,
) -> None:
    """Fetch a model, or continue fetching it; prints where it lies."""
    from rich.console import Console

    from lsp_server.engine.store.pull import pull

    console = Console(stderr=True)
    show = _records if as_json else _bar if console.is_terminal else _lines
    try:
        with show(console) as on_progress:
            path = pull(model, on_progress)
    except KeyboardInterrupt:
        console.print(f"stopped; `remask pull {model}` continues from here", markup=False, highlight=False)
        raise typer.Exit(130) from None
    print(json.dumps({"phase": "done", "path": str(path)}) if as_json else path)


@contextmanager
def _records(_console: Console) -> Iterator[OnPull]:
    """A line of JSON for each step and each hundredth of the fetching."""
    last: tuple[str, int] | None = None

    def show(progress: PullProgress) -> None:
        nonlocal last
        now = (describe(progress), 100 * progress.done // max(1, progress.total))
        if now != last:
            print(json.dumps(asdict(progress)), flush=True)
        last = now

    yield show


@contextmanager
def _bar(console: Console) -> Iterator[OnPull]:
    """A progress bar, for a terminal."""
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    text = TextColumn("{task.description}", markup=False)
    columns = (text, BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    last = ""
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("looking", total=None)

        def show(progress: PullProgress) -> None:
            nonlocal last
            line = describe(progress)
            if line != last:
                bar.console.print(line, markup=False, highlight=False)
                bar.reset(task, description=progress.phase, total=progress.total)
            last = line
            bar.update(task, completed=progress.done)

        yield show


@contextmanager
def _lines(console: Console) -> Iterator[OnPull]:
    """A line for each step and each tenth of the fetching, for a log."""
    last = ""

    def show(progress: PullProgress) -> None:
        nonlocal last
        line = describe(progress)
        if progress.phase == "fetching":
            line += f": {10 * (10 * progress.done // progress.total)}%"
        if line != last:
            console.print(line, markup=False, highlight=False, soft_wrap=True)
        last = line

    yield show


def describe(progress: PullProgress) -> str:
    """What is going on, for a person."""
    match progress.phase:
        case "waiting":
            return "waiting for another pull of this model"
        case "failed":
            return f"{progress.source} gave nothing: {progress.note}"
        case "checking":
            return "checking the hash"
        case "fetching":
            return f"fetching from {progress.source}"
