"""Slots of static buffers."""

from __future__ import annotations

import torch

from lsp_server.engine.runtime.architecture import Architecture
from lsp_server.engine.runtime.batching.pool import Pool, SlotKV
from lsp_server.engine.runtime.kv import KV, ContextCache

CPU = torch.device("cpu")


def pool(architecture: Architecture, slots: int = 2) -> Pool:
    return Pool(architecture, torch.float32, CPU, 8, slots=slots, capacity=16)


def test_a_cache_is_a_view_of_its_slot(architecture: Architecture) -> None:
    """Nothing is allocated for it, and what is written lands in the pool."""
    made = pool(architecture)
    kv = made.new()
    assert isinstance(kv, SlotKV)
    kv.reserve(16)
    kv.keys[1, 3] = 7
    assert bool((made.keys[1, kv.slot, 3] == 7).all())
    assert kv.seeds.data_ptr() == made.seeds[kv.slot].data_ptr()


def test_without_a_slot_there_is_memory(architecture: Architecture) -> None:
    """An exhausted pool turns nobody away."""
    made = pool(architecture)
    assert [type(made.new()) for _ in range(3)] == [SlotKV, SlotKV, KV]


def test_one_that_outgrows_its_slot_moves(architecture: Architecture) -> None:
    """Its positions go along, the slot is free, and closing it later gives nothing back twice."""
    made = pool(architecture)
    kv = made.new()
    assert isinstance(kv, SlotKV)
    kv.reserve(3)
    kv.keys[:, :3] = 5
    kv.tokens += [1, 2, 3]
    kv.reserve(17)
    assert kv.slot is None
    assert made.free == 2
    assert bool((kv.keys[:, :3] == 5).all())
    made.keys.zero_()
    assert bool((kv.keys[:, :3] == 5).all())
    kv.close()
    assert made.free == 2


def test_forgotten_contexts_give_their_slots_back(architecture: Architecture) -> None:
    """By eviction and by clearing."""
    made = pool(architecture)
    cache = ContextCache(architecture, torch.float32, CPU, 8, max_contexts=1, new=made.new)
    for token in range(5):
        cache.open([token, token]).tokens.extend([token, token])
    assert made.free == 1
    cache.clear()
    assert made.free == 2
