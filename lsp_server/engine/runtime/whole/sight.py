"""What a canvas sees, and where its logits come from. The two kinds of attention implement it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from torch import Tensor


class Sight(Protocol):
    """The surroundings of one canvas."""

    @property
    def forwards(self) -> float:
        """Passes so far; one over a part of the sequence counts as its share."""

    @property
    def room(self) -> int | None:
        """Canvas positions that are denoised together now; None: the whole canvas."""

    def logits(self, canvas: Sequence[int]) -> Tensor:
        """One pass: (len(canvas), vocab) in fp32, row r for what stands at position r."""

    def keep(self, tokens: Sequence[int]) -> None:
        """The canvas's first tokens stay as they are; what follows sees them as context."""
