"""Attention of several sequences in one call, padded to the longest."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from lsp_server.engine.runtime.architecture import Architecture
from lsp_server.engine.runtime.batching.pool import SlotKV

_MULTIPLE = 64
"""Keys are padded to a multiple of so many, as kernels like it."""


class Padded:
    """The attention of new positions behind the valid ones of sequences in slots of one pool.

    `counts` are how many new positions each has; they lie end to end. They see each other,
    only backwards if `causal`.
    """

    def __init__(
        self, architecture: Architecture, slots: Sequence[SlotKV], counts: Sequence[int], *, causal: bool
    ) -> None:
        self._architecture = architecture
        self._pool = pool = slots[0].pool
        device = pool.keys.device
        starts = [len(kv.tokens) for kv in slots]
        ends = [start + count for start, count in zip(starts, counts, strict=True)]
        longest = -(-max(ends) // _MULTIPLE) * _MULTIPLE
        self._length = min(longest, pool.keys.shape[2])
        self._width = max(counts)
        self._slots = torch.tensor([kv.slot for kv in slots], device=device)
        owner = [(row, place) for row, count in enumerate(counts) for place in range(count)]
        self._row, self._place = torch.tensor(owner, device=device).T
        start, end = torch.tensor([starts, ends], device=device)[..., None, None]
        self._slot_of, self._at = self._slots[self._row], start[self._row, 0, 0] + self._place
        key = torch.arange(self._length, device=device)
        place = torch.arange(self._width, device=device)[None, :, None]
        seen = (key <= start + place) if causal else (key < end)
        shape = (len(slots), self._width, self._length)
        mask = seen.expand(shape).repeat(1, architecture.queries_per_key, 1)
        self._mask = mask[:, None]

    def __call__(self, index: int, turned: Tensor, values: Tensor) -> Tensor:
        """See `Attention.__call__`."""
        a, pool = self._architecture, self._pool
        pool.keys[index, self._slot_of, self._at] = turned[:, a.heads :]
        pool.values[index, self._slot_of, self._at] = values
        keys, read = (
            buffer[index, :, : self._length].index_select(0, self._slots).transpose(1, 2)
            for buffer in (pool.keys, pool.values)
        )
        count = len(self._slots)
        queries = turned.new_zeros((count, self._width, a.heads, a.head_dim))
        queries[self._row, self._place] = turned[:, : a.heads]
        grouped = queries.view(count, self._width, a.kv_heads, a.queries_per_key, a.head_dim)
        out = functional.scaled_dot_product_attention(
            grouped.permute(0, 2, 3, 1, 4).reshape(count, a.kv_heads, -1, a.head_dim),
            keys,
            read,
            attn_mask=self._mask,
        )
        out = out.view(count, a.kv_heads, a.queries_per_key, self._width, a.head_dim).permute(0, 3, 1, 2, 4)
        return out[self._row, self._place].reshape(len(turned), -1)
