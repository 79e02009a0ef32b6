"""Keys and values of contexts already read, reused as far as tokens agree.

The context is causal and read by the frozen base, so a cached position is exact
whatever follows it: no approximation is involved in reuse.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from lsp_server.engine.runtime.architecture import Architecture

_STEP = 256


class KV:
    """The cache of one token sequence.

    `keys` and `values` have shape (layers, capacity, kv_heads, head_dim), so that a layer's valid
    positions lie together; the first ``len(tokens)`` are valid, what lies behind is scratch for one
    pass. `seeds` (capacity, width) are what a sketcher starts from at a position, zeros where
    they were not asked for; width 0 without one.
    """

    def __init__(
        self, architecture: Architecture, dtype: torch.dtype, device: torch.device, seed_width: int = 0
    ) -> None:
        self._architecture = architecture
        self.seeds = torch.empty((0, seed_width), dtype=torch.bfloat16, device=device)
        shape = (architecture.layers, 0, architecture.kv_heads, architecture.head_dim)
        self.keys = torch.empty(shape, dtype=dtype, device=device)
        self.values = torch.empty(shape, dtype=dtype, device=device)
        self.tokens: list[int] = []

    @property
    def bytes(self) -> int:
        """Memory held."""
        return (
            2 * self.keys.numel() * self.keys.element_size() + self.seeds.numel() * self.seeds.element_size()
        )

    def reserve(self, positions: int) -> None:
        """Make room for so many positions, keeping the valid ones."""
        capacity = self.keys.shape[1]
        if positions <= capacity:
            return
        grown = -(-positions // _STEP) * _STEP
        self.keys, self.values = (self._grow(old, grown) for old in (self.keys, self.values))
        seeds = self.seeds.new_empty((grown, self.seeds.shape[1]))
        seeds[: len(self.tokens)] = self.seeds[: len(self.tokens)]
        self.seeds = seeds

    def _grow(self, old: Tensor, capacity: int) -> Tensor:
        layers, _, heads, width = old.shape
        new = torch.empty((layers, capacity, heads, width), dtype=old.dtype, device=old.device)
        valid = len(self.tokens)
        new[:, :valid] = old[:, :valid]
        return new

    @property
    def seed(self) -> Tensor | None:
        """What a sketcher starts from behind the last valid position, (width,); None if not asked for."""
        seed = self.seeds[len(self.tokens) - 1] if self.tokens else None
        return seed if seed is not None and bool(seed.any()) else None

    def truncate(self, length: int) -> None:
        """Forget everything from position `length` on."""
        del self.tokens[length:]

    def copy_prefix(self, other: KV, length: int) -> None:
        """Become a copy of the first `length` positions of `other`."""
        self.tokens.clear()
        self.reserve(length)
        self.keys[:, :length] = other.keys[:, :length]
        self.values[:, :length] = other.values[:, :length]
        self.seeds[:length] = other.seeds[:length]
        self.tokens.extend(other.tokens[:length])


def agreement(a: Sequence[int], b: Sequence[int]) -> int:
    """How many leading tokens two sequences share."""
    count = 0
    for x, y in zip(a, b, strict=False):
        if x != y:
            break
        count += 1
    return count


class ContextCache:
    """Several cached contexts under one memory bound, least recently used first out."""

    def __init__(
        self,
        architecture: Architecture,
        dtype: torch.dtype,
        device: torch.device,
        seed_width: int = 0,
        *,
        max_bytes: int = 256 << 20,
        max_contexts: int = 8,
    ) -> None:
        self._kind = (architecture, dtype, device, seed_width)
        self._max_bytes = max_bytes
        self._max_contexts = max_contexts
        self._contexts: list[KV] = []

    @property
    def bytes(self) -> int:
        """Memory held by all contexts."""
        return sum(kv.bytes for kv in self._contexts)

    def open(self, tokens: Sequence[int], *, keep: bool = False) -> KV:
        """A cache whose valid positions are a prefix of `tokens`, as long as can be had.

        The best-agreeing context is cut and used itself if most of it agrees;
        otherwise, or if no context is to be lost (`keep`), it stays as it is and the
        shared start is copied.
        """
        best = max(self._contexts, key=lambda kv: agreement(kv.tokens, tokens), default=None)
        shared = agreement(best.tokens, tokens) if best else 0
        if best is not None and (1 if keep else 2) * shared >= len(best.tokens):
            kv = best
            kv.truncate(shared)
        else:
            kv = KV(*self._kind)
            if best is not None and shared:
                kv.copy_prefix(best, shared)
            self._contexts.append(kv)
        self._contexts.remove(kv)
        self._contexts.append(kv)
        self._evict()
        return kv

    def clear(self) -> None:
        """Forget all contexts."""
        self._contexts.clear()

    def _evict(self) -> None:
        while len(self._contexts) > 1 and (
            len(self._contexts) > self._max_contexts or self.bytes > self._max_bytes
        ):
            del self._contexts[0]
