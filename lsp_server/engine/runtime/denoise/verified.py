"""Draft by diffusion, verify by the base, remask what it would not have said.

Self-speculation as in I-DLM's residual decoding and Nemotron's `linear_spec_generate`:
one denoising pass drafts a block, one causal pass of the frozen base over the
draft accepts its longest agreeing start and adds one token of its own. The
answer is the base's own, token for token; the draft only saves passes.
"""

from __future__ import annotations

from collections.abc import Sequence

from lsp_server.engine.runtime.denoise.drafts import cheap_draft, diffusion_draft, hinted_draft
from lsp_server.engine.runtime.denoise.lookup import Lookup
from lsp_server.engine.runtime.denoise.run import Run

DRAFT_THRESHOLD = 0.3
WAITING = 4
"""Masks shown while nothing is drafted."""


def verified(run: Run, *, mask: int, width: int = 0, threshold: float = DRAFT_THRESHOLD) -> None:
    """Fill `run.canvas` until it stops.

    Drafts are the run's hint, while the fill agrees with it, then look-ups and sketches; with a
    `width`, blocks of so many positions by the denoiser instead of sketches, which cost a whole pass.
    """
    hinted = run.hint.tokens() if run.hint else []
    lookup = Lookup([*hinted, *run.kv.tokens, *run.unread, run.last])
    run.show([None] * WAITING)
    while run.go_on():
        draft = hinted_draft(run) or cheap_draft(run, lookup, sketching=not width)
        if width and not draft:
            draft = diffusion_draft(run, width, threshold, mask)
        run.show([*draft, *[None] * (WAITING - len(draft))])
        if run.go_on():
            lookup.extend(_verify(run, [choice.token for choice in draft]))
            run.show([None] * WAITING if run.canvas.stop is None else ())


def _verify(run: Run, draft: Sequence[int]) -> list[int]:
    """Commit the draft as far as the base agrees, and the base's own next token; what was committed."""
    logits = run.read([run.last, *draft])
    read = len(run.kv.tokens) - len(logits)
    run.exclude_behind(draft)
    says = run.chooser.choose_in_order(logits, run.canvas.typed, len(run.canvas.tokens))
    committed: list[int] = []
    for accepted, choice in enumerate(says):
        run.last = choice.token
        committed.append(choice.token)
        weighed = run.chooser.weighed(choice, logits[accepted], run.canvas.typed)
        if not run.commit(weighed) or accepted >= len(draft) or choice.token != draft[accepted]:
            run.kv.truncate(read + 1 + accepted)
            break
    return committed
