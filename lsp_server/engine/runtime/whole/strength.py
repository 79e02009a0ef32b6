"""Strength: of the tokens that stand in a hole the least likely are masked and denoised; the length stays."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from lsp_server.engine.protocol import Stop
from lsp_server.engine.runtime.denoise.choice import Choice
from lsp_server.engine.runtime.denoise.parallel import Block
from lsp_server.engine.runtime.denoise.samplers import least_sure
from lsp_server.engine.runtime.whole.denoise import NO_TOKEN, Manner, commit, denoise
from lsp_server.engine.runtime.whole.run import WholeRun


def renoise(
    run: WholeRun, manner: Manner, original: Sequence[int], *, locked: Collection[int], strength: float
) -> None:
    """Fill `run.canvas` with `original`, `strength` of whose unlocked positions are written anew.

    `run.chooser` must not choose a token that ends a fill. When time is up the fill is whole all the
    same: what was not denoised is as it was.
    """
    masked: set[int] = set()
    at = 0
    while at < len(original):
        part = list(original[at : at + (run.sight.room or len(original))])
        likelihood = likelihoods(run, part)
        free = [position for position in range(len(part)) if at + position not in locked]
        low = set(least_sure(likelihood, free, round(strength * len(free))))
        kept = [Choice(token, sure, 0.0) for token, sure in zip(part, likelihood, strict=True)]
        work = Block([None if place in low else choice for place, choice in enumerate(kept)], NO_TOKEN)
        denoise(run, work, manner)
        for position in work.masked(len(work.cells)):
            work.cells[position] = kept[position]
        masked |= {at + position for position in low}
        at += len(part)
        tokens = commit(run, work)
        if at < len(original):
            run.sight.keep(tokens)
    run.canvas.stop = Stop.END
    run.canvas.locked = [position not in masked for position in range(len(run.canvas.tokens))]


def likelihoods(run: WholeRun, tokens: Sequence[int]) -> list[float]:
    """The probability of each token where it stands, seeing every second of the others; two passes.

    A family is only taught to predict what is masked, so each half is masked once.
    """
    found = [1.0] * len(tokens)
    known = [Choice(token, 1.0, 0.0) for token in tokens]
    for parity in (0, 1):
        if not run.go_on():
            break
        places = range(parity, len(tokens), 2)
        if not places:
            continue
        cells = [None if place % 2 == parity else choice for place, choice in enumerate(known)]
        shares = run.logits(cells).softmax(-1)
        for place in places:
            found[place] = float(shares[place, tokens[place]])
    return found
