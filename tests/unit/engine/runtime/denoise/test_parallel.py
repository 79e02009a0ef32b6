"""Blocks denoised by diffusion alone: how wide they are, and where they end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import pytest
import torch
from torch import Tensor

from lsp_server.core.cancel import CancelToken
from lsp_server.engine.runtime.denoise.canvas import Canvas
from lsp_server.engine.runtime.denoise.choice import Choice
from lsp_server.engine.runtime.denoise.ending import Ending
from lsp_server.engine.runtime.denoise.parallel import AHEAD, BLOCK, parallel
from lsp_server.engine.runtime.denoise.run import Run
from lsp_server.engine.runtime.denoise.samplers import by_confidence

PIECES = (b"", b"x", b"\n")
END, WORD, BREAK, MASK = 0, 1, 2, 9


class Letters:
    """A vocabulary of three tokens."""

    def bytes_of(self, token: int) -> bytes:
        return PIECES[token]

    def decode(self, tokens: list[int]) -> str:
        return b"".join(PIECES[token] for token in tokens).decode()


class Told:
    """Network and chooser in one that know what stands at each place, and how surely."""

    ids = None

    def __init__(self, answer: Sequence[tuple[int, float]]) -> None:
        self.answer = answer
        self.shown: list[list[int]] = []

    def denoise(self, _: object, tokens: Sequence[int]) -> Tensor:
        self.shown.append(list(tokens[1:]))
        return torch.zeros(len(tokens), 1)

    def logits(self, hidden: Tensor, ids: None) -> Tensor:
        return hidden if ids is None else hidden[:, ids]

    def read(self, *_: object, **__: object) -> None:
        """What was committed joins the context."""

    def weighed(self, choice: Choice, _: Tensor) -> Choice:
        return choice

    def choose(self, logits: Tensor, place: int, *, with_entropy: bool = False) -> list[Choice]:
        del with_entropy
        known = [*self.answer, *[(WORD, 0.1)] * BLOCK * 2]
        return [Choice(*known[place + row], 0.0) for row in range(len(logits))]


def shown(answer: Sequence[tuple[int, float]], *, lines: int | None = None, text: str) -> list[list[int]]:
    """What the network is shown in each pass of a fill, which must be `text`."""
    told = Told(answer)
    canvas = Canvas(Letters(), frozenset({END}), Ending(max_lines=lines), 99)
    run = Run(cast("Any", told), cast("Any", None), cast("Any", told), canvas, WORD, CancelToken())

    def sampler(choices: Sequence[Choice], masked: Sequence[int]) -> list[int]:
        return by_confidence([choice.confidence for choice in choices], masked, 0.9)

    parallel(run, sampler, mask=MASK)
    assert canvas.fill().text == text
    return told.shown


def test_a_short_fill_pays_for_few_masks() -> None:
    """A fill that ends at once is one pass over no more masks than `AHEAD`."""
    assert shown([(WORD, 0.99), (END, 0.99)], text="x") == [[MASK] * AHEAD]


@pytest.mark.parametrize("sure", [0.5, 0.95], ids=["one by one", "together"])
def test_a_block_grows_with_the_fill(sure: float) -> None:
    """There are `AHEAD` masks behind what is settled, until a block has `BLOCK` positions."""
    answer = [*[(WORD, sure)] * (BLOCK + 2), (END, sure)]
    passes = shown(answer, text="x" * (BLOCK + 2))
    for block in passes:
        settled = block.index(MASK)
        assert len(block) == min(BLOCK, settled + AHEAD)
    assert max(len(block) for block in passes) == BLOCK


def test_nothing_is_denoised_behind_a_sure_end() -> None:
    """Behind a line break that ends the fill no position is committed, though masks stand before it."""
    answer = [(WORD, 0.5), (WORD, 0.5), (BREAK, 0.99), (WORD, 0.6), (WORD, 0.6)]
    passes = shown(answer, lines=1, text="xx")
    assert len(passes) == 3
    assert all(block[3:] == [MASK] * len(block[3:]) for block in passes)
