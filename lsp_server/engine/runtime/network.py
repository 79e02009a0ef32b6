"""The forward passes: read context causally, denoise a block in both directions.

Block diffusion as in BD3-LM (arXiv 2503.09573): a block sees all of the clean context
before it and itself. The logits stay shifted as in the parent model: the hidden state
at position i predicts token i + 1.

A sketcher, where the adapter has one, drafts a block with a few layers from what reading left
behind, as EAGLE (arXiv 2401.15077) and DFlash (arXiv 2602.06036) do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor
from torch.nn import functional

from lsp_server.engine.runtime.decoder import Decoder
from lsp_server.engine.runtime.kv import KV
from lsp_server.engine.runtime.weights import Layer, Sketcher, Weights


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
        sketcher = self.weights.sketcher
        entering = dict.fromkeys(sketcher.features, torch.empty(0)) if sketcher else {}
        hidden = self._pass(self.weights.base, kv, tokens, causal=True, entering=entering)
        if sketcher:
            seeds = torch.cat([_unit(state) for state in (*entering.values(), hidden)], -1)
            kv.seeds[len(kv.tokens) : len(kv.tokens) + len(tokens)] = seeds
        kv.tokens.extend(tokens)
        return hidden

    @torch.inference_mode()
    def denoise(self, kv: KV, tokens: Sequence[int]) -> Tensor:
        """One pass over a block with the denoiser's weights; the context stays as it is.

        `tokens` begin with the token before the block, so that its hidden state
        predicts the block's first position. Returns (len(tokens), dim).
        """
        return self._pass(self.weights.denoiser, kv, tokens, causal=False)

    @property
    def sketch_share(self) -> float:
        """The share of the layers that the sketcher goes through."""
        sketcher = self.weights.sketcher
        return len(sketcher.layers) / self.weights.architecture.layers if sketcher else 0.0

    @torch.inference_mode()
    def sketch(self, kv: KV, known: Sequence[int], width: int) -> Tensor:
        """One pass of the sketcher over a block of `width` positions that stands behind `kv`.

        The first of them hold `known`, the token before what is drafted at least; the
        context stays as it is. Returns logits (width, len(ids)) in fp32 for the token behind each
        position, of the sketcher's `ids`.

        Raises:
            ValueError: there is no sketcher, or `kv` is empty.
        """
        sketcher = self.weights.sketcher
        if sketcher is None or not kv.tokens:
            raise ValueError("nothing to sketch from")
        self._before_pass()
        h = self._entering(sketcher, kv, known, width)
        h = self._decoder.through(sketcher.layers, kv, h, causal=False)
        return sketcher.head(self._decoder.norm(h, sketcher.last_norm)).float()

    def _entering(self, sketcher: Sketcher, kv: KV, known: Sequence[int], width: int) -> Tensor:
        """What enters the sketcher's first layer, (width, dim)."""
        shown = _unit(self._embed(known))
        seed = kv.seeds[len(kv.tokens) - 1].to(shown.dtype)
        told = sketcher.known(torch.cat([seed.expand(len(known), -1), shown], -1))
        if len(known) == width:
            return told
        masked = sketcher.masked(torch.cat([seed, shown[0]])[None])
        return torch.cat([told, masked + sketcher.places[len(known) : width]])

    @torch.inference_mode()
    def logits(self, hidden: Tensor) -> Tensor:
        """(rows, dim) -> (rows, vocab) in fp32."""
        return self.weights.head(hidden).float()

    def _embed(self, tokens: Sequence[int]) -> Tensor:
        ids = torch.tensor(tokens, dtype=torch.long, device=self.weights.device)
        rows = self.weights.embed(ids)
        masked = ids == self.mask_id
        return torch.where(masked[:, None], self.weights.mask_embedding.to(rows.dtype), rows)

    def _pass(
        self,
        layers: Mapping[int, Layer],
        kv: KV,
        tokens: Sequence[int],
        *,
        causal: bool,
        entering: dict[int, Tensor] | None = None,
    ) -> Tensor:
        self._before_pass()
        h = self._decoder.through(layers, kv, self._embed(tokens), causal=causal, entering=entering)
        return self._decoder.norm(h, self.weights.last_norm)


def _unit(state: Tensor) -> Tensor:
    """States scaled to a root mean square of 1."""
    return functional.rms_norm(state, (state.shape[-1],))
