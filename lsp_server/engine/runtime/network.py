"""The forward passes: read context causally, denoise a block in both directions.

Block diffusion as in BD3-LM (arXiv 2503.09573): a block sees all of the clean context
before it and itself. The logits stay shifted as in the parent model: the hidden state
at position i predicts token i + 1.

A sketcher, where the adapter has one, drafts a block with a few layers from what reading left
behind, as EAGLE (arXiv 2401.15077) and DFlash (arXiv 2602.06036) do.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor
from torch.nn import functional

from lsp_server.engine.runtime.kv import KV
from lsp_server.engine.runtime.weights import Sketcher, Weights


class Network:
    """One set of weights. `mask_id` marks the positions that take the mask embedding."""

    def __init__(
        self, weights: Weights, *, mask_id: int, before_pass: Callable[[], None] = lambda: None
    ) -> None:
        self.weights = weights
        self._before_pass = before_pass
        self.mask_id = mask_id

    @torch.inference_mode()
    def read(self, kv: KV, tokens: Sequence[int], *, last: int | None = None) -> Tensor:
        """Append `tokens` to the context with the base's weights, causally.

        Returns the hidden states, (len(tokens), dim), ready for `logits`; with `last`, only those of
        so many of the last tokens, and only from these can be sketched.
        """
        self._before_pass()
        passed = self.weights.base(kv, self._embed(tokens), causal=True, last=last)
        hidden = self._norm(passed.hidden, self.weights.last_norm)
        end = len(kv.tokens) + len(tokens)
        if self.weights.sketcher:
            seeds = torch.cat([_unit(state) for state in (*passed.entering, hidden)], -1)
            kv.seeds[len(kv.tokens) : end - len(seeds)] = 0
            kv.seeds[end - len(seeds) : end] = seeds
        kv.tokens.extend(tokens)
        return hidden

    @torch.inference_mode()
    def denoise(self, kv: KV, tokens: Sequence[int]) -> Tensor:
        """One pass over a block with the denoiser's weights; the context stays as it is.

        `tokens` begin with the token before the block, so that its hidden state
        predicts the block's first position. Returns (len(tokens), dim).
        """
        self._before_pass()
        passed = self.weights.denoiser(kv, self._embed(tokens), causal=False)
        return self._norm(passed.hidden, self.weights.last_norm)

    @property
    def sketch_share(self) -> float:
        """The share of the layers that the sketcher goes through."""
        sketcher = self.weights.sketcher
        return sketcher.stack.layers / self.weights.architecture.layers if sketcher else 0.0

    @torch.inference_mode()
    def sketch(self, kv: KV, known: Sequence[int], width: int) -> Tensor:
        """One pass of the sketcher over a block of `width` positions that stands behind `kv`.

        The first of them hold `known`, the token before what is drafted at least; the
        context stays as it is. Returns logits (width, len(ids)) in fp32 for the token behind each
        position, of the sketcher's `ids`.

        Raises:
            ValueError: there is no sketcher, or nothing of `kv` to begin with.
        """
        sketcher, seed = self.weights.sketcher, kv.seed
        if sketcher is None or seed is None:
            raise ValueError("nothing to sketch from")
        self._before_pass()
        h = self._entering(sketcher, seed, known, width)
        h = sketcher.stack(kv, h, causal=False).hidden
        return sketcher.head(self._norm(h, sketcher.last_norm)).float()

    def _entering(self, sketcher: Sketcher, seed: Tensor, known: Sequence[int], width: int) -> Tensor:
        """What enters the sketcher's first layer, (width, dim)."""
        shown = _unit(self._embed(known))
        seed = seed.to(shown.dtype)
        told = sketcher.known(torch.cat([seed.expand(len(known), -1), shown], -1))
        if len(known) == width:
            return told
        masked = sketcher.masked(torch.cat([seed, shown[0]])[None])
        return torch.cat([told, masked + sketcher.places[len(known) : width]])

    def ids_behind(self, context: Sequence[int]) -> Tensor | None:
        """The tokens that need scores behind `context`, ascending; None: all."""
        head = self.weights.code_head
        return head.ids if head and head.suffices(context) else None

    @torch.inference_mode()
    def logits(self, hidden: Tensor, ids: Tensor | None = None) -> Tensor:
        """(rows, dim) -> (rows, vocab) in fp32, or a column for each of `ids`, which `ids_behind` gave."""
        code_head = self.weights.code_head
        head = self.weights.head if ids is None or code_head is None else code_head
        return head(hidden).float()

    def _embed(self, tokens: Sequence[int]) -> Tensor:
        ids = torch.tensor(tokens, dtype=torch.long, device=self.weights.device)
        rows = self.weights.embed(ids)
        masked = ids == self.mask_id
        return torch.where(masked[:, None], self.weights.mask_embedding.to(rows.dtype), rows)

    def _norm(self, h: Tensor, weight: Tensor) -> Tensor:
        return functional.rms_norm(h, (h.shape[-1],), weight, self.weights.architecture.norm_eps)


def _unit(state: Tensor) -> Tensor:
    """States scaled to a root mean square of 1."""
    return functional.rms_norm(state, (state.shape[-1],))
