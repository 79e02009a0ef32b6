"""Drafts for verified decoding: what probably stands in the next block."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, takewhile
from operator import mul

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
    return [
        choice for choice, all_right in zip(choices, _together(choices), strict=True) if all_right >= least
    ]


def _together(choices: Sequence[Choice]) -> list[float]:
    """For each choice the probability that it and all before it are right."""
    return list(accumulate((choice.confidence for choice in choices), mul))


def _expected(draft: Sequence[Choice]) -> float:
    """How many of a draft's tokens are right on average: all up to the first that is not."""
    return sum(_together(draft))
