"""The decode of masked families: every step commits what is sure, wherever it stands in the canvas."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from lsp_server.engine.protocol import Stop
from lsp_server.engine.runtime.denoise.choice import Choice
from lsp_server.engine.runtime.denoise.parallel import Block, Sampler, end_of, lock_typed, typed_left
from lsp_server.engine.runtime.denoise.samplers import least_sure
from lsp_server.engine.runtime.families.family import Resizing
from lsp_server.engine.runtime.whole.picking import within_stride
from lsp_server.engine.runtime.whole.run import WholeRun

REMASK_BELOW = 0.3
"""Committed positions less sure than this are denoised once more when the canvas is full."""


NO_TOKEN = -1
"""In a block's place for its mask: what stands for a mask is the run's business."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How a canvas is denoised: see `Facts`. A resizing canvas has at most `most` positions."""

    pick: Sampler
    with_entropy: bool = False
    stride: int | None = None
    resizing: Resizing | None = None
    most: int = 64
    remask_below: float = 0.0


def fill_in_place(run: WholeRun, manner: Manner, length: int) -> None:
    """Fill a canvas of `length` masks between its surroundings; when it is full, the fill has ended.

    What is doubtful then is masked again, once, and denoised seeing the others (ReMDM, arXiv 2503.00307).
    """
    work = Block([None] * length, NO_TOKEN)
    run.show(work.cells)
    denoise(run, work, manner)
    doubtful = _doubtful(run, work, manner.remask_below)
    if doubtful and run.go_on():
        kept = list(work.cells)
        work.remask(doubtful)
        denoise(run, work, manner)
        if run.canvas.stop is Stop.BUDGET:  # half of a second look is worse than the first
            work.cells = kept
    out_of_time = run.canvas.stop is Stop.BUDGET
    whole = not work.masked(len(work.cells))
    commit(run, work)
    if run.canvas.stop is None or (out_of_time and whole):
        run.canvas.stop = Stop.END


def fill_by_blocks(run: WholeRun, manner: Manner) -> None:
    """Fill block after block until the fill ends; each sees those before it."""
    while run.go_on():
        work = Block([None] * (run.sight.room or 1), NO_TOKEN)
        run.show(work.cells)
        denoise(run, work, manner)
        tokens = commit(run, work)
        if run.go_on():
            run.sight.keep(tokens)


def denoise(run: WholeRun, work: Block, manner: Manner) -> None:
    """Step until no mask is left before the fill's end."""
    budget = 2 * manner.most  # so that a canvas cannot breathe for ever
    while run.go_on():
        masked = work.masked(end_of(run.canvas, work))
        if not masked:
            return
        logits = run.logits(work.cells)
        if manner.resizing and (len(work.cells) >= manner.most or budget <= 0):
            logits[:, manner.resizing.expand] = -torch.inf
        lock_typed(run.canvas, run.chooser, work, logits)
        masked = work.masked(end_of(run.canvas, work))
        if masked and not typed_left(run.canvas, work):
            budget -= _commit_sure(run, work, manner, logits, masked)
        run.show(work.cells)


def commit(run: WholeRun, work: Block) -> list[int]:
    """Commit the settled positions; the tokens of those that the fill has."""
    tokens: list[int] = []
    for choice in work.settled():
        tokens.append(choice.token)
        if not run.canvas.commit(choice.token, choice.confidence, choice.others):
            break
    return tokens


def _commit_sure(run: WholeRun, work: Block, manner: Manner, logits: Tensor, masked: list[int]) -> int:
    """Settle what the picker takes; how many masks were put in or taken out."""
    choices = run.chooser.choose(logits, len(run.canvas.tokens), with_entropy=manner.with_entropy)
    picked = manner.pick(choices, within_stride(masked, manner.stride))
    for position in picked:
        work.cells[position] = run.chooser.weighed(choices[position], logits[position])
    return _resize(work, manner, picked) if manner.resizing else 0


def _resize(work: Block, manner: Manner, picked: list[int]) -> int:
    """Two masks for each expanding position as far as there is room, none for each that vanishes."""
    resizing, changed = manner.resizing, 0
    for position in sorted(picked, reverse=True):
        cell = work.cells[position]
        if resizing is None or cell is None or cell.token not in {resizing.expand, resizing.delete}:
            continue
        grows = cell.token == resizing.expand
        room = manner.most - len(work.cells)
        masks: list[Choice | None] = [None] * (min(2, 1 + room) if grows else 0)
        work.cells[position : position + 1] = masks
        changed += 1
    return changed


def _doubtful(run: WholeRun, work: Block, threshold: float) -> list[int]:
    """Settled positions below `threshold`, at most a quarter of the canvas; none of what was typed."""
    settled = work.settled()[: end_of(run.canvas, work)]
    typed = len(run.canvas.typed)
    low: list[int] = []
    for position, choice in enumerate(settled):
        if typed <= 0 and choice.confidence < threshold:
            low.append(position)
        typed -= len(run.canvas.vocabulary.bytes_of(choice.token))
    return least_sure([choice.confidence for choice in settled], low, len(work.cells) // 4)
