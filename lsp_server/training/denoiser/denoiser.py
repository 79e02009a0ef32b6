"""The denoiser: LoRA in every layer and the embedding of a mask, on block positions only.

Two streams run side by side (BD3-LM, arXiv 2503.09573): the clean one is the frozen base, read once
without a gradient; noisy rows see its keys and values. So the context is shared by every block,
and the base stays what it was, fit to verify and to teach.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.checkpoint import checkpoint

from lsp_server.training.denoiser.batch import Batch, collate
from lsp_server.training.denoiser.blocks import clean_tokens, noisy_rows
from lsp_server.training.denoiser.frozen import FrozenBase
from lsp_server.training.denoiser.lora import LoraLayers
from lsp_server.training.denoiser.losses import Costs, costs, rows_for, share, taught
from lsp_server.training.examples.example import Example
from lsp_server.training.loop.interface import Outcome

SHOWN_OFFSETS = (0, 1, 2, 4)
SURE = 0.9
"""Confidence from which on a position is counted as sure."""
_NOISE = 0.02


class Denoiser(nn.Module):
    """What is trained, beside the base that is not."""

    def __init__(self, base: FrozenBase, *, mask: int, rank: int = 32, recompute: bool = False) -> None:
        super().__init__()
        self.base = base
        self.mask = mask
        self._recompute = recompute
        self.layers = LoraLayers(base, range(base.architecture.layers), rank)
        # an unused row of the table is nearly nothing: start from the mean (LLaDA2.0)
        mean = base.embedding.float().mean(0)
        self.mask_embedding = nn.Parameter(mean + _NOISE * torch.randn_like(mean))

    def hidden(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Hidden states of the clean text (B, n, dim) and of the noisy rows (B, m, dim)."""
        base = self.base
        clean = base.read(batch.clean, kept=self.layers.indices)
        rows = functional.embedding(batch.token, base.embedding)
        h = torch.where((batch.token == self.mask)[..., None], self.mask_embedding.to(rows.dtype), rows)
        turn = base.rotation(batch.position)
        for index in self.layers.indices:
            given = (index, h, turn, clean.keys[index], clean.values[index], batch.seen)
            h = (
                checkpoint(self.layers, *given, use_reentrant=False)
                if self._recompute
                else self.layers(*given)
            )
        return clean.hidden, base.norm(h, base.last_norm)

    def loss(self, examples: Sequence[Example], rng: random.Random) -> Outcome:
        """Half cross entropy, half distillation, over the masked positions of `examples`."""
        rows = [noisy_rows(example, self.mask, rng) for example in examples]
        batch = collate([clean_tokens(example) for example in examples], rows, self.base.device)
        clean, noisy = self.hidden(batch)
        asked = batch.target >= 0
        said = taught(self.base, *_teachers(clean, batch, asked))
        head = rows_for(self.base, torch.cat([batch.target[asked], said.tokens.flatten()]), rng)
        found = costs(noisy[asked], batch.target[asked], said, head, self.base.embedding)
        each = torch.where(batch.teacher[asked] >= 0, 0.5 * (found.truth + found.teacher), found.truth)
        weight = batch.weight[asked]
        return Outcome((each * weight).sum() / weight.sum(), _counts(batch, asked, found, each))

    def state(self) -> dict[str, Tensor]:
        """The trained tensors under the names that the engine reads."""
        return {**self.layers.named_pairs(), "mask_embedding": self.mask_embedding}

    @torch.no_grad()
    def load_state(self, state: Mapping[str, Tensor]) -> None:
        """Go on from trained tensors.

        Raises:
            ValueError: they do not fit.
        """
        self.layers.take(state)
        self.mask_embedding.copy_(state["mask_embedding"])


def _teachers(clean: Tensor, batch: Batch, asked: Tensor) -> tuple[Tensor, Tensor]:
    """The teacher's hidden states (t, dim), each once, and their number for every prediction or -1."""
    texts = torch.arange(len(clean), device=clean.device)[:, None].expand_as(asked)[asked]
    place = torch.where(batch.teacher[asked] >= 0, texts * clean.shape[1] + batch.teacher[asked], -1)
    used, number = torch.unique(place, return_inverse=True)
    return clean.flatten(0, 1)[used.clamp_min(0)], torch.where(place >= 0, number, -1)


@torch.no_grad()
def _counts(batch: Batch, asked: Tensor, found: Costs, each: Tensor) -> dict[str, tuple[float, float]]:
    """Sums and weights of what is shown while training; padding behind the end does not count."""
    real, blank, offset = (batch.weight[asked] == 1), batch.blank[asked], batch.offset[asked]
    right, sure = found.token == batch.target[asked], found.confidence > SURE
    counts = {"loss": share(each, real)}
    for name, chosen in (("blank", real & blank), ("partly", real & ~blank)):
        counts[f"cross entropy, {name}"] = share(found.truth, chosen)
        for place in SHOWN_OFFSETS:
            counts[f"right at {place}, {name}"] = share(right, chosen & (offset == place))
    counts["sure"] = share(sure, real)
    counts["right where sure"] = share(right, real & sure)
    return counts
