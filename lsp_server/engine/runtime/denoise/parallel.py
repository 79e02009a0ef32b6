"""Pure diffusion, block by block: many positions a pass, chosen by a sampler, doubtful ones remasked."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from torch import Tensor

from lsp_server.engine.protocol import CellState, Stop
from lsp_server.engine.runtime.denoise.canvas import Canvas
from lsp_server.engine.runtime.denoise.choice import Choice, Chooser
from lsp_server.engine.runtime.denoise.run import Run
from lsp_server.engine.runtime.denoise.samplers import least_sure

BLOCK = 16
"""Positions of a block at most."""
AHEAD = 8
"""Masks behind what is settled; a block grows to keep so many, and a short fill pays for no more."""

Sampler = Callable[[Sequence[Choice], Sequence[int]], list[int]]
"""(a choice for each position of the block, masked positions) -> positions to commit."""


@dataclass(slots=True)
class Block:
    """Positions denoised together: a choice for each committed one, None where a mask stands."""

    cells: list[Choice | None]
    mask: int

    def ids(self) -> list[int]:
        """What the network sees."""
        return [self.mask if cell is None else cell.token for cell in self.cells]

    def grow(self, most: int) -> None:
        """Put masks at the end until there are `AHEAD` behind what is settled, or `most` cells."""
        self.cells += [None] * (min(most, len(self.settled()) + AHEAD) - len(self.cells))

    def masked(self, end: int) -> list[int]:
        """Masked positions before `end`."""
        return [position for position in range(end) if self.cells[position] is None]

    def remask(self, positions: Sequence[int]) -> None:
        """Put masks back."""
        for position in positions:
            self.cells[position] = None

    def settled(self) -> list[Choice]:
        """The committed positions before the first mask."""
        known: list[Choice] = []
        for cell in self.cells:
            if cell is None:
                break
            known.append(cell)
        return known


def parallel(
    run: Run,
    sampler: Sampler,
    *,
    mask: int,
    block: int = BLOCK,
    with_entropy: bool = False,
    remask_below: float = 0.0,
) -> None:
    """Fill `run.canvas` block by block until it stops.

    Once a block is full, committed positions below `remask_below` are masked again,
    once, and denoised seeing the others (ReMDM, arXiv 2503.00307).
    """
    run.show([None] * min(block, AHEAD))
    while run.go_on():
        work = Block([], mask)
        denoise_block(run, work, sampler, with_entropy=with_entropy, most=block)
        doubtful = _doubtful(run, work, remask_below)
        if doubtful and run.go_on():
            kept = list(work.cells)
            work.remask(doubtful)
            denoise_block(run, work, sampler, with_entropy=with_entropy, most=block)
            if run.canvas.stop is Stop.BUDGET:  # half of a second look is worse than the first
                work.cells = kept
        commit_block(run, work)


def denoise_block(
    run: Run,
    work: Block,
    sampler: Sampler,
    *,
    with_entropy: bool = False,
    whole: bool = False,
    most: int = 0,
) -> None:
    """Step until no mask is left before the fill's end, or anywhere if `whole`.

    Meanwhile the block grows to `most` cells as the fill goes on.
    """
    while run.go_on():
        work.grow(most)
        end = len(work.cells) if whole else end_of(run.canvas, work)
        if not work.masked(end):
            return
        logits = run.denoise(work.ids())
        lock_typed(run.canvas, run.chooser, work, logits)
        masked = work.masked(end)
        if masked and not typed_left(run.canvas, work):
            choices = run.chooser.choose(logits, len(run.canvas.tokens), with_entropy=with_entropy)
            for position in sampler(choices, masked):
                work.cells[position] = run.chooser.weighed(choices[position], logits[position])
        run.show(work.cells, CellState.COMMITTED)


def commit_block(run: Run, work: Block) -> None:
    """Commit the settled positions; if the fill goes on, the base reads them."""
    tokens = []
    for choice in work.settled():
        tokens.append(choice.token)
        if not run.commit(choice):
            return
    if tokens and run.go_on():
        run.advance([run.last, *tokens[:-1]])
        run.last = tokens[-1]


def lock_typed(canvas: Canvas, chooser: Chooser, work: Block, logits: Tensor) -> None:
    """Commit, left to right, tokens for what the user has typed."""
    while typed := typed_left(canvas, work):
        position = len(work.settled())
        if position == len(work.cells):
            return
        place = len(canvas.tokens) + position
        choice = chooser.choose_fitting(logits[position], typed, place)
        work.cells[position] = chooser.weighed(choice, logits[position], typed)


def typed_left(canvas: Canvas, work: Block) -> bytes:
    """The typed bytes that neither the canvas nor the block's settled positions cover yet."""
    covered = sum(len(canvas.vocabulary.bytes_of(choice.token)) for choice in work.settled())
    return canvas.typed[covered:]


def end_of(canvas: Canvas, work: Block) -> int:
    """Where the block ends: behind the first position that ends the fill, as far as can be known."""
    trial = canvas.copy()
    for position, choice in enumerate(work.settled()):
        if not trial.commit(choice.token, choice.confidence):
            return position + 1
    breaks = trial.text().count("\n")
    for position, cell in enumerate(work.cells[len(work.settled()) :], len(work.settled())):
        if cell is None:
            continue
        breaks += canvas.vocabulary.bytes_of(cell.token).count(b"\n")
        if cell.token in canvas.ends or breaks >= (canvas.ending.max_lines or math.inf):
            return position + 1
    return len(work.cells)


def _doubtful(run: Run, work: Block, threshold: float) -> list[int]:
    """Settled positions below `threshold`, at most a quarter of the block."""
    settled = work.settled()[: end_of(run.canvas, work)]
    confidence = [choice.confidence for choice in settled]
    low = [position for position, value in enumerate(confidence) if value < threshold]
    return least_sure(confidence, low, len(work.cells) // 4)
