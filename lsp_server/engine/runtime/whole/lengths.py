"""How many masks to begin with where a family cannot change the canvas's length.

Without training the best is to look: a canvas of the right length is surer of itself at the first step
(CAL, arXiv 2602.00476, whose correction for length is left out here).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from lsp_server.engine.runtime.whole.run import WholeRun


def lengths_to_try(sizes: Sequence[int], most: int, least: int = 1) -> list[int]:
    """Of `sizes` those from `least` to `most` masks; `most` itself where there is none."""
    fitting = [size for size in sizes if least <= size <= most]
    return fitting or [max(least, min(most, sizes[-1]))]


def surest_length(run: WholeRun, lengths: Sequence[int]) -> int:
    """The length whose blank canvas is surest, by the mean of its log probabilities; the shortest of equals.

    One pass for each length; none if there is but one, or once the time is up.
    """
    best, highest = lengths[0], -math.inf
    for length in lengths if len(lengths) > 1 else ():
        if not run.go_on():
            break
        choices = run.chooser.choose(run.logits([None] * length), len(run.canvas.tokens))
        sureness = sum(math.log(max(choice.confidence, 1e-9)) for choice in choices) / length
        if sureness > highest:
            best, highest = length, sureness
    return best
