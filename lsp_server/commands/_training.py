"""What `remask train` does: find the code, load the model, train, and tell whether it helped."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from lsp_server.commands._own import judge
from lsp_server.core.errors import BadInput
from lsp_server.engine.store.files import adapter_path, sha256_of
from lsp_server.engine.store.manifest import entry
from lsp_server.engine.store.own import own_folder
from lsp_server.training.examples.example import Example
from lsp_server.training.examples.instructed import drawn_from
from lsp_server.training.examples.stream import ExampleStream, StreamSettings
from lsp_server.training.load import Loaded, Part, begin_sketcher, load
from lsp_server.training.loop.distributed import joined
from lsp_server.training.loop.keeper import CHECKPOINTS, Task
from lsp_server.training.loop.progress import Display, display
from lsp_server.training.loop.report import End, Report
from lsp_server.training.loop.settings import TrainSettings, Value
from lsp_server.training.loop.trainer import Trainer
from lsp_server.training.material import Material, of_corpora, of_repository, some_examples
from lsp_server.training.pairs.draw import prepare
from lsp_server.training.pairs.pair import Pair, read_pairs

HELD_OUT_SEED = 1_000_003
OWN_PAIRS = 400
"""Rewrites by instruction made from a repository."""
FITTED = 250
"""Examples by which a new sketcher is fitted before it is trained."""
FINE_RATE, NEW_RATE = 1e-4, 4e-4
"""Learning rates for an adapter that was trained before and for a new one."""


@dataclass(frozen=True, slots=True)
class Learning:
    """How long and how; None chooses."""

    minutes: float | None
    steps: int | None
    pause: float | None
    batch: int | None
    accumulate: int
    learning_rate: float | None
    workers: int | None
    save_minutes: float
    seed: int


@dataclass(frozen=True, slots=True)
class Wish:
    """What to train on what; None chooses."""

    on: Path | None
    data: tuple[Path, ...]
    pairs: tuple[Path, ...]
    out: Path | None
    resume: bool
    checkpoint: Path | None
    init: Path | None
    part: str | None
    model: str
    rank: int | None
    recompute: bool
    device: str
    held_out: int | None


def run(wish: Wish, learning: Learning) -> None:
    """Do it.

    Raises:
        RemaskError: it makes no sense, something is missing, or training fails.
    """
    began = time.monotonic()
    folder = folder_of(wish)
    material = of_repository(wish.on) if wish.on else of_corpora(wish.data)
    part = part_of(wish)
    shipped = wish.on or part is Part.SKETCHER
    init = wish.init or (adapter_path(entry(wish.model)) if shipped else None)
    with joined(wish.device) as team:
        shown = display(first=team.first)
        shown.say(
            f"{len(material.train)} files to train on, {len(material.held_out)} held out, {team.device}"
        )
        if material.left_out:
            shown.say(
                "left out: " + ", ".join(f"{why} ({count})" for why, count in material.left_out.items())
            )
        loaded = load(
            wish.model,
            device=team.device,
            part=part,
            init=init,
            rank=wish.rank,
            seed=learning.seed,
            recompute=wish.recompute,
        )
        about = identity(wish, material, init, loaded.rank)
        new = init is None or part is Part.BASE
        settings = settings_of(learning, about, on_gpu=team.device.type == "cuda", new=new, part=part)
        task = _task(wish, material, loaded, folder, learning.seed, on_gpu=team.device.type == "cuda")
        begin_sketcher(loaded, some_examples(task.source, FITTED) if loaded.unfitted else ())
        report = Trainer(task, settings, team, shown, began=began).run(
            resume=wish.resume, checkpoint=wish.checkpoint
        )
        if team.first:
            _tell(wish, report, folder, shown)
    if team.first and wish.on and wish.out is None:
        del loaded, task
        _judge(wish, material, report, shown)
    if report.end is End.INTERRUPTED:
        sys.exit(130)


def part_of(wish: Wish) -> Part:
    """What is trained: what was named; else, of one's own code, what makes fills better.

    Raises:
        BadInput: there is no part of that name.
    """
    if wish.part is None:
        return Part.BASE if wish.on else Part.DENOISER
    try:
        return Part(wish.part)
    except ValueError:
        names = ", ".join(Part)
        raise BadInput(f"there is no part {wish.part!r} to train", hint=f"Name one of {names}.") from None


def folder_of(wish: Wish) -> Path:
    """Where everything goes.

    Raises:
        BadInput: nothing or two things are to be trained on, or a corpus without a folder.
    """
    if bool(wish.on) == bool(wish.data):
        raise BadInput("there must be one thing to train on", hint="Give --on PATH, or --data FOLDER.")
    if wish.out:
        return wish.out
    if wish.on is None:
        raise BadInput("training on a corpus needs a folder", hint="Give --out FOLDER.")
    return own_folder(wish.on)


def settings_of(
    learning: Learning, about: Mapping[str, Value], *, on_gpu: bool, new: bool, part: Part
) -> TrainSettings:
    """The settings; what was left open goes by the device, what is trained, and whether that is new."""
    slowly = 4 if part is Part.BASE else 8
    return TrainSettings(
        minutes=learning.minutes,
        steps=learning.steps,
        pause_minutes=learning.pause,
        learning_rate=learning.learning_rate or (NEW_RATE if new else FINE_RATE),
        batch=learning.batch or (64 if on_gpu else slowly),
        accumulate=learning.accumulate,
        seed=learning.seed,
        save_minutes=learning.save_minutes,
        workers=learning.workers,
        about=about,
    )


def identity(wish: Wish, material: Material, init: Path | None, rank: int) -> dict[str, Value]:
    """What makes a run another one. A user's own code may change between two runs."""
    return {
        "model": wish.model,
        "part": part_of(wish).value,
        "rank": rank,
        "first adapter": sha256_of(init)[:16] if init else "none",
        "trained on": str(wish.on.resolve()) if wish.on else material.fingerprint,
        "pairs": " ".join(sha256_of(path)[:16] for path in wish.pairs),
    }


