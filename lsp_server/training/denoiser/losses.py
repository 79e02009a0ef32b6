"""What a prediction costs: half the true token, half the base's own distribution.

The output projection has a row for each of 151,936 tokens and would cost more than the
layers; on a processor it is taken over the tokens that matter and a random sample of the
rest, weighted so that the normaliser is right on average (sampled softmax, arXiv 1412.2007).
"""

from __future__ import annotations

import random
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from lsp_server.training.denoiser.frozen import FrozenBase

TEACHER_TOP = 16
"""Tokens of the teacher's distribution that are learnt; the mass of the others is left out."""
SAMPLE = 4096
"""Random tokens beside those that matter, on a processor."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """Rows of the output projection: `ids` (c,) and `correction` (c,) to be added to their logits."""

    ids: Tensor
    correction: Tensor

    def places(self, tokens: Tensor) -> Tensor:
        """Where `tokens` stand among `ids`, which hold them."""
        return torch.searchsorted(self.ids, tokens)


@dataclass(frozen=True, slots=True)
class Taught:
    """The teacher's likeliest tokens for r predictions, (r, k), and their shares: 0 without a teacher."""

    tokens: Tensor
    share: Tensor


@dataclass(frozen=True, slots=True)
class Costs:
    """For each of r predictions: both losses, the surest token and its probability."""

    truth: Tensor
    teacher: Tensor
    token: Tensor
    confidence: Tensor


@torch.no_grad()
def taught(base: FrozenBase, hidden: Tensor, rows: Tensor) -> Taught:
    """The teacher's word on each row from its hidden states (t, dim); `rows` (r,) index them, -1: none."""
    probabilities, tokens = base.teach(hidden).softmax(-1).topk(TEACHER_TOP, -1)
    index = rows.clamp_min(0)
    return Taught(tokens[index], probabilities[index] * (rows >= 0)[:, None])


@torch.no_grad()
def candidates(needed: Tensor, vocabulary: int, sample: int, generator: torch.Generator) -> Candidates:
    """`needed` tokens, and `sample` random others with the weight of all that are left out."""
    known = torch.zeros(vocabulary, dtype=torch.bool, device=needed.device)
    known[needed.flatten()] = True
    count = int(known.sum())
    drawn = torch.randint(vocabulary, (sample,), generator=generator).to(needed.device)
    chosen = known.clone()
    chosen[drawn] = True
    ids = chosen.nonzero()[:, 0]
    extra = len(ids) - count
    weight = torch.full((len(ids),), (vocabulary - count) / max(1, extra), device=needed.device).log()
    return Candidates(ids, torch.where(known[ids], 0.0, weight))


def everything(vocabulary: int, device: torch.device) -> Candidates:
    """Every token."""
    return Candidates(torch.arange(vocabulary, device=device), torch.zeros(vocabulary, device=device))


def rows_for(base: FrozenBase, needed: Tensor, rng: random.Random) -> Candidates:
    """The rows of the output projection to train with: all of them on a GPU."""
    vocabulary = len(base.embedding)
    if base.device.type != "cpu" or vocabulary <= SAMPLE:
        return everything(vocabulary, base.device)
    return candidates(needed, vocabulary, SAMPLE, torch.Generator().manual_seed(rng.getrandbits(48)))


def costs(hidden: Tensor, target: Tensor, taught: Taught, head: Candidates, embedding: Tensor) -> Costs:
    """The costs of predictions from hidden states (r, dim) behind the last norm."""
    rows = embedding if len(head.ids) == len(embedding) else embedding[head.ids]
    logs = (functional.linear(hidden, rows).float() + head.correction).log_softmax(-1)
    truth = -logs.gather(1, head.places(target)[:, None])[:, 0]
    teacher = -(taught.share * logs.gather(1, head.places(taught.tokens))).sum(1)
    with torch.no_grad():
        best = logs.max(-1)
    return Costs(truth, teacher, head.ids[best.indices], best.values.exp())


def share(of: Tensor, among: Tensor) -> tuple[float, float]:
    """Sum and weight, as `Outcome.counts` has them, of `of` (r,) where `among` (r,) is true."""
    return float(of[among].float().sum()), float(among.sum())
