"""Drafts for verified decoding: what probably stands in the next block."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, takewhile
from operator import mul

from lsp_server.engine.runtime.denoise.canvas import Canvas
from lsp_server.engine.runtime.denoise.choice import Choice
from lsp_server.engine.runtime.denoise.lookup import Lookup
from lsp_server.engine.runtime.denoise.run import Run

WIDEST = 24
"""Positions of a draft that costs no pass of its own, at most."""
FREE = 7
WORTH, DEAR = 0.03, 0.2
"""A position is drafted if all of the draft up to it is right with a probability of `WORTH`; behind the
`FREE` first, of `DEAR`: about eight rows take a pass no longer than one, each further one a twentieth."""
HINTED = 0.9
"""Probability shown for a token of a hint."""
ENOUGH = 1.0
"""Tokens a look-up must be expected to be right about; below that a sketch is made as well."""


def hinted_draft(run: Run) -> list[Choice]:
    """What the run's hint goes on with; nothing once the fill has disagreed with it."""
    return [Choice(token, HINTED, 0.0) for token in run.hint.draft(run.canvas)] if run.hint else []


def cheap_draft(run: Run, lookup: Lookup, *, sketching: bool = True) -> list[Choice]:
    """A draft by look-up, which is free, and where that promises little by a sketch as well."""
    draft = combined(lookup, ())
    if sketching and run.sketches and _expected(draft) < ENOUGH:
        draft = combined(lookup, sketched_draft(run, run.sketches))
    return before_end(run.canvas, draft)


def combined(lookup: Lookup, sketch: Sequence[Choice]) -> list[Choice]:
    """The likeliest token for each position, by what stood behind the like before and by a sketch.

    Both propose with a probability; a token that both propose is wrong only if both are. The
    look-up goes on from what was drafted, also from what the sketch proposed.
    """
    draft: list[Choice] = []
    together = 1.0
    while len(draft) < WIDEST:
        shares = lookup.following([choice.token for choice in draft])
        for choice in sketch[len(draft) : len(draft) + 1]:
            shares[choice.token] = 1 - (1 - shares.get(choice.token, 0.0)) * (1 - choice.confidence)
        token = max(shares, key=lambda each: shares[each], default=None)
        if token is None:
            break
        together *= shares[token]
        if together < (WORTH if len(draft) < FREE else DEAR):
            break
        draft.append(Choice(token, shares[token], 0.0))
    return draft


def before_end(canvas: Canvas, draft: Sequence[Choice]) -> list[Choice]:
    """The draft without the token that would end the fill, and what is behind it.

    The pass that verifies what is before says that token by itself. Looked for are ends at line
    breaks and fences.
    """
    tokens = list(canvas.tokens)
    for position, choice in enumerate(draft):
        tokens.append(choice.token)
        if choice.token in canvas.ends or len(tokens) >= canvas.max_tokens:
            return list(draft[:position])
        piece = canvas.vocabulary.bytes_of(choice.token)
        if (b"\n" in piece or b"`" in piece) and canvas.cut(canvas.vocabulary.decode(tokens)) is not None:
            return list(draft[:position])
    return list(draft)


def diffusion_draft(run: Run, width: int, threshold: float, mask: int) -> list[Choice]:
    """One denoising pass over an all-masked block: its leading positions of at least `threshold`."""
    logits = run.denoise([mask] * width)
    choices = run.chooser.choose_in_order(logits, run.canvas.typed, len(run.canvas.tokens))
    return list(takewhile(lambda choice: choice.confidence >= threshold, choices))


def sketched_draft(run: Run, width: int) -> list[Choice]:
    """A sketch of `width` positions.

    Sketching again with the sure start known was tried and saved no pass (docs/LOG.md).
    """
    return run.chooser.choose_among(run.sketch(width), run.sketch_ids, len(run.canvas.tokens))


def _expected(draft: Sequence[Choice]) -> float:
    """How many of a draft's tokens are right on average: all up to the first that is not."""
    together: list[float] = list(accumulate((choice.confidence for choice in draft), mul))
    return sum(together)
