"""What came of a run."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path


class End(Enum):
    """Why a run ended."""

    DONE = "done"
    PAUSED = "paused"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True)
class Report:
    """What came of a run.

    `before`, `after` and `best` are held-out losses: before the first step, now, and the
    lowest, found after `best_step` steps; None where nothing is held out. `adapter` is the
    file with the tensors of the lowest one, or the last ones if nothing is held out; None if
    no step made it lower.
    """

    end: End
    steps: int
    examples: int
    seconds: float
    skipped: int
    before: float | None
    after: float | None
    best: float | None
    best_step: int
    adapter: Path | None

    @property
    def helped(self) -> bool | None:
        """Whether the held-out loss fell; None if that is not known."""
        return None if self.before is None or self.best is None else self.best < self.before
