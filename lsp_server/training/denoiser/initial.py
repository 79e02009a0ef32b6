"""A start for the sketcher: the linear maps that come nearest to what the base itself would compute.

From zero the maps need hundreds of steps to bring states into the shape that the
sketcher's first layer knows. Ridge regression finds them in one go: from what is given to a row
to the base's own hidden state entering that layer at the row's position.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor
from torch.nn import functional

from lsp_server.training.denoiser.frozen import FrozenBase
from lsp_server.training.denoiser.sketcher import Sketcher, unit
from lsp_server.training.examples.example import Example

RIDGE = 0.02
"""Of the mean square of the inputs."""


@torch.no_grad()
def fit_maps(sketcher: Sketcher, examples: Iterable[Example]) -> None:
    """Set the maps of `sketcher` by the texts of `examples`; a few hundred are enough.

    The known row is fitted to its own position, the masked ones to the position behind it.
    """
    base = sketcher.base
    width = sketcher.known_map.shape[1]
    dim = base.architecture.dim
    square = torch.zeros(2, width, width, device=base.device)
    cross = torch.zeros(2, width, dim, device=base.device)
    for example in examples:
        text = [*example.context, example.last, *example.middle, example.end]
        inputs, states = _pairs(sketcher, base, torch.tensor(text, device=base.device))
        for ahead in range(2):
            given, wanted = inputs[: len(inputs) - ahead], states[ahead:]
            square[ahead] += given.T @ given
            cross[ahead] += given.T @ wanted
    penalty = torch.eye(width, device=base.device) * RIDGE
    for ahead, target in enumerate((sketcher.known_map, sketcher.masked_map)):
        scale = square[ahead].diagonal().mean().clamp_min(1e-6)
        target.copy_(torch.linalg.solve(square[ahead] + scale * penalty, cross[ahead]).T)


def _pairs(sketcher: Sketcher, base: FrozenBase, tokens: Tensor) -> tuple[Tensor, Tensor]:
    """For positions 1 to n - 1: what a row there is given, and what entered the sketcher's first layer."""
    first = sketcher.layers.indices[0]
    clean = base.read(tokens[None], kept=(), entering=(*sketcher.features, first))
    shown = unit(functional.embedding(tokens[1:], base.embedding))
    given = torch.cat([sketcher.seeds(clean)[0, :-1], shown], -1)
    return given.float(), clean.entering[first][0, 1:].float()
