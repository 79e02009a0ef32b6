"""What the positions of a pass see of a sequence whose keys and values lie in one cache."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from lsp_server.engine.runtime.architecture import Architecture
from lsp_server.engine.runtime.kv import KV


class Span:
    """The attention of `count` positions from `start` on, which see all of the first `total`.

    Their own keys and values take their place in `kv`, the others are read there as they are. With a
    `block` a position sees its own block, whole, and what is before it: blocks are counted from position 0.
    """

    def __init__(
        self,
        architecture: Architecture,
        kv: KV,
        start: int,
        count: int,
        total: int,
        *,
        block: int | None = None,
    ) -> None:
        self._architecture = architecture
        self._kv = kv
        self._start, self._end, self._total = start, start + count, total
        self._mask = None if block is None else self._block_mask(block)

    def __call__(self, index: int, turned: Tensor, values: Tensor) -> Tensor:
        """See `attention.Attention.__call__`."""
        a, kv, n = self._architecture, self._kv, len(turned)
        kv.keys[index, self._start : self._end] = turned[:, a.heads :]
        kv.values[index, self._start : self._end] = values
        # the query heads that share a key head end to end, so that keys and values need no copies
        grouped = turned[:, : a.heads].view(n, a.kv_heads, a.queries_per_key, a.head_dim).permute(1, 2, 0, 3)
        out = functional.scaled_dot_product_attention(
            grouped.reshape(1, a.kv_heads, -1, a.head_dim),
            kv.keys[index, None, : self._total].transpose(1, 2),
            kv.values[index, None, : self._total].transpose(1, 2),
            attn_mask=self._mask,
        )
        out = out.view(a.kv_heads, a.queries_per_key, n, a.head_dim).permute(2, 0, 1, 3)
        return out.reshape(n, -1)

    def _block_mask(self, block: int) -> Tensor | None:
        """(queries_per_key * count, total): what each query may see; None: everything."""
        device = self._kv.keys.device
        queries = torch.arange(self._start, self._end, device=device) // block
        keys = torch.arange(self._total, device=device) // block
        seen = keys <= queries[:, None]
        return None if bool(seen.all()) else seen.repeat(self._architecture.queries_per_key, 1)
