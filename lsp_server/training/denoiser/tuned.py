"""The base itself, tuned to a user's code: LoRA in its last layers, on every position.

A verified fill is what the base would have said, so what the denoiser learns makes fills
quicker, not better; this makes them better. Fill-in-the-middle prompts are read as they are served (arXiv
2207.14255), and the next token is learnt everywhere, most of all in the hole. Layers below the tuned
ones are read without a gradient, by the engine's own quick weights.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence

from lsp_server.engine.runtime.adapter import TUNED
from lsp_server.training.denoiser.frozen import FrozenBase
from lsp_server.training.denoiser.lora import LoraLayers
from lsp_server.training.denoiser.losses import Costs, Taught, costs, rows_for, share
from lsp_server.training.examples.example import Example
from lsp_server.training.loop.interface import Outcome

AROUND_SHARE = 0.2
"""What a token around the hole weighs of one within."""


class TunedBase(nn.Module):
    """What is trained: LoRA on `layers`, which are the last ones."""

    def __init__(self, base: FrozenBase, *, layers: Sequence[int], rank: int = 16) -> None:
        super().__init__()
        self.base = base
        self.layers = LoraLayers(base, layers, rank)

    def hidden(self, tokens: Tensor) -> Tensor:
        """Hidden states behind the last norm, (B, n, dim), of texts (B, n)."""
        base, first = self.base, self.layers.indices[0]
        h = base.read(tokens, kept=(), entering=(first,), until=first).entering[first]
        turn = base.rotation(torch.arange(tokens.shape[1], device=base.device)[None])
        causal = torch.ones(tokens.shape[1], tokens.shape[1], dtype=torch.bool, device=base.device).tril()
        a = base.architecture
        nothing = h.new_zeros(len(tokens), a.kv_heads, 0, a.head_dim)
        for index in self.layers.indices:
            h = self.layers(index, h, turn, nothing, nothing, causal[None, None])
        return base.norm(h, base.last_norm)

    def loss(self, examples: Sequence[Example], rng: random.Random) -> Outcome:
        """Cross entropy of the next token; without a gradient, as where it is judged, of the hole alone."""
        texts = [[*each.context, each.last, *each.middle, each.end] for each in examples]
        tokens = pad_sequence([torch.tensor(text) for text in texts], batch_first=True).to(self.base.device)
        weight = _weights(examples, tokens, around=AROUND_SHARE if torch.is_grad_enabled() else 0.0)
        asked = weight > 0
        target = tokens[:, 1:][asked]
        hidden = self.hidden(tokens)[:, :-1][asked]
        head = rows_for(self.base, target, rng)
        found = costs(hidden, target, _untaught(target), head, self.base.embedding)
        share_of = weight[asked]
        loss = (found.truth * share_of).sum() / share_of.sum()
        return Outcome(loss, _counts(found, target, within=share_of == 1))

    def state(self) -> dict[str, Tensor]:
        """The trained tensors under the names that the engine reads."""
        return self.layers.named_pairs(TUNED)

    def load_state(self, state: Mapping[str, Tensor]) -> None:
        """Go on from trained tensors.

        Raises:
            ValueError: they do not fit.
        """
        self.layers.take(state, TUNED)


def _weights(examples: Sequence[Example], tokens: Tensor, *, around: float) -> Tensor:
    """What the prediction of each token but the first weighs, (B, n - 1): 1 in the hole, 0 in padding."""
    weight = torch.zeros(len(tokens), tokens.shape[1] - 1, device=tokens.device)
    for row, example in enumerate(examples):
        hole = len(example.context)
        weight[row, :hole] = around
        weight[row, hole : hole + len(example.middle) + 1] = 1.0
    return weight


def _untaught(target: Tensor) -> Taught:
    """No teacher."""
    return Taught(target[:, None], torch.zeros(len(target), 1, device=target.device))


@torch.no_grad()
def _counts(found: Costs, target: Tensor, within: Tensor) -> dict[str, tuple[float, float]]:
    return {
        "loss": share(found.truth, within),
        "right": share(found.token == target, within),
        "cross entropy around": share(found.truth, ~within),
    }
