"""Drafts for verified decoding: what probably stands in the next block."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile

from lsp_server.engine.runtime.denoise.choice import Choice
from lsp_server.engine.runtime.denoise.run import Run


def diffusion_draft(run: Run, width: int, threshold: float, mask: int) -> list[Choice]:
    """One denoising pass over an all-masked block: its leading positions of at least `threshold`."""
    logits = run.denoise([mask] * width)
    choices = run.chooser.choose_in_order(logits, run.canvas.typed, len(run.canvas.tokens))
    return list(takewhile(lambda choice: choice.confidence >= threshold, choices))


def lookup_draft(history: Sequence[int], width: int, *, match: int = 3) -> list[int]:
    """What followed the latest earlier occurrence of the last `match` tokens (prompt look-up decoding).

    Costs no pass: code repeats itself, and a rewrite mostly copies.
    """
    tail = list(history[-match:])
    if len(tail) < match:
        return []
    for start in range(len(history) - match - 1, -1, -1):
        if history[start + match - 1] == tail[-1] and list(history[start : start + match]) == tail:
            return list(history[start + match : start + match + width])
    return []
