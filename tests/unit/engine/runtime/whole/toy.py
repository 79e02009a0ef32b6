"""A toy to learn: digits count up and wrap round, a hole is what is missing between two of them.

What is trained is the network that serves, by its own forward pass; only its attention is another, which
sees a batch of whole sequences at once.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from lsp_server.engine.runtime.families.family import Family, Surroundings
from lsp_server.engine.runtime.whole.experts import Dense, Experts

BATCH = 24
IGNORED = -100

Aim = Callable[[list[int], int], list[int]]
"""(the middle's tokens, positions of the canvas) -> what should stand at each."""


def digits(start: int, count: int) -> str:
    return "".join(str((start + place) % 10) for place in range(count))


@dataclass(frozen=True)
class Seen:
    """Attention over rows that are `BATCH` sequences end to end; rotary positions are relative anyway."""

    heads: int
    mask: Tensor

    def __call__(self, _index: int, turned: Tensor, values: Tensor) -> Tensor:
        def apart(x: Tensor) -> Tensor:
            return x.view(BATCH, -1, *x.shape[1:]).transpose(1, 2)

        queries, keys = turned[:, : self.heads], turned[:, self.heads :]
        times = self.heads // keys.shape[1]
        out = functional.scaled_dot_product_attention(
            apart(queries),
            apart(keys).repeat_interleave(times, 1),
            apart(values).repeat_interleave(times, 1),
            attn_mask=self.mask,
        )
        return out.transpose(1, 2).reshape(len(turned), -1)


def exact(middle: list[int], _count: int) -> list[int]:
    return middle


def ended(end: int) -> Aim:
    """The canvas is at least as long as the middle; behind that stands the end."""
    return lambda middle, count: middle + [end] * (count - len(middle))


def resized(expand: int, delete: int) -> Aim:
    """What is too much vanishes; where there is too little the last position says so (DreamOn)."""

    def aim(middle: list[int], count: int) -> list[int]:
        if count < len(middle):
            return [*middle[: count - 1], expand]
        return middle + [delete] * (count - len(middle))

    return aim


def train(filler: Any, aim: Aim, *, steps: int, canvas: range, rate: float = 4e-3, seed: int = 0) -> None:  # noqa: ANN401
    """Teach the filler's network to fill, in place; `canvas` are the lengths it is shown."""
    rng, network = random.Random(seed), filler.look.network
    parameters = [parameter.requires_grad_() for parameter in _parameters(network.weights)]
    optimiser = torch.optim.AdamW(parameters, lr=rate, betas=(0.9, 0.95), weight_decay=0.01, fused=True)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, rate, total_steps=steps, pct_start=0.15)
    for _ in range(steps):
        tokens, targets, block = _batch(filler.family, aim, rng, canvas)
        logits = _logits(filler, tokens, block)
        loss = functional.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=IGNORED)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimiser.step()
        schedule.step()
    for parameter in parameters:
        parameter.requires_grad_(False)


def _logits(filler: Any, tokens: Tensor, block: int | None) -> Tensor:  # noqa: ANN401
    """(BATCH, length, vocab): row i says what stands at position i."""
    network, facts = filler.look.network, filler.family.facts
    length = tokens.shape[1]
    places = torch.arange(length) // (block or length)
    mask = places[None, :] <= places[:, None]
    hidden = network(tokens.flatten().tolist(), 0, Seen(network.shape.architecture.heads, mask))
    logits = network.logits(hidden).view(BATCH, length, -1)
    return torch.cat([logits[:, :1], logits[:, :-1]], 1) if facts.shift else logits


def _batch(family: Family, aim: Aim, rng: random.Random, canvas: range) -> tuple[Tensor, Tensor, int | None]:
    """Sequences (BATCH, length), what stands where a mask is, and the block length."""
    before, after, missing = rng.randint(4, 7), rng.randint(4, 7), rng.randint(1, 5)
    block, encode = family.facts.block, lru_cache(family.vocabulary.encode)
    count = missing if aim is exact else rng.choice(canvas)
    if block is None and family.facts.resizing is None:
        count = max(count, missing)
    skip = rng.random()
    tokens, targets = [], []
    for _ in range(BATCH):
        start = rng.randrange(10)
        around = family.layout.fill(
            Surroundings(digits(start, before), digits(start + before + missing, after))
        )
        middle = encode(digits(start + before, missing))
        if block is None:
            clean, kept = aim(middle, count), 0
            noisy = _noised(clean, family.mask, rng)
            tail = around.after
        else:
            clean, kept = _blocks(around.before, middle, block, family, skip)
            noisy = clean[:kept] + _noised(clean[kept:], family.mask, rng)
            tail = []
        tokens.append([*around.before, *noisy, *tail])
        hidden = [c if n == family.mask else IGNORED for c, n in zip(clean, noisy, strict=True)]
        targets.append([IGNORED] * len(around.before) + hidden + [IGNORED] * len(tail))
    return torch.tensor(tokens), torch.tensor(targets), block


def _blocks(
    before: list[int], middle: list[int], block: int, family: Family, skip: float
) -> tuple[list[int], int]:
    """The middle and ends up to where a block ends, and how much of it is clean: whole blocks."""
    end = min(family.ends)
    room = block - len(before) % block
    starts = [0, *range(room, len(middle) + 1, block)]
    kept = starts[int(skip * len(starts))]
    upto = room if kept == 0 else kept + block
    return (middle + [end] * upto)[:upto], kept


def _noised(clean: list[int], mask: int, rng: random.Random) -> list[int]:
    share = 1.0 if rng.random() < 0.3 else rng.random()
    noisy = [mask if rng.random() < share else token for token in clean]
    noisy[rng.randrange(len(noisy))] = mask
    return noisy


def _parameters(weights: Any) -> Iterator[Tensor]:  # noqa: ANN401
    yield weights.embed
    if weights.head.weight is not weights.embed:
        yield weights.head.weight
    yield weights.last_norm
    for layer in weights.layers:
        yield from (layer.attention_norm, layer.ffn_norm)
        yield from (norm for norm in (layer.q_norm, layer.k_norm) if norm is not None)
        for linear in (layer.q, layer.k, layer.v, layer.o):
            yield from (part for part in (linear.weight, linear.bias) if part is not None)
        yield from _of_feed_forward(layer.feed_forward)


def _of_feed_forward(part: Any) -> Iterator[Tensor]:  # noqa: ANN401
    if isinstance(part, Dense):
        yield from (linear.weight for linear in (part.gate, part.up, part.down))
    elif isinstance(part, Experts):
        yield part.router
        for expert in (*part.experts, part.shared):
            yield from _of_feed_forward(expert)
