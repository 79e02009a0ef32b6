"""Draft by diffusion, verify by the base, remask what it would not have said.

Self-speculation as in I-DLM's residual decoding and Nemotron's `linear_spec_generate`:
one denoising pass drafts a block, one causal pass of the frozen base over the
draft accepts its longest agreeing start and adds one token of its own. The
answer is the base's own, token for token; the draft only saves passes.
"""

from __future__ import annotations

from collections.abc import Sequence

from lsp_server.engine.runtime.denoise.choice import Choice
from lsp_server.engine.runtime.denoise.drafts import diffusion_draft, lookup_draft, sketched_draft
from lsp_server.engine.runtime.denoise.run import Run

DRAFT_WIDTH = 4
"""Positions of a diffusion draft: wider ones commit no more a pass with the shipped adapter."""
LOOKUP_WIDTH = 8
"""Positions of a draft that costs no pass."""
DRAFT_THRESHOLD = 0.3


def verified(run: Run, *, mask: int, width: int = DRAFT_WIDTH, threshold: float = DRAFT_THRESHOLD) -> None:
    """Fill `run.canvas` until it stops."""
    run.show([None] * width)
    while run.go_on():
        draft = _draft(run, mask=mask, width=width, threshold=threshold)
        if run.go_on():
            _verify(run, draft)
            run.show([None] * width if run.canvas.stop is None else ())


def _draft(run: Run, *, mask: int, width: int, threshold: float) -> list[int]:
    copied = lookup_draft([*run.kv.tokens, run.last], LOOKUP_WIDTH)
    proposed: list[Choice | None] = [Choice(token, 0.0, 0.0) for token in copied]
    if not proposed:
        proposed = list(
            sketched_draft(run, run.sketches)
            if run.sketches
            else diffusion_draft(run, width, threshold, mask)
        )
    run.show(proposed + [None] * (width - len(proposed)))
    return [choice.token for choice in proposed if choice]


def _verify(run: Run, draft: Sequence[int]) -> None:
    """Commit the draft as far as the base agrees, and the base's own next token."""
    read = len(run.kv.tokens)
    logits = run.read([run.last, *draft])
    says = run.chooser.choose_in_order(logits, run.canvas.typed, len(run.canvas.tokens))
    for accepted, choice in enumerate(says):
        run.last = choice.token
        if not run.commit(choice) or accepted >= len(draft) or choice.token != draft[accepted]:
            run.kv.truncate(read + 1 + accepted)
            return
