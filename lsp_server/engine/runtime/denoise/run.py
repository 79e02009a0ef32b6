"""One hole being denoised: the network, the cached context, the canvas, and what may end it early."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from torch import Tensor

from lsp_server.core.cancel import CancelToken
from lsp_server.engine.protocol import Cell, CellState, Stop
from lsp_server.engine.runtime.denoise.canvas import Canvas
from lsp_server.engine.runtime.denoise.choice import Choice, Chooser
from lsp_server.engine.runtime.denoise.hint import Hint
from lsp_server.engine.runtime.kv import KV
from lsp_server.engine.runtime.network import Network

Watch = Callable[[int, list[Cell]], None]
"""Called with the step's number and the cells of the whole canvas."""


@dataclass(slots=True)
class Run:
    """State of one fill.

    `last` is the token right before the canvas's next position; the cache `kv` and then `unread` hold
    everything before it. What is unread joins the first pass, which costs less than a pass of its
    own. `forwards` counts passes; one of the sketcher counts as the share of
    the layers it goes through. `excluded` are tokens that must not stand behind so many bytes of the canvas.
    """

    network: Network
    kv: KV
    chooser: Chooser
    canvas: Canvas
    last: int
    cancel: CancelToken
    deadline: float | None = None
    watch: Watch | None = None
    unread: Sequence[int] = ()
    hint: Hint | None = None
    excluded: Mapping[int, Sequence[int]] = field(default_factory=dict)
    clock: Callable[[], float] = field(default=time.monotonic)
    forwards: float = 0
    steps: int = 0

    def go_on(self) -> bool:
        """Whether to take another step; raises if the request was withdrawn."""
        self.cancel.check()
        if self.canvas.stop is None and self.cancel.over(self.deadline, self.clock):
            self.canvas.stop = Stop.BUDGET
        return self.canvas.stop is None

    def read(self, tokens: Sequence[int]) -> Tensor:
        """The base's logits after each of `tokens`, which join the context, for the chooser's `ids`."""
        self.forwards += 1
        unread, self.unread = self.unread, ()
        end = min(1, len(unread))  # a fill that comes back to the end of the context sketches from there
        hidden = self.network.read(self.kv, [*unread, *tokens], last=end + len(tokens))
        return self.network.logits(hidden[end:], self.chooser.ids)

    def exclude_behind(self, draft: Sequence[int]) -> None:
        """Keep the chooser from what is excluded behind the canvas and each token of `draft`."""
        if not self.excluded:
            return
        sizes = [len(self.canvas.vocabulary.bytes_of(token)) for token in (*self.canvas.tokens, *draft)]
        places = enumerate(accumulate(sizes, initial=0))
        self.chooser.exclude({place: self.excluded[at] for place, at in places if at in self.excluded})

    def advance(self, tokens: Sequence[int]) -> None:
        """The base reads `tokens` into the context; nothing is predicted."""
        self.forwards += 1
        self.network.read(self.kv, tokens)

    def denoise(self, block: Sequence[int]) -> Tensor:
        """The denoiser's logits for each position of the block that stands after `last`."""
        if self.unread:
            self.advance(self.unread)
            self.unread = ()
        self.forwards += 1
        hidden = self.network.denoise(self.kv, [self.last, *block])[:-1]
        return self.network.logits(hidden, self.chooser.ids)

    @property
    def sketches(self) -> int:
        """Positions that a sketch proposes at most; 0 where there is nothing to sketch from."""
        sketcher = self.network.weights.sketcher
        ready = self.kv.seed is not None and not self.unread and not self.canvas.typed
        return sketcher.width if sketcher and ready else 0

    @property
    def sketch_ids(self) -> Tensor:
        """The tokens that a sketch may propose."""
        sketcher = self.network.weights.sketcher
        if sketcher is None:
            raise ValueError("there is no sketcher")
        return sketcher.ids

    def sketch(self, width: int) -> Tensor:
        """The sketcher's logits for each of `width` positions behind `last`: (width, ids)."""
        self.forwards += self.network.sketch_share
        return self.network.sketch(self.kv, [self.last], width)

    def commit(self, choice: Choice) -> bool:
        """Commit the next position; whether the fill goes on."""
        return self.canvas.commit(choice.token, choice.confidence, choice.others)

    def show(self, block: Sequence[Choice | None] = (), state: CellState = CellState.DRAFTED) -> None:
        """Show the canvas: what is committed, then the block's choices (None: a mask)."""
        self.steps += 1
        if self.watch is None:
            return
        decode = self.canvas.vocabulary.decode
        cells = [
            Cell(decode([cell.token]), state, cell.confidence) if cell else Cell("", CellState.MASKED)
            for cell in block
        ]
        self.watch(self.steps, [*self.canvas.cells(), *cells])
