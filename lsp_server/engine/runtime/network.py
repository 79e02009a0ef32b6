"""The forward passes: read context causally, denoise a block in both directions.

Block diffusion as in BD3-LM (arXiv 2503.09573): a block sees all of the clean context
before it and itself. The logits stay shifted as in the parent model: the hidden state
at position i predicts token i + 1.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from lsp_server.engine.runtime.decoder import Decoder
from lsp_server.engine.runtime.kv import KV
from lsp_server.engine.runtime.weights import Layer, Weights


class Network:
    """One set of weights. `mask_id` marks the positions that take the mask embedding."""

    def __init__(
        self, weights: Weights, *, mask_id: int, before_pass: Callable[[], None] = lambda: None
    ) -> None:
        self.weights = weights
        self._before_pass = before_pass
        self.mask_id = mask_id
        self._decoder = Decoder(weights.architecture, weights.dtype, weights.device)

    @torch.inference_mode()
    def read(self, kv: KV, tokens: Sequence[int]) -> Tensor:
        """Append `tokens` to the context with the base's weights, causally.

        Returns the hidden states, (len(tokens), dim), ready for `logits`.
        """
        hidden = self._pass(self.weights.base, kv, tokens, causal=True)
        kv.tokens.extend(tokens)
        return hidden

    @torch.inference_mode()
    def denoise(self, kv: KV, tokens: Sequence[int]) -> Tensor:
        """One pass over a block with the denoiser's weights; the context stays as it is.

        `tokens` begin with the token before the block, so that its hidden state
        predicts the block's first position. Returns (len(tokens), dim).
        """
        return self._pass(self.weights.denoiser, kv, tokens, causal=False)

    @torch.inference_mode()
    def logits(self, hidden: Tensor) -> Tensor:
        """(rows, dim) -> (rows, vocab) in fp32."""
        return self.weights.head(hidden).float()

    def _embed(self, tokens: Sequence[int]) -> Tensor:
        ids = torch.tensor(tokens, dtype=torch.long, device=self.weights.device)
        rows = self.weights.embed(ids)
        masked = ids == self.mask_id
        return torch.where(masked[:, None], self.weights.mask_embedding.to(rows.dtype), rows)

    def _pass(self, layers: Sequence[Layer], kv: KV, tokens: Sequence[int], *, causal: bool) -> Tensor:
        self._before_pass()
        h = self._decoder.through(layers, kv, self._embed(tokens), causal=causal)
        return self._decoder.norm(h, self.weights.last_norm)
