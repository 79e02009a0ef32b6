"""One canvas being denoised: its surroundings, what is committed, and what may end it early."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from torch import Tensor

from lsp_server.core.cancel import CancelToken
from lsp_server.engine.protocol import Cell, CellState, Stop
from lsp_server.engine.runtime.denoise.canvas import Canvas
from lsp_server.engine.runtime.denoise.choice import Choice, Chooser
from lsp_server.engine.runtime.denoise.run import Watch
from lsp_server.engine.runtime.whole.sight import Sight


@dataclass(slots=True)
class WholeRun:
    """State of one fill. `blank` gives the token that stands where none is known: the mask, or noise.

    Of logits the first `columns` are tokens. `watch` is told every step.
    """

    sight: Sight
    chooser: Chooser
    canvas: Canvas
    blank: Callable[[], int]
    columns: int
    cancel: CancelToken
    deadline: float | None = None
    watch: Watch | None = None
    clock: Callable[[], float] = time.monotonic
    steps: int = 0

    def go_on(self) -> bool:
        """Whether to take another step; raises if the request was withdrawn."""
        self.cancel.check()
        if self.canvas.stop is None and self.cancel.over(self.deadline, self.clock):
            self.canvas.stop = Stop.BUDGET
        return self.canvas.stop is None

    def logits(self, cells: Sequence[Choice | None]) -> Tensor:
        """One pass over the canvas, (len(cells), columns); None is a mask."""
        ids = [self.blank() if cell is None else cell.token for cell in cells]
        return self.sight.logits(ids)[:, : self.columns]

    def show(self, cells: Sequence[Choice | None], state: CellState = CellState.COMMITTED) -> None:
        """Show what is committed, then the cells of the canvas (None: a mask)."""
        self.steps += 1
        if self.watch is None:
            return
        decode = self.canvas.vocabulary.decode
        shown = [
            Cell(decode([cell.token]), state, cell.confidence) if cell else Cell("", CellState.MASKED)
            for cell in cells
        ]
        self.watch(self.steps, [*self.canvas.cells(), *shown])
