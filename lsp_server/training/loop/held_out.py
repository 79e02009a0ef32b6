"""The loss on examples that are never trained on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from lsp_server.training.examples.example import Example
from lsp_server.training.loop.distributed import Team
from lsp_server.training.loop.interface import Trainable
from lsp_server.training.loop.meter import Meter
from lsp_server.training.loop.step import seeded


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Mean loss of the examples, and the model's figures."""

    loss: float
    figures: dict[str, float]


@torch.no_grad()
def evaluate(
    model: Trainable, examples: Sequence[Example], team: Team, *, together: int, seed: int
) -> Evaluation:
    """The same noise each time; processes share the work. A loss without examples is NaN."""
    own, meter, total = examples[team.rank :: team.size], Meter(), 0.0
    for start in range(0, len(own), together):
        piece = own[start : start + together]
        outcome = model.loss(piece, seeded(seed, "held out", team.rank, start))
        total += float(outcome.loss) * len(piece)
        meter.add(outcome.counts)
    loss, weight = team.sums(total, len(own))
    figures = Meter.of(team.gather(meter.sums())).figures()
    return Evaluation(loss / weight if weight else float("nan"), figures)
