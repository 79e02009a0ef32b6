"""What the loop asks of a model and of a source of examples."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from torch import Tensor
from torch.nn import Parameter

from lsp_server.training.examples.example import Example


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a forward pass gave.

    `loss` is a scalar with a gradient, the mean over the examples. `counts` are figures to
    show, each as a sum and the weight to divide it by, so that they add up over passes.
    """

    loss: Tensor
    counts: Mapping[str, tuple[float, float]]


class Trainable(Protocol):
    """A model of which some tensors are trained."""

    def parameters(self) -> Iterable[Parameter]:
        """Those that are trained, always in the same order."""

    def loss(self, examples: Sequence[Example], rng: random.Random) -> Outcome:
        """One forward pass; noise is drawn from `rng` alone."""

    def state(self) -> dict[str, Tensor]:
        """The trained tensors, fp32."""

    def load_state(self, state: Mapping[str, Tensor]) -> None:
        """Take over what `state` gave."""

    def save_adapter(self, path: Path, about: Mapping[str, str]) -> None:
        """Write the trained tensors as the engine loads them, with `about` as metadata."""


class Source(Protocol):
    """An endless row of examples."""

    def at(self, index: int) -> Example | None:
        """Example number `index`, always the same one; None in the rare case that there is none."""
