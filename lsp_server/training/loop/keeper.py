"""What a run leaves on disk: checkpoints and the adapter. Only the first process writes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from torch.optim import Optimizer

from lsp_server.core.errors import BadInput
from lsp_server.training.examples.example import Example
from lsp_server.training.loop.checkpoint import Checkpoints, Standing, replacing
from lsp_server.training.loop.distributed import Team
from lsp_server.training.loop.interface import Source, Trainable
from lsp_server.training.loop.settings import TrainSettings

ADAPTER = "adapter.safetensors"
LOG = "log.jsonl"
CHECKPOINTS = "checkpoints"


@dataclass(frozen=True, slots=True)
class Task:
    """What is trained on what, and the folder it goes to. `about` becomes metadata of the adapter."""

    model: Trainable
    source: Source
    held_out: Sequence[Example]
    folder: Path
    about: dict[str, str] = field(default_factory=dict)


class Keeper:
    """Keeps one run."""

    def __init__(
        self,
        task: Task,
        settings: TrainSettings,
        team: Team,
        optimiser: Optimizer,
        say: Callable[[str], None],
    ) -> None:
        self._task = task
        self._team = team
        self._optimiser = optimiser
        self._checkpoints = Checkpoints(task.folder / CHECKPOINTS, settings.identity(), say)

    @property
    def adapter(self) -> Path:
        """Where the adapter is put."""
        return self._task.folder / ADAPTER

    def restore(self, *, resume: bool, checkpoint: Path | None) -> Standing:
        """Go on where the folder's run, or that of `checkpoint`, stood; else begin.

        Raises:
            BadInput: there is nothing to resume, or a run nobody asked to resume, or one of other settings.
            RemaskError: `checkpoint` cannot be read.
        """
        if not resume and checkpoint is None:
            if self._checkpoints.any():
                raise BadInput(
                    f"{self._task.folder} holds a run already",
                    hint="Add --resume to go on with it, or name another --out folder.",
                )
            return Standing()
        standing = self._checkpoints.restore(self._task.model, self._optimiser, checkpoint)
        if standing is None:
            raise BadInput(
                f"{self._task.folder} holds no checkpoint that can be read",
                hint="Leave --resume away to begin anew.",
            )
        return standing

    def save(self, standing: Standing) -> None:
        """Write a checkpoint; without held-out examples the adapter, too."""
        if not self._team.first:
            return
        self._checkpoints.save(standing, self._task.model, self._optimiser)
        if not self._task.held_out:
            self._write_adapter(standing)

    def save_best(self, standing: Standing) -> None:
        """Write checkpoint and adapter of the best held-out loss so far, if any step was taken."""
        if self._team.first and standing.step:
            self._checkpoints.save_best(standing, self._task.model, self._optimiser)
            self._write_adapter(standing)

    def _write_adapter(self, standing: Standing) -> None:
        about = self._task.about | {
            "trained_steps": str(standing.step),
            "trained_examples": str(standing.index),
        }
        if standing.best is not None:
            about["held_out_loss"] = f"{standing.best:.4f}"
        with replacing(self.adapter) as partial:
            self._task.model.save_adapter(partial, about)
