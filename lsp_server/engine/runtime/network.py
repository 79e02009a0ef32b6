"""The forward passes: read context causally, denoise a block in both directions.

Qwen2 (arXiv 2407.10671) with the block diffusion of BD3-LM (arXiv 2503.09573):
a block sees all of the clean context before it and itself. The logits stay
shifted as in the parent model: the hidden state at position i predicts token i + 1.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from lsp_server.engine.runtime.kv import KV
from lsp_server.engine.runtime.weights import Layer, Weights


class Network:
    """One set of weights. `mask_id` marks the positions that take the mask embedding."""

    def __init__(self, weights: Weights, *, mask_id: int) -> None:
        self.weights = weights
        self.mask_id = mask_id
        half = weights.architecture.head_dim // 2
        powers = torch.arange(half, device=weights.device).float() / half
        self._frequencies = weights.architecture.rope_theta ** (-powers)

    @torch.inference_mode()
    def read(self, kv: KV, tokens: Sequence[int]) -> Tensor:
        """Append `tokens` to the context with the base's weights, causally.

        Returns the hidden states, (len(tokens), dim), ready for `logits`.
        """
        past = len(kv.tokens)
        mask = None
        if len(tokens) > 1:
            ones = torch.ones(len(tokens), past + len(tokens), dtype=torch.bool, device=self.weights.device)
            mask = ones.tril(past).repeat(self.weights.architecture.queries_per_key, 1)
        hidden = self._pass(self.weights.base, kv, tokens, mask)
        kv.tokens.extend(tokens)
        return hidden

    @torch.inference_mode()
    def denoise(self, kv: KV, tokens: Sequence[int]) -> Tensor:
        """One pass over a block with the denoiser's weights; the context stays as it is.

        `tokens` begin with the token before the block, so that its hidden state
        predicts the block's first position. Returns (len(tokens), dim).
        """
        return self._pass(self.weights.denoiser, kv, tokens, None)

    @torch.inference_mode()
    def logits(self, hidden: Tensor) -> Tensor:
        """(rows, dim) -> (rows, vocab) in fp32."""
        return self.weights.head(hidden).float()

    def _embed(self, tokens: Sequence[int]) -> Tensor:
        ids = torch.tensor(tokens, dtype=torch.long, device=self.weights.device)
        rows = self.weights.embed(ids)
        masked = ids == self.mask_id
        return torch.where(masked[:, None], self.weights.mask_embedding.to(rows.dtype), rows)

    def _rotation(self, start: int, count: int) -> tuple[Tensor, Tensor]:
        positions = torch.arange(start, start + count, device=self.weights.device).float()
        angles = positions[:, None] * self._frequencies
        both = torch.cat([angles, angles], 1)[:, None]
        return both.cos().to(self.weights.dtype), both.sin().to(self.weights.dtype)

    def _pass(self, layers: tuple[Layer, ...], kv: KV, tokens: Sequence[int], mask: Tensor | None) -> Tensor:
        start, count = len(kv.tokens), len(tokens)
        kv.reserve(start + count)
        h = self._embed(tokens)
        rotation = self._rotation(start, count)
        for index, layer in enumerate(layers):
            h = h + self._attend(layer, index, h, kv, start, rotation, mask)
            h = h + self._feed_forward(layer, h)
        return self._norm(h, self.weights.last_norm)

    def _norm(self, h: Tensor, weight: Tensor) -> Tensor:
        return functional.rms_norm(h, (h.shape[-1],), weight, self.weights.architecture.norm_eps)

    def _attend(
        self,
        layer: Layer,
        index: int,
        h: Tensor,
        kv: KV,
        start: int,
        rotation: tuple[Tensor, Tensor],
        mask: Tensor | None,
    ) -> Tensor:
        """Attention of (n, dim) over the first ``start + n`` positions of the cache.

        The query heads that share a key head are laid end to end, (kv_heads,
        queries_per_key * n, head_dim), so that keys and values need no copies.
        """
        a = self.weights.architecture
        n, end = h.shape[0], start + h.shape[0]
        qkv = layer.qkv(self._norm(h, layer.attention_norm)).view(n, -1, a.head_dim)
        turned = _rotate(qkv[:, : a.heads + a.kv_heads], rotation)
        q, k = turned[:, : a.heads], turned[:, a.heads :]
        kv.keys[index, :, start:end] = k.transpose(0, 1)
        kv.values[index, :, start:end] = qkv[:, a.heads + a.kv_heads :].transpose(0, 1)
        q = (
            q.view(n, a.kv_heads, a.queries_per_key, a.head_dim)
            .permute(1, 2, 0, 3)
            .reshape(a.kv_heads, -1, a.head_dim)
        )
        out = functional.scaled_dot_product_attention(
            q[None], kv.keys[index, None, :, :end], kv.values[index, None, :, :end], attn_mask=mask
        )[0]
        out = out.view(a.kv_heads, a.queries_per_key, n, a.head_dim).permute(2, 0, 1, 3)
        return layer.o(out.reshape(n, -1))

    def _feed_forward(self, layer: Layer, h: Tensor) -> Tensor:
        gate, up = layer.gate_up(self._norm(h, layer.ffn_norm)).chunk(2, 1)
        return layer.down(functional.silu(gate) * up)


def _rotate(x: Tensor, rotation: tuple[Tensor, Tensor]) -> Tensor:
    """Rotary positions (arXiv 2104.09864), halves convention: x (n, heads, head_dim)."""
    cos, sin = rotation
    first, second = x.chunk(2, -1)
    return x * cos + torch.cat([-second, first], -1) * sin
