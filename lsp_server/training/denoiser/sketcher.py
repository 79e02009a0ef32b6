"""The sketcher: a few layers of the base, tuned to draft a block at almost no cost.

A verifying pass leaves hidden states behind. The sketcher takes those of the last
token that was read, and the token the base has chosen next, runs a block of masks through few
layers that see the base's own cached keys and values, and proposes the tokens that follow. The
base verifies them, so nothing it proposes can make a fill worse. Drafting from the
verifier's hidden states is EAGLE's idea (arXiv 2401.15077, 2503.01840), doing it for
a whole masked block at once DFlash's (arXiv 2602.06036); the shared keys and values are ours.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.rnn import pad_sequence

from lsp_server.engine.runtime.adapter import SKETCH
from lsp_server.training.denoiser.frozen import Clean, FrozenBase
from lsp_server.training.denoiser.lora import LoraLayers
from lsp_server.training.denoiser.losses import Costs, costs, rows_for, share, taught
from lsp_server.training.examples.example import Example
from lsp_server.training.loop.interface import Outcome

WIDTH = 6
"""Tokens a sketch proposes at most."""
TRUTH_SHARE = 0.3
"""Of the loss: the base's distribution is what is verified against, the text only steadies it."""
MIDDLE_SHARE = 0.6
"""Of the blocks: begin in the hole rather than anywhere in the text."""
KNOWN_SHARE = 0.5
"""Of the blocks: more may be known than the first token."""
SHOWN = 4
"""Offsets whose agreement is shown while training."""
_OWN = ("known_map", "masked_map", "places", "last_norm")


@dataclass(frozen=True, slots=True)
class Starts:
    """Blocks in B texts: positions of their first, known tokens (B, s), and what is known (B, s, width)."""

    first: Tensor
    known: Tensor

    @property
    def position(self) -> Tensor:
        """Of every row, (B, s, width)."""
        return self.first[..., None] + torch.arange(self.known.shape[2], device=self.first.device)


