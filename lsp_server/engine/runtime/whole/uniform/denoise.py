"""Denoising random tokens: what an entropy bound accepts stays for a step, the rest is drawn anew.

The decode of DiffusionGemma in transformers (EB-Sampler, arXiv 2505.24857, over uniform noise), with
positions that are fixed for what the user has typed.
"""

from __future__ import annotations

from random import Random

import torch
from torch import Tensor

from lsp_server.engine.runtime.denoise.choice import Choice
from lsp_server.engine.runtime.denoise.parallel import Block, lock_typed
from lsp_server.engine.runtime.families.family import Noise
from lsp_server.engine.runtime.whole.denoise import NO_TOKEN, commit
from lsp_server.engine.runtime.whole.run import WholeRun
from lsp_server.engine.runtime.whole.uniform.canvases import Canvases


def fill_by_noise(run: WholeRun, noise: Noise, temperature: float, seed: int) -> None:
    """Fill canvas after canvas until the fill ends.

    At `temperature` 0 a step takes each position's likeliest token; at 1 it draws one as the authors do.
    Noise belongs to `seed`.

    Raises:
        TypeError: the run sees something else than a canvas of noise.
    """
    if not isinstance(run.sight, Canvases):
        raise TypeError("uniform noise needs a network that was taught it")
    rng = Random(seed)  # noqa: S311 -- nothing here is secret
    while run.go_on():
        work = Block([None] * run.sight.room, NO_TOKEN)
        run.show(work.cells)
        _denoise(run, run.sight, work, noise, temperature, rng)
        tokens = commit(run, work)
        if run.go_on():
            run.sight.keep(tokens)


def accepted(entropy: Tensor, bound: float) -> Tensor:
    """Which positions (n,) of that entropy (nats) are accepted: ascending, while the sum before one fits.

    The last of them is the largest, so what the sum leaves out is the largest (EB-Sampler, equation 6).
    """
    ordered, places = entropy.sort()
    fits = ordered.cumsum(0) - ordered <= bound
    return torch.zeros_like(fits).scatter(0, places, fits)


def _denoise(
    run: WholeRun, sight: Canvases, work: Block, noise: Noise, temperature: float, rng: Random
) -> None:
    """Step until the canvas stands still; then all of it is settled, as far as time was."""
    fixed: dict[int, Choice] = {}
    ids, before, still = [run.blank() for _ in work.cells], None, 0
    for step in range(noise.steps, 0, -1):
        if not run.go_on():
            return
        raw = sight.logits(ids)
        heat = noise.coldest + (noise.hottest - noise.coldest) * step / noise.steps
        told = raw / heat
        sight.thought(told)
        if not fixed:
            fixed = _typed(run, work, raw[:, : run.columns])
        choices = _choices(told[:, : run.columns], temperature, rng)
        entropy = torch.tensor([choice.entropy for choice in choices])
        keep = accepted(entropy, noise.bound).tolist()
        work.cells = [
            fixed.get(place) or (choice if keep[place] else None) for place, choice in enumerate(choices)
        ]
        likeliest = told[:, : run.columns].argmax(-1).tolist()
        still = still + 1 if likeliest == before else 0
        if still >= noise.stable and float(entropy.mean()) < noise.calm:
            break
        before = likeliest
        ids = [run.blank() if cell is None else cell.token for cell in work.cells]
        run.show(work.cells)
    settled = run.chooser.choose(told[:, : run.columns], len(run.canvas.tokens))
    weighed = [run.chooser.weighed(choice, told[place]) for place, choice in enumerate(settled)]
    work.cells = [fixed.get(place, choice) for place, choice in enumerate(weighed)]
    run.show(work.cells)


def _typed(run: WholeRun, work: Block, logits: Tensor) -> dict[int, Choice]:
    """Choices for what the user has typed, at the canvas's start."""
    head = Block([None] * len(work.cells), NO_TOKEN)
    lock_typed(run.canvas, run.chooser, head, logits.clone())
    return dict(enumerate(head.settled()))


def _choices(told: Tensor, temperature: float, rng: Random) -> list[Choice]:
    """A token for each position, likeliest or drawn (Gumbel-max), with the position's entropy."""
    scores = told
    if temperature:
        generator = torch.Generator().manual_seed(rng.randrange(2**63))
        uniform = torch.rand(told.shape, generator=generator).clamp_(1e-9, 1 - 1e-7)
        scores = told - temperature * (-uniform.log()).log().to(told.device)
    tokens = scores.argmax(-1)
    shares = told.softmax(-1)
    sure = shares.gather(1, tokens[:, None])[:, 0]
    entropy = torch.special.entr(shares).sum(-1)
    rows = zip(tokens.tolist(), sure.tolist(), entropy.tolist(), strict=True)
    return [Choice(token, confidence, nats) for token, confidence, nats in rows]
