"""One step: some forward passes, their gradients together, the optimiser."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch.optim import AdamW

from lsp_server.core.errors import RemaskError
from lsp_server.training.examples.example import Example
from lsp_server.training.loop.distributed import Team
from lsp_server.training.loop.interface import Trainable
from lsp_server.training.loop.meter import Meter
from lsp_server.training.loop.optimiser import set_rate
from lsp_server.training.loop.settings import TrainSettings


@dataclass(frozen=True, slots=True)
class Step:
    """What a step gave. `loss` and `norm` of the gradient are of all processes, `meter` is of this one."""

    loss: float
    norm: float
    taken: bool
    meter: Meter


class Stepper:
    """Takes steps. `say` is told when memory runs out."""

    def __init__(
        self,
        model: Trainable,
        optimiser: AdamW,
        team: Team,
        settings: TrainSettings,
        say: Callable[[str], None],
    ) -> None:
        self._model = model
        self._optimiser = optimiser
        self._team = team
        self._settings = settings
        self._say = say
        self._parameters = [each for each in model.parameters() if each.requires_grad]
        self._most = settings.batch

    def take(self, examples: Sequence[Example], number: int, rate: float) -> Step:
        """Take step `number` with the learning rate `rate`; not finite ones change nothing.

        Raises:
            RemaskError: one example alone does not fit into memory.
        """
        set_rate(self._optimiser, rate)
        meter, loss = self._passes(examples, number)
        loss = self._team.share_gradients(self._parameters, loss, len(examples))
        norm = float(torch.nn.utils.clip_grad_norm_(self._parameters, self._settings.clip))
        taken = math.isfinite(loss) and math.isfinite(norm)
        if taken:
            self._optimiser.step()
        self._optimiser.zero_grad(set_to_none=True)
        return Step(loss, norm, taken, meter)

    def _passes(self, examples: Sequence[Example], number: int) -> tuple[Meter, float]:
        """Leave the sum of the examples' gradients in the parameters; figures and sum of losses."""
        while True:
            done = self._try_passes(examples, number)
            if done is not None:
                return done
            self._optimiser.zero_grad(set_to_none=True)
            if torch.cuda.is_available():
                torch.cuda.empty_cache()
            if self._most == 1:
                raise RemaskError(
                    "one example alone does not fit into memory",
                    hint="Use a device with more memory, or shorter examples.",
                )
            self._most //= 2
            self._say(
                f"out of memory: {self._most} examples in a forward pass from here on, a step is the same"
            )

    def _try_passes(self, examples: Sequence[Example], number: int) -> tuple[Meter, float] | None:
        """As `_passes`, or None when memory runs out."""
        meter, total = Meter(), 0.0
        try:
            for start in range(0, len(examples), self._most):
                piece = examples[start : start + self._most]
                noise = seeded(self._settings.seed, "step", number, self._team.rank, start)
                outcome = self._model.loss(piece, noise)
                (outcome.loss * len(piece)).backward()  # type: ignore[no-untyped-call]
                total += float(outcome.loss.detach()) * len(piece)
                meter.add(outcome.counts)
        except (RuntimeError, MemoryError) as problem:
            if not is_out_of_memory(problem):
                raise
            return None
        return meter, total


def seeded(seed: int, *place: str | int) -> random.Random:
    """The randomness that belongs to a place of the run; torch's own is set to it too."""
    rng = random.Random(" ".join(map(str, (seed, *place))))  # noqa: S311 - not for secrets
    torch.manual_seed(rng.getrandbits(63))
    return rng


def is_out_of_memory(problem: Exception) -> bool:
    """Whether memory ran out; on a CPU torch says so in words alone."""
    if isinstance(problem, (torch.OutOfMemoryError, MemoryError)):
        return True
    said = str(problem).lower()
    return "not enough memory" in said or "can't allocate memory" in said
