"""How much of the budget is spent, and the learning rate that follows from it."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Budget:
    """Seconds, steps or both: the one that runs out first counts."""

    seconds: float | None = None
    steps: int | None = None

    def share(self, seconds: float, steps: int) -> float:
        """How much is spent, from 0 to 1."""
        shares = [
            spent / whole if whole > 0 else 1.0
            for spent, whole in ((seconds, self.seconds), (steps, self.steps))
            if whole is not None
        ]
        return min(1.0, max(shares, default=0.0))

    def over(self, seconds: float, steps: int, *, next_takes: float = 0.0) -> bool:
        """Whether a step of `next_takes` seconds would overrun it."""
        late = self.seconds is not None and seconds + next_takes >= self.seconds
        return late or (self.steps is not None and steps >= self.steps)

    def less(self, seconds: float) -> Budget:
        """The budget when so many seconds are put aside."""
        left = None if self.seconds is None else max(0.0, self.seconds - seconds)
        return Budget(left, self.steps)


def learning_rate(share: float, *, peak: float, warm_up: float, floor: float) -> float:
    """The rate when `share` of the budget is spent.

    Rises straight from `floor * peak` within `warm_up`, then falls back to it along half a
    cosine (arXiv 1608.03983), so that no step is taken with a rate of zero.
    """
    share = min(1.0, max(0.0, share))
    if share < warm_up:
        height = share / warm_up
    else:
        height = 0.5 * (1 + math.cos(math.pi * (share - warm_up) / (1 - warm_up)))
    return peak * (floor + (1 - floor) * height)
