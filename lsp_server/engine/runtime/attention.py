"""What the positions of a pass see: the cached ones before them, and each other."""

from __future__ import annotations

from typing import Protocol

import torch
from torch import Tensor
from torch.nn import functional

from lsp_server.engine.runtime.architecture import Architecture
from lsp_server.engine.runtime.kv import KV


class Attention(Protocol):
    """The attention of one pass, whatever sequences its rows belong to."""

    def __call__(self, index: int, turned: Tensor, values: Tensor) -> Tensor:
        """What layer `index` gathers for each row: (n, heads * head_dim).

        `turned` (n, heads + kv_heads, head_dim) are queries and then keys, turned to their positions,
        `values` (n, kv_heads, head_dim). Keys and values are left behind what is cached.
        """


class Alone:
    """The attention of `count` positions behind the valid ones of one `kv`, which has room for them.

    They see each other, only backwards if `causal`.
    """

    def __init__(self, architecture: Architecture, kv: KV, count: int, *, causal: bool) -> None:
        self._architecture = architecture
        self._kv = kv
        self._start = len(kv.tokens)
        self._mask = self._causal_mask(count) if causal and count > 1 else None

    def __call__(self, index: int, turned: Tensor, values: Tensor) -> Tensor:
        """See `Attention.__call__`.

        The query heads that share a key head are laid end to end, (kv_heads,
        queries_per_key * n, head_dim), so that keys and values need no copies.
        """
        a, kv, n = self._architecture, self._kv, len(turned)
        end = self._start + n
        kv.keys[index, self._start : end] = turned[:, a.heads :]
        kv.values[index, self._start : end] = values
        grouped = turned[:, : a.heads].view(n, a.kv_heads, a.queries_per_key, a.head_dim).permute(1, 2, 0, 3)
        out = functional.scaled_dot_product_attention(
            grouped.reshape(1, a.kv_heads, -1, a.head_dim),
            kv.keys[index, None, :end].transpose(1, 2),
            kv.values[index, None, :end].transpose(1, 2),
            attn_mask=self._mask,
        )
        out = out.view(a.kv_heads, a.queries_per_key, n, a.head_dim).permute(2, 0, 1, 3)
        return out.reshape(n, -1)

    def _causal_mask(self, count: int) -> Tensor:
        """(queries_per_key * count, start + count): what each query may see."""
        seen = torch.ones(count, self._start + count, dtype=torch.bool, device=self._kv.keys.device)
        return seen.tril(self._start).repeat(self._architecture.queries_per_key, 1)
