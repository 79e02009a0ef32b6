"""Blocks of a middle, partly masked: what the denoiser sees and what it must say.

The middle and its end are cut into blocks; every block is denoised with the clean text before
it, all at once over one shared context (BD3-LM, arXiv 2503.09573). Rows of a block begin with the
token before it, because the hidden state at a position predicts the next one.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from lsp_server.training.examples.example import Example

WIDTHS = (4, 8, 8, 16, 16, 32)
"""Block widths, drawn evenly; the engine's drafts are narrow and its canvases of 16."""
LEAST_MASKED, MOST_MASKED = 0.1, 0.9
PAD_WEIGHT = 0.05
"""Weight of the end tokens behind the first: a run of them should count as one (DreamOn)."""


@dataclass(slots=True)
class Rows:
    """The noisy rows of one example, all lists of one length.

    A row's token stands at `position` in the clean sequence ``context, last, middle, end``; it sees
    clean positions below `start`, and rows of the same `block`. `target` is the next token
    where that is masked, else -1, with its weight, and `teacher` the clean position whose
    hidden state predicts the same token, or -1. `offset` counts predicted tokens from the
    block's start; `blank` marks rows of blocks that are masked as a whole.
    """

    token: list[int] = field(default_factory=list)
    position: list[int] = field(default_factory=list)
    start: list[int] = field(default_factory=list)
    block: list[int] = field(default_factory=list)
    target: list[int] = field(default_factory=list)
    weight: list[float] = field(default_factory=list)
    teacher: list[int] = field(default_factory=list)
    offset: list[int] = field(default_factory=list)
    blank: list[bool] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.token)


def clean_tokens(example: Example) -> list[int]:
    """The text the base reads: its hidden state at each position from `last` on is a teacher."""
    return [*example.context, example.last, *example.middle]


def noisy_rows(example: Example, mask: int, rng: random.Random, *, copies: int = 3) -> Rows:
    """The rows of `copies` noisy copies of the middle.

    Copy 0 is all masked, as the first step of a fill and every draft. The others come in
    complementary pairs: what is masked in one is shown in the other (Fast-dLLM v2), and at least
    one position of each block is masked. Widths and the phase of the first block are drawn.
    """
    width = rng.choice(WIDTHS)
    sizes = [rng.randint(1, width)] if len(example.middle) >= width else [width]
    while sum(sizes) <= len(example.middle):
        sizes.append(width)
    rows = Rows()
    at = number = 0
    for size in sizes:
        for masked in _patterns(size, copies, rng):
            _block(rows, example, at, masked, number, mask)
            number += 1
        at += size
    return rows


def _patterns(size: int, copies: int, rng: random.Random) -> list[list[bool]]:
    """Which positions of a block are masked, for each copy."""
    patterns = [[True] * size]
    while len(patterns) < copies:
        share = rng.uniform(LEAST_MASKED, MOST_MASKED)
        drawn = [rng.random() < share for _ in range(size)]
        patterns += [drawn, [not each for each in drawn]]
    return [each if any(each) else _one(size, rng) for each in patterns[:copies]]


def _one(size: int, rng: random.Random) -> list[bool]:
    chosen = rng.randrange(size)
    return [position == chosen for position in range(size)]


def _block(rows: Rows, example: Example, at: int, masked: list[bool], number: int, mask: int) -> None:
    """Add the block that begins at position `at` of the middle."""
    first = len(example.context)  # clean position of `last`
    true = [_token(example, at + index) for index in range(len(masked))]
    shown = [mask if hidden else token for hidden, token in zip(masked, true, strict=True)]
    rows.token += [_token(example, at - 1), *shown]
    rows.position += range(first + at, first + at + len(shown) + 1)
    rows.start += [first + at] * (len(shown) + 1)
    rows.block += [number] * (len(shown) + 1)
    rows.target += [*(token if hidden else -1 for hidden, token in zip(masked, true, strict=True)), -1]
    within = [at + index <= len(example.middle) for index in range(len(shown))]
    rows.weight += [*(1.0 if real else PAD_WEIGHT for real in within), 0.0]
    rows.teacher += [*(first + at + index if real else -1 for index, real in enumerate(within)), -1]
    rows.offset += range(len(shown) + 1)
    rows.blank += [all(masked)] * (len(shown) + 1)


def _token(example: Example, index: int) -> int:
    """Token `index` of the middle; the one before it at -1, ends behind it."""
    if index < 0:
        return example.last
    return example.middle[index] if index < len(example.middle) else example.end