class Sketcher(nn.Module):
    """What is trained: LoRA on `layers`, the maps into them, and a norm."""

    def __init__(
        self,
        base: FrozenBase,
        *,
        layers: Sequence[int],
        features: Sequence[int],
        rank: int = 64,
        blocks: int = 96,
    ) -> None:
        """Take what enters the layers `features`, and what leaves the last norm."""
        super().__init__()
        dim = base.architecture.dim
        self.base = base
        self.features = tuple(features)
        self._blocks = blocks
        self.layers = LoraLayers(base, layers, rank)
        inputs = dim * (len(self.features) + 2)
        self.known_map = nn.Parameter(torch.zeros(dim, inputs, device=base.device))
        self.masked_map = nn.Parameter(torch.zeros(dim, inputs, device=base.device))
        self.places = nn.Parameter(torch.zeros(WIDTH, dim, device=base.device))
        self.last_norm = nn.Parameter(base.last_norm.float().clone())

    def seeds(self, clean: Clean) -> Tensor:
        """What the verifier knew at each position, (B, n, dim * features), each state at unit scale."""
        states = [*(clean.entering[index] for index in self.features), clean.hidden]
        return torch.cat([unit(state) for state in states], -1)

    def sketch(self, tokens: Tensor, clean: Clean, starts: Starts) -> Tensor:
        """Hidden states (B, s, width, dim) of blocks in texts (B, n)."""
        base, position = self.base, starts.position
        h = self._entering(tokens, clean, starts).flatten(1, 2)
        turn = base.rotation(position.flatten(1))
        width = position.shape[2]
        block = torch.arange(h.shape[1], device=h.device) // width
        own = (block[:, None] == block).expand(len(h), -1, -1)
        before = torch.arange(tokens.shape[1], device=h.device) < starts.first[:, block][..., None]
        seen = torch.cat([before, own], 2)[:, None]
        for index in self.layers.indices:
            h = self.layers(index, h, turn, clean.keys[index], clean.values[index], seen)
        return base.norm(h, self.last_norm.to(h.dtype)).view(*position.shape, h.shape[-1])

    def _entering(self, tokens: Tensor, clean: Clean, starts: Starts) -> Tensor:
        """(B, s, width, dim): what enters the first layer."""
        position = starts.position.clamp_max(tokens.shape[1] - 1)
        text = torch.arange(len(tokens), device=tokens.device)[:, None]
        seed = self.seeds(clean)[text, starts.first - 1]
        shown = unit(functional.embedding(tokens[text[..., None], position], self.base.embedding))
        wide = seed[:, :, None].expand(-1, -1, position.shape[2], -1)
        known = functional.linear(torch.cat([wide, shown], -1), self.known_map.to(shown.dtype))
        masked = functional.linear(torch.cat([seed, shown[:, :, 0]], -1), self.masked_map.to(shown.dtype))
        return torch.where(
            starts.known[..., None],
            known,
            masked[:, :, None] + self.places.to(shown.dtype)[: position.shape[2]],
        )

    def loss(self, examples: Sequence[Example], rng: random.Random) -> Outcome:
        """Distillation from the base, some cross entropy, over drafts anywhere in the examples' texts."""
        base = self.base
        texts = [[*each.context, each.last, *each.middle, each.end] for each in examples]
        tokens = pad_sequence([torch.tensor(text) for text in texts], batch_first=True).to(base.device)
        starts = self._starts([len(each.context) for each in examples], [len(text) for text in texts], rng)
        clean = base.read(tokens, kept=self.layers.indices, entering=self.features)
        hidden = self.sketch(tokens, clean, starts)
        asked = _asked(starts, torch.tensor([len(text) for text in texts], device=base.device))
        number = torch.arange(len(tokens), device=base.device)[:, None, None].expand_as(asked)[asked]
        place = starts.position[asked]
        target = tokens[number, place + 1]
        used, row = torch.unique(number * tokens.shape[1] + place, return_inverse=True)
        said = taught(base, clean.hidden.flatten(0, 1)[used], row)
        head = rows_for(base, torch.cat([target, said.tokens.flatten()]), rng)
        found = costs(hidden[asked], target, said, head, base.embedding)
        each = TRUTH_SHARE * found.truth + (1 - TRUTH_SHARE) * found.teacher
        return Outcome(each.mean(), _counts(starts, asked, found, said.tokens[:, 0], each))

    def _starts(self, middles: Sequence[int], lengths: Sequence[int], rng: random.Random) -> Starts:
        """Blocks mostly of the middle; of some, more than the first token is known."""
        firsts, known = [], []
        for middle, length in zip(middles, lengths, strict=True):
            for _ in range(self._blocks):
                lowest = middle if rng.random() < MIDDLE_SHARE else 1
                firsts.append(rng.randrange(max(1, lowest), length - 1))
                shown = rng.randrange(WIDTH) if rng.random() < KNOWN_SHARE else 0
                known.append([place <= shown for place in range(WIDTH)])
        first, kept = (torch.tensor(each, device=self.base.device) for each in (firsts, known))
        return Starts(first.view(len(lengths), -1), kept.view(len(lengths), -1, WIDTH))

    def state(self) -> dict[str, Tensor]:
        """The trained tensors under the names that the engine reads."""
        own = {SKETCH + name: getattr(self, name) for name in _OWN}
        return {**self.layers.named_pairs(SKETCH), **own}

    @torch.no_grad()
    def load_state(self, state: Mapping[str, Tensor]) -> None:
        """Go on from trained tensors.

        Raises:
            ValueError: they do not fit.
        """
        self.layers.take(state, SKETCH)
        for name in _OWN:
            getattr(self, name).copy_(state[SKETCH + name])


def _asked(starts: Starts, lengths: Tensor) -> Tensor:
    """Rows whose next token is masked and within the text, (B, s, width)."""
    hidden_next = torch.cat([~starts.known[..., 1:], torch.ones_like(starts.known[..., :1])], -1)
    return hidden_next & (starts.position < lengths[:, None, None] - 1)


@torch.no_grad()
def _counts(
    starts: Starts, asked: Tensor, found: Costs, said: Tensor, each: Tensor
) -> dict[str, tuple[float, float]]:
    """How often the sketch says what the base says, by offset where only a block's first token is known."""
    place = torch.arange(asked.shape[2], device=asked.device).expand_as(asked)[asked]
    blank = (~starts.known[..., 1:].any(-1, keepdim=True)).expand_as(asked)[asked]
    agrees = found.token == said
    counts = {"loss": (float(each.sum()), float(len(each)))}
    for offset in range(SHOWN):
        counts[f"agrees at {offset}"] = share(agrees, blank & (place == offset))
    counts["agrees, gone over"] = share(agrees, ~blank)
    return counts


def unit(state: Tensor) -> Tensor:
    """States scaled to a root mean square of 1."""
    return functional.rms_norm(state.float(), (state.shape[-1],)).to(state.dtype)
