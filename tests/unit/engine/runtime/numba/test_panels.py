"""How weights are laid out."""

from __future__ import annotations

import ctypes

import numpy as np
import pytest
import torch

from lsp_server.engine.runtime.numba import panels as module
from lsp_server.engine.runtime.numba.layout import PANEL
from lsp_server.engine.runtime.numba.panels import Panels


def at(address: int, size: int) -> np.ndarray:
    """The bytes that lie there."""
    return np.array((ctypes.c_uint8 * size).from_address(address))


def random(outputs: int, inputs: int) -> tuple[torch.Tensor, torch.Tensor]:
    weight = torch.randint(-127, 128, (outputs, inputs), dtype=torch.int8)
    return weight, torch.rand(outputs)


@pytest.mark.parametrize("outputs", [PANEL, 3 * PANEL, PANEL - 1, 2 * PANEL + 5])
def test_weights_lie_as_the_kernels_read_them(outputs: int) -> None:
    """Panel after panel, four inputs of each output side by side, unsigned; scales fill whole panels."""
    weight, scale = random(outputs, 128)
    whole = -(-outputs // PANEL) * PANEL
    panels = Panels(Panels.size(outputs, 128))
    weights, scales = panels.add(weight, scale)
    found = at(weights, whole * 128).reshape(-1, 32, PANEL, 4).transpose(0, 2, 1, 3).reshape(whole, 128)
    assert np.array_equal(found[:outputs].astype(int) - 128, weight.numpy())
    told = at(scales, 4 * whole).view(np.float32)
    assert np.array_equal(told[:outputs], scale.numpy())
    assert not told[outputs:].any()


def test_halves_take_turns() -> None:
    """A group of gates, then the group of what they gate."""
    weight, scale = random(4 * PANEL, 128)
    parts = torch.arange(4 * PANEL).view(4, PANEL)
    order = parts[[0, 2, 1, 3]].flatten()
    turned, plain = Panels(weight.numel()), Panels(weight.numel())
    ours, theirs = turned.add(weight, scale, PANEL), plain.add(weight[order], scale[order])
    for first, second, size in zip(ours, theirs, (weight.numel(), 4 * len(scale)), strict=True):
        assert np.array_equal(at(first, size), at(second, size))


def test_originals_are_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory of the mapped file goes as soon as a product is laid out."""
    let_go: list[torch.Tensor] = []
    monkeypatch.setattr(module, "page_out", let_go.extend)
    weight, scale = random(PANEL, 128)
    Panels(weight.numel()).add(weight, scale)
    assert [tensor.data_ptr() for tensor in let_go] == [weight.data_ptr()]
