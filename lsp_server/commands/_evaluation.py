"""What `remask eval` does: read the holes, load the model, fill, and tell."""

from __future__ import annotations

import platform
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from lsp_server.core.errors import BadInput
from lsp_server.core.settings import EngineSettings
from lsp_server.evaluation.calibration import calibrated, calibration_table
from lsp_server.evaluation.heldout import held_out_problems
from lsp_server.evaluation.metrics import need_libraries
from lsp_server.evaluation.model import Loaded, check_adapter, load
from lsp_server.evaluation.problems import Problem, read_problems, sample
from lsp_server.evaluation.records import Record, Records
from lsp_server.evaluation.report import BEGIN, as_json, as_table, markdown, replaced
from lsp_server.evaluation.run import Trials, evaluate
from lsp_server.evaluation.scores import scores_of
from lsp_server.evaluation.ways import Way

WIDTH = 130
"""Columns of a table that is not printed to a terminal."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What to evaluate."""

    problems: tuple[Path, ...]
    held_out: tuple[Path, ...]
    ways: tuple[Way, ...]
    limit: int | None
    seed: int
    model: str
    adapter: Path | None
    threads: int
    rescore: bool


@dataclass(frozen=True, slots=True)
class Output:
    """Where the figures go besides the terminal."""

    json: Path | None = None
    markdown: Path | None = None
    records: Path | None = None
    calibrate: bool = False


def run(wish: Wish, output: Output) -> None:
    """Do it. A Ctrl-C ends it with the table of what is known so far."""
    need_libraries()
    problems = holes_of(wish)
    _check_targets(output)
    if wish.adapter:
        check_adapter(wish.model, wish.adapter)
    console = Console(stderr=True)
    with Records(output.records) as records:
        loaded = _load(wish, console)
        found, whole = _fill(wish, problems, loaded, records, console)
    if found:
        _tell(wish, output, problems, found, loaded)
    if not whole:
        more = "; the same command goes on from here" if output.records else ""
        console.print(f"stopped{more}", markup=False, highlight=False)
        sys.exit(130)


def holes_of(wish: Wish) -> list[Problem]:
    """The holes of all benchmarks, at most `limit` of each.

    Raises:
        BadInput: there are none, or a file cannot be read.
    """
    holes: list[Problem] = []
    for path in wish.problems:
        holes += sample(read_problems(path), wish.limit, wish.seed)
    for path in wish.held_out:
        holes += held_out_problems(path, wish.limit, wish.seed)
    if not holes:
        raise BadInput(
            "there is nothing to evaluate", hint="Name --problems FILE, --held-out PATH, or both of them."
        )
    return holes


def command_line(wish: Wish) -> str:
    """The command without what differs between machines."""
    words = ["remask eval"]
    words += [f"--problems {path.name}" for path in wish.problems]
    words += [f"--held-out {path.name}" for path in wish.held_out]
    words += [f"--decode {way.name}" for way in wish.ways]
    words += [f"--limit {wish.limit}"] * (wish.limit is not None)
    return " ".join(words)


def _check_targets(output: Output) -> None:
    for target in (output.json, output.markdown, output.records):
        if target is not None and not target.parent.is_dir():
            raise BadInput(f"there is no folder {target.parent}", hint="Make it first.")


def _load(wish: Wish, console: Console) -> Loaded:
    with console.status("loading the model") as status:

        def show(_: float, doing: str) -> None:
            status.update(doing)

        return load(wish.model, EngineSettings(threads=wish.threads), wish.adapter, show)


def _fill(
    wish: Wish, problems: Sequence[Problem], loaded: Loaded, records: Records, console: Console
) -> tuple[list[Record], bool]:
    """The records of all holes, or of those done before a Ctrl-C, and whether it is all of them."""
    found: list[Record] = []
    work = evaluate(
        problems,
        wish.ways,
        loaded.asker,
        records,
        model=loaded.name,
        trials=Trials(),
        rescore=wish.rescore,
    )
    with _counting(console, len(problems)) as advance:
        try:
            for each in work:
                found += each
                advance()
        except KeyboardInterrupt:
            return found, False
    return found, True


def _tell(
    wish: Wish, output: Output, problems: Sequence[Problem], found: Sequence[Record], loaded: Loaded
) -> None:
    scores = scores_of(problems, found)
    terminal = Console()
    if not terminal.is_terminal:
        terminal = Console(width=WIDTH)
    terminal.print(as_table(scores))
    sure = calibrated(problems, found) if output.calibrate else []
    if output.json:
        output.json.write_bytes(as_json(scores, _about(wish, loaded), sure))
    if output.markdown:
        _write_markdown(output.markdown, markdown(scores, command=command_line(wish)))
    if sure:
        terminal.print(calibration_table(sure))


def _about(wish: Wish, loaded: Loaded) -> dict[str, object]:
    return {
        **loaded.about,
        "command": command_line(wish),
        "seed": wish.seed,
        "system": f"{platform.system()} {platform.machine()}",
        "versions": {name: version(name) for name in ("remask", "torch")},
        "seconds": "of a fill, with the context already read",
    }


def _write_markdown(path: Path, table: str) -> None:
    old = path.read_text(encoding="utf-8") if path.exists() else ""
    path.write_text(replaced(old, table) if BEGIN in old else table, encoding="utf-8")


@contextmanager
def _counting(console: Console, total: int) -> Iterator[Callable[[], None]]:
    """A bar in a terminal, a line for every tenth in a log."""
    if console.is_terminal:
        with Progress(
            TextColumn("filling holes"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=console,
        ) as bar:
            task = bar.add_task("", total=total)
            yield lambda: bar.advance(task)
        return
    done = 0

    def advance() -> None:
        nonlocal done
        done += 1
        if 10 * done // total > 10 * (done - 1) // total:
            console.print(f"{done} of {total} holes", highlight=False)

    yield advance
