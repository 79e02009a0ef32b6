"""Keys and values of contexts already read, reused as far as tokens agree.

The context is causal and read by the frozen base, so a cached position is exact
whatever follows it: no approximation is involved in reuse.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

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

    def close(self) -> None:
        """Nobody will use it again."""


def agreement(a: Sequence[int], b: Sequence[int]) -> int:
    """How many leading tokens two sequences share."""
    count = 0
    for x, y in zip(a, b, strict=False):
        if x != y:
            break
        count += 1
    return count


@dataclass(slots=True, eq=False)
class _Held:
    """A context of the cache.

    `owner` is the thread that fills with it, or None; until it opens another, the first
    `settled` positions only come to be read and do not change.
    """

    kv: KV
    owner: int | None = None
    settled: int = 0

    def agreement(self, tokens: Sequence[int], thread: int) -> int:
        """How many leading positions `thread` can have, to use or to copy."""
        shared = agreement(self.kv.tokens, tokens)
        return shared if self.free_for(thread) else min(shared, self.settled)

    def free_for(self, thread: int) -> bool:
        """Whether `thread` may change it."""
        return self.owner in {None, thread}


class ContextCache:
    """Several cached contexts under one memory bound, least recently used first out.

    Any thread may open one. What a thread has opened is its own, never changed or dropped for
    another thread, until it says `release`; others copy what they share with it.
    """

    def __init__(
        self,
        architecture: Architecture,
        dtype: torch.dtype,
        device: torch.device,
        seed_width: int = 0,
        *,
        max_bytes: int = 256 << 20,
        max_contexts: int = 32,
        new: Callable[[], KV] | None = None,
    ) -> None:
        self._new = new or (lambda: KV(architecture, dtype, device, seed_width))
        self._max_bytes = max_bytes
        self._max_contexts = max_contexts
        self._contexts: list[_Held] = []
        self._lock = threading.Lock()

    @property
    def contexts(self) -> int:
        """How many are held."""
        return len(self._contexts)

    @property
    def bytes(self) -> int:
        """Memory held by all contexts."""
        return sum(held.kv.bytes for held in list(self._contexts))

    def open(self, tokens: Sequence[int], *, keep: bool = False) -> KV:
        """A cache whose valid positions are a prefix of `tokens`, as long as can be had.

        It is the calling thread's, which must not cut it shorter than `tokens`. The best-agreeing
        context is cut and used itself if most of it agrees; otherwise, or if no context is to be
        lost (`keep`), or if another thread fills with it, it stays as it is and the shared start is copied.
        """
        thread = threading.get_ident()
        with self._lock:
            best = max(
                self._contexts,
                key=lambda held: (held.agreement(tokens, thread), held.free_for(thread)),
                default=None,
            )
            shared = best.agreement(tokens, thread) if best else 0
            if best and best.free_for(thread) and (1 if keep else 2) * shared >= len(best.kv.tokens):
                held = best
                held.kv.truncate(shared)
                self._contexts.remove(held)
            else:
                held = _Held(self._new())
                if best and shared:
                    held.kv.copy_prefix(best.kv, shared)
            held.owner, held.settled = thread, len(tokens)
            self._contexts.append(held)
            self._evict()
            return held.kv

    def release(self) -> None:
        """The calling thread's contexts are anybody's again."""
        thread = threading.get_ident()
        with self._lock:
            for held in self._contexts:
                if held.owner == thread:
                    held.owner = None
            self._evict()

    def clear(self) -> None:
        """Forget all contexts."""
        with self._lock:
            for held in self._contexts:
                held.kv.close()
            self._contexts.clear()

    def _evict(self) -> None:
        """Drop what is over the bounds, never the newest nor what another thread fills with."""
        thread = threading.get_ident()
        for held in self._contexts[:-1]:
            if len(self._contexts) <= self._max_contexts and self.bytes <= self._max_bytes:
                return
            if held.free_for(thread):
                self._contexts.remove(held)
                held.kv.close()
