"""Both networks learn: a few steps on one example bring its loss down."""

from __future__ import annotations

import random

import pytest
import torch

from lsp_server.training.denoiser.denoiser import Denoiser
from lsp_server.training.denoiser.frozen import FrozenBase
from lsp_server.training.denoiser.initial import fit_maps
from lsp_server.training.denoiser.sketcher import Sketcher
from lsp_server.training.examples.example import Example


@pytest.mark.parametrize("recompute", [False, True])
def test_the_denoiser_learns(base: FrozenBase, example: Example, recompute: bool) -> None:
    """With and without recomputing, and nothing of the base changes."""
    torch.manual_seed(0)
    model = Denoiser(base, mask=90, rank=8, recompute=recompute)
    before = base.embedding.clone()
    losses = steps(model, example, 60)  # half of the loss is the random base's own entropy
    assert sum(losses[-5:]) < 0.6 * sum(losses[:5])
    assert torch.equal(base.embedding, before)


def test_the_sketcher_learns(base: FrozenBase, example: Example) -> None:
    """From fitted maps on."""
    torch.manual_seed(0)
    model = Sketcher(base, layers=(2,), features=(1,), rank=8, blocks=16)
    fit_maps(model, [example])
    losses = steps(model, example, 30)
    assert sum(losses[-5:]) < 0.85 * sum(losses[:5])


def test_fitted_maps_come_near_the_states_they_stand_for(base: FrozenBase, example: Example) -> None:
    """After fitting, a known row enters nearly as the base's own state does; before, as nothing."""
    model = Sketcher(base, layers=(2,), features=(1,), rank=8)
    assert model.known_map.abs().max() == 0
    fit_maps(model, [example] * 3)
    text = torch.tensor([[*example.context, example.last, *example.middle]])
    clean = base.read(text, kept=(), entering=(1, 2))
    shown = torch.nn.functional.rms_norm(base.embedding[text[0, 1:]], (32,))
    entered = torch.cat([model.seeds(clean)[0, :-1], shown], -1) @ model.known_map.T
    wanted = clean.entering[2][0, 1:]
    assert (entered - wanted).norm() < 0.3 * wanted.norm()


def steps(model: torch.nn.Module, example: Example, count: int) -> list[float]:
    """Losses of so many steps on one example."""
    optimiser = torch.optim.AdamW(model.parameters(), 0.02)
    losses = []
    for number in range(count):
        outcome = model.loss([example, example], random.Random(number))
        outcome.loss.backward()
        optimiser.step()
        optimiser.zero_grad()
        losses.append(outcome.loss.item())
    assert outcome.counts
    return losses