def verdict(report: Report) -> str:
    """Whether it helped, for a person."""
    if not report.steps:
        return "there was no time for a single step: give more --minutes, or look at fewer with --held-out"
    took = f"{report.steps} steps in {report.seconds / 60:.1f} minutes"
    if report.before is None or report.best is None:
        return f"{took}; nothing was held out, so it is not known whether it helped"
    losses = f"held-out loss {report.before:.4f} before"
    if not report.helped:
        return f"{took}; {losses}, never lower after: it did not help, and no adapter was written"
    lower = 1 - report.best / report.before
    return f"{took}; {losses}, {report.best:.4f} after step {report.best_step}: it helped, by {lower:.1%}"


def _task(wish: Wish, material: Material, loaded: Loaded, folder: Path, seed: int, *, on_gpu: bool) -> Task:
    settings, family = StreamSettings(), loaded.family
    count = wish.held_out if wish.held_out is not None else (256 if on_gpu else 48)
    held_out: list[Example] = []
    if material.held_out and count:
        unseen = ExampleStream(material.held_out, family, settings, HELD_OUT_SEED)
        held_out = some_examples(unseen, count)
    pairs = drawn_from(_pairs(wish, material, seed))
    source = ExampleStream(material.train, family, settings, seed, pairs)
    if not some_examples(source, 1):
        raise BadInput("no example could be made of the code", hint="Train on more or other code.")
    return Task(loaded.model, source, held_out, folder)


def _pairs(wish: Wish, material: Material, seed: int) -> list[Pair]:
    """Those of the files named; for a repository some of its own."""
    if wish.pairs:
        return [pair for path in wish.pairs for pair in _read(path)]
    return list(prepare(material.train, seed=seed, limit=OWN_PAIRS, lint=False)) if wish.on else []


def _read(path: Path) -> Iterator[Pair]:
    try:
        yield from read_pairs(path)
    except (OSError, EOFError, ValueError, TypeError) as problem:
        raise BadInput(f"{path} holds no pairs: {problem}", hint="Name a file of pairs.") from problem


def _judge(wish: Wish, material: Material, report: Report, shown: Display) -> None:
    """Have fills compared, and the adapter used if they are no worse."""
    if report.end is not End.DONE or not (wish.on and report.adapter and report.before and report.best):
        return
    judge(
        report.adapter,
        code=wish.on,
        model=wish.model,
        held_out=material.held_out,
        losses=(report.before, report.best),
        say=shown.say,
    )


def _tell(wish: Wish, report: Report, folder: Path, shown: Display) -> None:
    """The verdict, and the adapter's path on the standard output."""
    if report.end is not End.DONE:
        shown.say(f"stopped after {report.steps} steps; the same command with --resume goes on")
        return
    shown.say(verdict(report))
    if wish.out is None:
        shutil.rmtree(folder / CHECKPOINTS, ignore_errors=True)  # hundreds of megabytes nobody asked for
    if report.adapter:
        print(report.adapter)
