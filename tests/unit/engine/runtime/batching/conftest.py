"""The toy model as several fills share it, on plain caches and in a pool as on a GPU."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
import torch

from lsp_server.engine.runtime.attempt import Model
from lsp_server.engine.runtime.batching.front import Front
from lsp_server.engine.runtime.batching.pool import Pool
from lsp_server.engine.runtime.batching.shared import share
from lsp_server.engine.runtime.fill import DiffusionFiller
from lsp_server.engine.runtime.kv import KV, ContextCache
from lsp_server.engine.runtime.network import Network
from lsp_server.engine.runtime.weights import Weights

CPU = torch.device("cpu")


@pytest.fixture
def front() -> Iterator[Front]:
    """Closed after the test."""
    made = Front()
    yield made
    made.close()


def kind(weights: Weights) -> tuple[object, ...]:
    return (weights.architecture, weights.dtype, CPU, weights.seed_width)


@pytest.fixture(params=["plain", "pool", "small pool"])
def new_kv(request: pytest.FixtureRequest) -> Callable[[Weights], Callable[[], KV]]:
    """Makes caches: with memory of their own, in a pool, or in a pool too small for all and for long ones."""

    def maker(weights: Weights) -> Callable[[], KV]:
        a, dtype, width = weights.architecture, weights.dtype, weights.seed_width
        if request.param == "plain":
            return lambda: KV(a, dtype, CPU, width)
        slots, capacity = (64, 1024) if request.param == "pool" else (2, 48)
        return Pool(a, dtype, CPU, width, slots=slots, capacity=capacity).new

    return maker


@pytest.fixture
def shared(sketching: Model, front: Front, new_kv: Callable[[Weights], Callable[[], KV]]) -> DiffusionFiller:
    """The toy model with a sketcher for four fills at once."""
    weights = sketching.network.weights
    network = Network(share(weights, front), mask_id=sketching.network.mask_id)
    cache = ContextCache(
        weights.architecture, weights.dtype, CPU, weights.seed_width, max_contexts=12, new=new_kv(weights)
    )
    model = replace(sketching, network=network, cache=cache)
    return DiffusionFiller(model, "toy", "0" * 64, "cpu, fp32, toy", front=front, parallel=4)


@pytest.fixture
def alone(sketching: Model) -> DiffusionFiller:
    """The same model for one fill at a time."""
    return DiffusionFiller(sketching, "toy", "0" * 64, "cpu, fp32, toy")
