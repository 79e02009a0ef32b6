"""Drafts for verified decoding: what probably stands in the next block."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import takewhile

from lsp_server.engine.runtime.denoise.choice import Choice
from lsp_server.engine.runtime.denoise.lookup import Lookup
from lsp_server.engine.runtime.denoise.run import Run

LOOKUP_WIDTH = 10
"""Positions of a draft that costs no pass, at most."""
WORTH = 0.1
"""Probability below which a position is not worth verifying: it costs about a twentieth of a pass."""
ENOUGH = 1.0
"""Tokens a look-up must be expected to be right about; below that a sketch is made as well."""


def cheap_draft(run: Run, lookup: Lookup, *, sketching: bool = True) -> list[Choice]:
    """The longer to be expected of a look-up, which is free, and a sketch, which nearly is."""
    copied = [Choice(token, share, 0.0) for token, share in lookup.draft(LOOKUP_WIDTH, WORTH)]
    if not (sketching and run.sketches) or _expected(copied) >= ENOUGH:
        return copied
    return max(copied, sketched_draft(run, run.sketches), key=_expected)


def diffusion_draft(run: Run, width: int, threshold: float, mask: int) -> list[Choice]:
    """One denoising pass over an all-masked block: its leading positions of at least `threshold`."""
    logits = run.denoise([mask] * width)
    choices = run.chooser.choose_in_order(logits, run.canvas.typed, len(run.canvas.tokens))
    return list(takewhile(lambda choice: choice.confidence >= threshold, choices))


def sketched_draft(run: Run, width: int) -> list[Choice]:
    """A sketch of up to `width` positions, cut where it is hardly worth verifying.

    Sketching again with the sure start known was tried and saved no pass (docs/LOG.md).
    """
    logits = run.sketch(width)
    return _leading(run.chooser.choose_among(logits, run.sketch_ids, len(run.canvas.tokens)), WORTH)


def _leading(choices: Sequence[Choice], least: float) -> list[Choice]:
    """The leading choices that are right, with all before them, with a probability of at least `least`."""
    kept, together = [], 1.0
    for choice in choices:
        together *= choice.confidence
        if together < least:
            break
        kept.append(choice)
    return kept


def _together(choices: Sequence[Choice]) -> float:
    return math.prod(choice.confidence for choice in choices)


def _expected(draft: Sequence[Choice]) -> float:
    """How many of a draft's tokens are right on average: all up to the first that is not."""
    return sum(_together(draft[: count + 1]) for count in range(len(draft)))
