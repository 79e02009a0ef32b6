"""What an engine for several fills is made of."""

from __future__ import annotations

import pytest
import torch

from lsp_server.engine.runtime.batching.several import (
    bytes_per_position,
    contexts_for,
    fills_at_once,
    network_for,
)
from lsp_server.engine.runtime.kv import KV
from lsp_server.engine.runtime.weights import Weights


@pytest.mark.parametrize(
    ("wanted", "device", "expected"), [(0, "cpu", 1), (0, "cuda", 32), (1, "cuda", 1), (4, "cpu", 4)]
)
def test_how_many_fills_run_at_once(wanted: int, device: str, expected: int) -> None:
    """0 is one on a processor and 32 on a GPU; what is wished for holds."""
    assert fills_at_once(wanted, torch.device(device)) == expected


def test_one_fill_at_a_time_needs_nothing_of_this(weights: Weights) -> None:
    """The network is made of the weights themselves, and there is no further thread."""
    network, front = network_for(1, weights, mask_id=1, before_pass=lambda: None)
    assert network.weights is weights
    assert front is None


def test_there_is_a_context_for_every_fill(weights: Weights) -> None:
    """More than the eight of an engine for one: none of those that wait for their next fill is dropped."""
    contexts = contexts_for(8, weights, max_bytes=1 << 30)
    for token in range(24):
        contexts.open([token, token]).tokens.extend([token, token])
    assert all(contexts.open([token, token]).tokens for token in range(24))


def test_the_memory_of_a_position_is_what_a_cache_takes(weights: Weights) -> None:
    """By which slots are counted out."""
    kv = KV(weights.architecture, weights.dtype, weights.device, weights.seed_width)
    kv.reserve(256)
    assert kv.bytes == 256 * bytes_per_position(weights)
