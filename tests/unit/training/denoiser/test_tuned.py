"""The base tuned to somebody's code: it learns, only in its last layers, and is judged by the hole."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
import torch

from lsp_server.training.denoiser.frozen import FrozenBase, FrozenLayer
from lsp_server.training.denoiser.tuned import TunedBase
from lsp_server.training.examples.example import Example


def tuned(base: FrozenBase) -> TunedBase:
    torch.manual_seed(0)
    return TunedBase(base, layers=(1, 2), rank=8)


def learn(model: TunedBase, example: Example, steps: int) -> None:
    optimiser = torch.optim.AdamW(model.parameters(), 0.02)
    for number in range(steps):
        model.loss(
            [example, replace(example, middle=example.middle[:3])], random.Random(number)
        ).loss.backward()
        optimiser.step()
        optimiser.zero_grad()


def judged(model: TunedBase, *examples: Example) -> float:
    with torch.no_grad():
        return float(model.loss(examples, random.Random(0)).loss)


def test_it_learns_what_stands_in_the_hole(base: FrozenBase, example: Example) -> None:
    """A few steps bring the loss of the hole down; the base stays as it is, and so do untrained layers."""
    model, before = tuned(base), base.layers[2].linears["qkv"].clone()
    first = judged(model, example)
    learn(model, example, 40)
    assert judged(model, example) < 0.3 * first
    assert torch.equal(base.layers[2].linears["qkv"], before)
    assert {name.split(".")[2] for name in model.state()} == {"1", "2"}


def test_only_the_hole_is_judged(base: FrozenBase, example: Example) -> None:
    """Without a gradient other tokens around the hole count for nothing, behind it nothing is seen."""
    other = replace(example, context=(*example.context[:-1], 60))
    model = tuned(base)
    with torch.no_grad():
        outcome = model.loss([example], random.Random(0))
    assert outcome.counts["loss"][1] == len(example.middle) + 1
    assert outcome.counts["cross entropy around"][1] == 0
    assert judged(model, example, other) == pytest.approx((judged(model, example) + judged(model, other)) / 2)


def test_a_new_one_reads_as_the_base_does(base: FrozenBase, example: Example) -> None:
    """Before the first step nothing is changed, whatever stands behind in the batch."""
    text = torch.tensor([[*example.context, example.last, *example.middle]])
    assert torch.allclose(tuned(base).hidden(text), base.read(text, kept=()).hidden, atol=1e-5)


def test_what_was_learnt_is_what_the_engine_merges(base: FrozenBase, example: Example) -> None:
    """The trained network, and the base with ``B @ A`` added to its weights, read the same."""
    from lsp_server.engine.runtime.adapter import TUNED, Adapter, _pairs
    from lsp_server.engine.runtime.weights import FUSED
    from lsp_server.training.denoiser.lora import widths

    model = tuned(base)
    learn(model, example, 3)
    state = {name: tensor.detach() for name, tensor in model.state().items()}
    adapter = Adapter({}, torch.zeros(32), 1.0, tuned=_pairs(state, TUNED))
    sizes = widths(base.architecture)

    def merged(index: int, layer: FrozenLayer) -> FrozenLayer:
        linears = {}
        for name, parts in FUSED.items():
            pieces = layer.linears[name].split([sizes[part][1] for part in parts])
            linears[name] = torch.cat(
                [adapter.based(piece, index, part) for piece, part in zip(pieces, parts, strict=True)]
            )
        return replace(layer, linears=linears)

    layers = [merged(index, layer) for index, layer in enumerate(base.layers)]
    served = FrozenBase(base.architecture, layers, base.embedding, base.last_norm)
    text = torch.tensor([[*example.context, example.last, *example.middle]])
    assert torch.allclose(model.hidden(text), served.read(text, kept=()).hidden, atol=1e-4)
