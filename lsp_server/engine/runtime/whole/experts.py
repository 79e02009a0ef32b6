"""The feed-forward part of a layer: dense, or experts of which a router chooses a few for each position."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor
from torch.nn import functional

from lsp_server.engine.runtime.linear import Linear
from lsp_server.engine.runtime.whole.shape import Routing


class FeedForward(Protocol):
    """(n, dim) -> (n, dim)."""

    def __call__(self, x: Tensor) -> Tensor:
        """Compute."""


@dataclass(frozen=True, slots=True)
class Dense:
    """SwiGLU (arXiv 2002.05202)."""

    gate: Linear
    up: Linear
    down: Linear

    def __call__(self, x: Tensor) -> Tensor:
        """See `FeedForward`."""
        return self.down(functional.silu(self.gate(x)) * self.up(x))


@dataclass(frozen=True, slots=True)
class Experts:
    """A router (experts, dim) before `experts`, beside what every position goes through, if anything.

    `bias` (experts,) decides with the scores which experts are chosen, not how much they count
    (arXiv 2408.15664). A group of experts counts as its two best.
    """

    routing: Routing
    router: Tensor
    experts: Sequence[FeedForward]
    bias: Tensor | None = None
    shared: FeedForward | None = None

    def __call__(self, x: Tensor) -> Tensor:
        """See `FeedForward`."""
        chosen, share = self.route(x)
        out = torch.zeros_like(x)
        for number in torch.unique(chosen).tolist():
            rows, places = (chosen == number).nonzero(as_tuple=True)
            weighed = self.experts[number](x[rows]) * share[rows, places, None].to(x.dtype)
            out = out.index_add(0, rows, weighed)
        return out if self.shared is None else out + self.shared(x)

    def route(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The experts of each row and their shares in fp32, (n, chosen) each."""
        r = self.routing
        logits = functional.linear(x.float(), self.router.float())
        scores = logits.sigmoid() if r.scoring == "sigmoid" else logits.softmax(-1)
        ranked = scores if self.bias is None else scores + self.bias.float()
        if r.groups > 1:
            ranked = self._in_best_groups(ranked)
        chosen = ranked.topk(r.chosen, dim=-1).indices
        share = scores.gather(1, chosen)
        if r.normalised and r.chosen > 1:
            share = share / (share.sum(-1, keepdim=True) + 1e-20)
        return chosen, share * r.scale

    def _in_best_groups(self, ranked: Tensor) -> Tensor:
        r = self.routing
        grouped = ranked.view(len(ranked), r.groups, -1)
        best = grouped.topk(2, dim=-1).values.sum(-1).topk(r.kept_groups, dim=-1).indices
        left_out = torch.ones(grouped.shape[:2], dtype=torch.bool, device=ranked.device).scatter(1, best, 0)
        return grouped.masked_fill(left_out[..., None], -torch.inf).view_as(ranked)
