"""The layers of the families' networks in torch: Llama's (arXiv 2302.13971) with what some add.

Biases and norms of queries and keys are there where the checkpoint has them; experts, and heads of
which only a part turns, where its config says so.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from lsp_server.engine.runtime.attention import Attention
from lsp_server.engine.runtime.rotary import Rotary, rotate
from lsp_server.engine.runtime.whole.shape import Shape
from lsp_server.engine.runtime.whole.weights import WholeLayer, WholeWeights


class Transformer:
    """One set of weights."""

    def __init__(self, weights: WholeWeights, shape: Shape) -> None:
        self.weights = weights
        self.shape = shape
        theta = shape.architecture.rope_theta
        self._rotary = Rotary(shape.rotary_dim, theta, weights.dtype, weights.device)

    def __call__(self, tokens: Sequence[int], start: int, attention: Attention) -> Tensor:
        """Hidden states (len(tokens), dim), normed, of tokens that stand from position `start` on."""
        ids = torch.tensor(tokens, dtype=torch.long, device=self.weights.device)
        return self.of_rows(self.weights.embed[ids].to(self.weights.dtype), start, attention)

    def of_rows(self, h: Tensor, start: int, attention: Attention) -> Tensor:
        """The same for embedded tokens (n, dim)."""
        rotation = self._rotary(start, len(h))
        for index, layer in enumerate(self.weights.layers):
            h = h + self._attend(layer, index, h, rotation, attention)
            h = h + layer.feed_forward(self._norm(h, layer.ffn_norm))
        return self._norm(h, self.weights.last_norm)

    def logits(self, hidden: Tensor) -> Tensor:
        """(rows, dim) -> (rows, vocab) in fp32."""
        weight_type = self.weights.embed.dtype  # the head's too
        return self.weights.head(hidden.to(weight_type)).float()

    def _attend(
        self, layer: WholeLayer, index: int, h: Tensor, rotation: tuple[Tensor, Tensor], attention: Attention
    ) -> Tensor:
        x, width = self._norm(h, layer.attention_norm), self.shape.architecture.head_dim
        q, k, v = (each(x).view(len(x), -1, width) for each in (layer.q, layer.k, layer.v))
        if layer.q_norm is not None and layer.k_norm is not None:
            q, k = self._norm(q, layer.q_norm), self._norm(k, layer.k_norm)
        return layer.o(attention(index, self._turned(torch.cat([q, k], 1), rotation), v))

    def _turned(self, heads: Tensor, rotation: tuple[Tensor, Tensor]) -> Tensor:
        turning = self.shape.rotary_dim
        if turning == heads.shape[-1]:
            return rotate(heads, rotation)
        return torch.cat([rotate(heads[..., :turning], rotation), heads[..., turning:]], -1)

    def _norm(self, h: Tensor, weight: Tensor) -> Tensor:
        return functional.rms_norm(h, (h.shape[-1],), weight, self.shape.architecture.norm_eps)
