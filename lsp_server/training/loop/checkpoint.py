"""A run on disk: what is needed to go on as if it had never stopped."""

from __future__ import annotations

import contextlib
import os
import pickle
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch.optim import Optimizer

from lsp_server.core.errors import BadInput, RemaskError
from lsp_server.training.loop.interface import Trainable
from lsp_server.training.loop.settings import Value

FORMAT = 1
KEPT = 2
"""Checkpoints that are kept besides the best one."""
BEST = "best.pt"


@dataclass
class Standing:
    """How far a run has come.

    Noise follows from the step and examples from the index, so no generator's state is kept.
    """

    step: int = 0
    index: int = 0
    """Number of the next example."""
    seconds: float = 0.0
    skipped: int = 0
    before: float | None = None
    """Held-out loss before the first step."""
    look_seconds: float = 0.0
    """How long that took to find."""
    best: float | None = None
    best_step: int = 0


class Checkpoints:
    """The checkpoints of one run in one folder; `identity` says which run. `say` is told what goes wrong."""

    def __init__(self, folder: Path, identity: Mapping[str, Value], say: Callable[[str], None]) -> None:
        self._folder = folder
        self._identity = dict(identity)
        self._say = say

    def save(self, standing: Standing, model: Trainable, optimiser: Optimizer) -> Path:
        """Write a checkpoint, wholly or not at all, and forget old ones.

        Raises:
            RemaskError: it cannot be written.
        """
        path = self._write(self._folder / f"step-{standing.step:08}.pt", standing, model, optimiser)
        for old in self._by_age()[KEPT:]:
            old.unlink(missing_ok=True)
        return path

    def save_best(self, standing: Standing, model: Trainable, optimiser: Optimizer) -> Path:
        """Write the checkpoint with the lowest held-out loss, in place of the one before."""
        return self._write(self._folder / BEST, standing, model, optimiser)

    def any(self) -> bool:
        """Whether there is something to resume from."""
        return bool(self._by_age()) or (self._folder / BEST).exists()

    def restore(self, model: Trainable, optimiser: Optimizer, file: Path | None = None) -> Standing | None:
        """Put model and optimiser back as they were; the standing, or None without a checkpoint.

        Takes `file`, or else the newest that can be read.

        Raises:
            BadInput: the checkpoint is of another run.
            RemaskError: `file` cannot be read.
        """
        candidates = [file] if file else [*self._by_age(), *self._best()]
        for path in candidates:
            try:
                content = read(path)
            except RemaskError as problem:
                if file:
                    raise
                self._say(f"{problem}; trying the one before")
                continue
            self._check(content["identity"], path)
            model.load_state(content["trained"])
            optimiser.load_state_dict(content["optimiser"])
            return Standing(**content["standing"])
        return None

    def _check(self, found: Mapping[str, Value], path: Path) -> None:
        differ = [
            f"{name.replace('_', ' ')}: {found.get(name)} there, {self._identity.get(name)} now"
            for name in sorted(found.keys() | self._identity.keys())
            if found.get(name) != self._identity.get(name)
        ]
        if differ:
            raise BadInput(
                f"{path} is of a run with other settings ({'; '.join(differ)})",
                hint="Give the same settings, or another --out folder.",
            )

    def _write(self, target: Path, standing: Standing, model: Trainable, optimiser: Optimizer) -> Path:
        content = {
            "format": FORMAT,
            "identity": self._identity,
            "standing": asdict(standing),
            "trained": {name: tensor.detach().cpu() for name, tensor in model.state().items()},
            "optimiser": optimiser.state_dict(),
        }
        with replacing(target) as partial:
            torch.save(content, partial)
        return target

    def _by_age(self) -> list[Path]:
        """The newest first."""
        return sorted(self._folder.glob("step-*.pt"), reverse=True)

    def _best(self) -> list[Path]:
        path = self._folder / BEST
        return [path] if path.exists() else []


def read(path: Path) -> dict[str, Any]:
    """What a checkpoint holds, on the CPU. It is data alone: reading it runs nothing from it.

    Raises:
        RemaskError: it is damaged, or of another format.
    """
    try:
        with zipfile.ZipFile(path) as archive:  # torch itself does not compare the checksums
            damaged = archive.testzip()
        if damaged is not None:
            raise RemaskError(f"the checkpoint {path} is damaged")
        content: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
        if content["format"] != FORMAT:
            raise RemaskError(f"the checkpoint {path} is of another version of Remask")
    except (OSError, EOFError, KeyError, RuntimeError, zipfile.BadZipFile, pickle.UnpicklingError) as problem:
        raise RemaskError(f"the checkpoint {path} cannot be read: {problem}") from problem
    return content


@contextlib.contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """A path to write to, which takes the place of `target` once all is on disk.

    Raises:
        RemaskError: that fails; `target` is as it was.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f"{target.name}.partial")
    try:
        yield partial
        with partial.open("rb+") as file:
            os.fsync(file.fileno())
        partial.replace(target)
    except (OSError, RuntimeError) as problem:
        raise RemaskError(
            f"{target} cannot be written: {problem}", hint="Is the disk full, or the folder read-only?"
        ) from problem
    finally:
        partial.unlink(missing_ok=True)
