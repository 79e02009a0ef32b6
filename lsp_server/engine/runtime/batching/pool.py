"""Keys and values of many sequences in buffers that are made once."""

from __future__ import annotations

import threading

import torch

from lsp_server.engine.runtime.architecture import Architecture
from lsp_server.engine.runtime.kv import KV


class Pool:
    """`slots` caches of `capacity` positions each.

    `keys` and `values` have shape (layers, slots, capacity, kv_heads, head_dim), `seeds`
    (slots, capacity, seed_width). They begin as zeros and hold finite numbers from then on, so that what is
    masked may be multiplied with.
    """

    def __init__(
        self,
        architecture: Architecture,
        dtype: torch.dtype,
        device: torch.device,
        seed_width: int = 0,
        *,
        slots: int,
        capacity: int,
    ) -> None:
        self.kind = (architecture, dtype, device, seed_width)
        shape = (architecture.layers, slots, capacity, architecture.kv_heads, architecture.head_dim)
        self.keys = torch.zeros(shape, dtype=dtype, device=device)
        self.values = torch.zeros(shape, dtype=dtype, device=device)
        self.seeds = torch.zeros((slots, capacity, seed_width), dtype=torch.bfloat16, device=device)
        self._free = list(reversed(range(slots)))
        self._lock = threading.Lock()

    @property
    def free(self) -> int:
        """Slots that nobody has."""
        return len(self._free)

    def new(self) -> KV:
        """An empty cache in a slot; one with memory of its own if there is none left."""
        with self._lock:
            slot = self._free.pop() if self._free else None
        return KV(*self.kind) if slot is None else SlotKV(self, slot)

    def give_back(self, slot: int) -> None:
        """Nobody uses the slot any more."""
        with self._lock:
            self._free.append(slot)


class SlotKV(KV):
    """A cache in a slot of a pool. One that outgrows its slot moves to memory of its own."""

    def __init__(self, pool: Pool, slot: int) -> None:
        super().__init__(*pool.kind)
        self.pool = pool
        self.slot: int | None = slot
        self.keys, self.values, self.seeds = pool.keys[:, slot], pool.values[:, slot], pool.seeds[slot]

    def reserve(self, positions: int) -> None:
        """See `KV.reserve`."""
        super().reserve(positions)
        if positions > self.pool.keys.shape[2]:
            self.close()

    def close(self) -> None:
        """See `KV.close`: the slot is free for another."""
        slot, self.slot = self.slot, None
        if slot is not None:
            self.pool.give_back(slot)
