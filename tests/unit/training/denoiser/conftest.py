"""A tiny base with random weights, for training and as the engine has it."""

from __future__ import annotations

import pytest
import torch

from lsp_server.engine.runtime.architecture import Architecture
from lsp_server.engine.runtime.weights import FUSED
from lsp_server.training.denoiser.frozen import FrozenBase, FrozenLayer
from lsp_server.training.examples.example import Example

torch.set_num_threads(1)  # threads cost more than they save on tensors this small

MASK = 90


@pytest.fixture(scope="session")
def architecture() -> Architecture:
    """Three layers, four query heads over two key heads, a hundred tokens."""
    return Architecture(layers=3, heads=4, kv_heads=2, head_dim=8, dim=32, ff_dim=48, vocab=100)


@pytest.fixture(scope="session")
def base(architecture: Architecture) -> FrozenBase:
    """Random weights in fp32."""
    a, generator = architecture, torch.Generator().manual_seed(0)

    def random(*shape: int) -> torch.Tensor:
        return torch.randn(shape, generator=generator) * 0.2

    shapes = {
        "qkv": (a.qkv_dim, a.dim),
        "o": (a.dim, a.heads * a.head_dim),
        "gate_up": (2 * a.ff_dim, a.dim),
        "down": (a.dim, a.ff_dim),
    }
    layers = [
        FrozenLayer(
            {name: random(*shapes[name]) for name in FUSED},
            random(a.qkv_dim),
            1 + random(a.dim),
            1 + random(a.dim),
        )
        for _ in range(a.layers)
    ]
    return FrozenBase(a, layers, random(a.vocab, a.dim), 1 + random(a.dim))


@pytest.fixture
def example() -> Example:
    """Twelve tokens of context, seven in the hole."""
    return Example(
        context=tuple(range(20, 32)), last=5, middle=(40, 41, 42, 43, 44, 45, 46), end=1, kind="line",
        language="python",
    )  # fmt: skip
