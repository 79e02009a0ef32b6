"""Strength: mask a share of the tokens that stand in a hole and denoise only those.

The image-to-image use of diffusion (SDEdit, arXiv 2108.01073) carried over to masks:
the least likely tokens go first, the others stay where they are.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from lsp_server.engine.protocol import Stop
from lsp_server.engine.runtime.denoise.choice import Choice
from lsp_server.engine.runtime.denoise.parallel import BLOCK, Block, Sampler, commit_block, denoise_block
from lsp_server.engine.runtime.denoise.run import Run
from lsp_server.engine.runtime.denoise.samplers import least_sure


def renoise(
    run: Run,
    original: Sequence[int],
    *,
    locked: Collection[int],
    strength: float,
    sampler: Sampler,
    mask: int,
) -> None:
    """Fill `run.canvas` with `original`, `strength` of whose unlocked positions are written anew.

    `run.chooser` must not choose a token that ends a fill: the length stays. When time is
    up the fill is whole all the same: what was not denoised is as it was.
    """
    likelihood = _likelihood(run, original)
    free = [position for position in range(len(original)) if position not in locked]
    masked = set(least_sure(likelihood, free, round(strength * len(free))))
    cells = [
        None if position in masked else Choice(token, likelihood[position], 0.0)
        for position, token in enumerate(original)
    ]
    for start in range(0, len(cells), BLOCK):
        work = Block(cells[start : start + BLOCK], mask)
        denoise_block(run, work, sampler, whole=True)
        for position in work.masked(len(work.cells)):
            work.cells[position] = Choice(original[start + position], likelihood[start + position], 0.0)
        commit_block(run, work)
    run.canvas.stop = Stop.END
    run.canvas.locked = [position not in masked for position in range(len(run.canvas.tokens))]


def _likelihood(run: Run, original: Sequence[int]) -> list[float]:
    """The base's probability of each token of `original`, seeing both sides; one pass."""
    logits = run.read([run.last, *original[:-1]])
    run.kv.truncate(len(run.kv.tokens) - len(logits))
    norm = logits.logsumexp(-1)
    rows = range(len(original))
    return (logits[list(rows), list(original)] - norm).exp().tolist()
