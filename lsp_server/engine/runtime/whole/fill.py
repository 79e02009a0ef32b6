"""A loaded checkpoint that answers fill requests: the `Filler` of all families but the default."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from lsp_server.core.cancel import CancelToken
from lsp_server.core.types import FillFigures
from lsp_server.engine.protocol import Candidate, FillRequest, FillResult
from lsp_server.engine.runtime.candidates import best_first, seed_of, take_new, temperature_of, tries_for
from lsp_server.engine.runtime.families.family import Around, Facts, Family, Surroundings
from lsp_server.engine.runtime.filler import InUse, OnFrame
from lsp_server.engine.runtime.holes import figures_of
from lsp_server.engine.runtime.kv import ContextCache
from lsp_server.engine.runtime.whole.attempt import Look, WholeAttempt
from lsp_server.engine.runtime.whole.blocks import Blocks
from lsp_server.engine.runtime.whole.both_sides import REFRESH, BothSides
from lsp_server.engine.runtime.whole.judge import Judge
from lsp_server.engine.runtime.whole.sight import Sight
from lsp_server.engine.runtime.whole.transformer import Transformer


@dataclass(slots=True)
class MaskedLook:
    """See `attempt.Look`: for families with a mask. Full attention keeps nothing from fill to fill."""

    network: Transformer
    cache: ContextCache
    refresh: int = REFRESH

    def __call__(self, around: Around, facts: Facts, cancel: CancelToken) -> tuple[Sight, int]:
        """See `attempt.Look`."""
        if facts.block is None:
            before, after = around.before, around.after
            return BothSides(self.network, before, after, shift=facts.shift, refresh=self.refresh), 0
        sight = Blocks(
            self.network,
            self.cache.open(around.before),
            around.before,
            block=facts.block,
            shift=facts.shift,
            before_pass=cancel.check,
        )
        return sight, sight.cached

    def in_use(self) -> InUse:
        """See `attempt.Look`."""
        return InUse(self.cache.contexts, self.cache.bytes)

    def release(self) -> None:
        """See `attempt.Look`."""
        self.cache.release()

    def clear(self) -> None:
        """See `attempt.Look`."""
        self.cache.clear()


@dataclass(slots=True)
class WholeFiller:
    """A checkpoint under its model's name, one fill at a time. There is no adapter."""

    look: Look
    family: Family
    model: str
    backend: str
    clock: Callable[[], float] = time.monotonic
    adapter: str = ""
    parallel: int = 1
    _turn: threading.Lock = field(default_factory=threading.Lock, init=False)

    def fill(
        self,
        request: FillRequest,
        *,
        cancel: CancelToken,
        deadline: float | None = None,
        on_frame: OnFrame | None = None,
    ) -> FillResult:
        """See `filler.Filler.fill`."""
        with self._turn:
            try:
                return self._fill(request, cancel, deadline, on_frame)
            finally:
                self.look.release()

    def in_use(self) -> InUse:
        """See `filler.Filler.in_use`."""
        return self.look.in_use()

    def close(self) -> None:
        """Give the cached contexts back; the weights go with this object."""
        self.look.clear()

    def _fill(
        self,
        request: FillRequest,
        cancel: CancelToken,
        deadline: float | None,
        on_frame: OnFrame | None,
    ) -> FillResult:
        started = self.clock()
        if request.questions:
            return self._judge(request, cancel, started)
        attempts = [self._attempt(request, 0, cancel, deadline, on_frame)]
        if request.read_only:
            attempts[0].read()
            return self._result((), attempts, started)
        tries = tries_for(request)
        candidates: list[Candidate] = []
        while True:
            take_new(request, candidates, [attempts[-1].candidate()])
            out_of_time = cancel.over(deadline, self.clock)
            if len(candidates) >= request.candidates or len(attempts) >= tries or out_of_time:
                break
            attempts.append(self._attempt(request, len(attempts), cancel, deadline, on_frame))
        return self._result(best_first(candidates), attempts, started)

    def _result(
        self, candidates: tuple[Candidate, ...], attempts: list[WholeAttempt], started: float
    ) -> FillResult:
        figures = figures_of(attempts, candidates, latency_ms=(self.clock() - started) * 1000)
        return FillResult(candidates, figures, self.model, self.adapter)

    def _judge(self, request: FillRequest, cancel: CancelToken, started: float) -> FillResult:
        def see(before: str, after: str) -> Sight:
            cancel.check()
            around = Surroundings(before, after, request.path, request.language, request.snippets)
            return self.look(self.family.layout.fill(around), self.family.facts, cancel)[0]

        judge = Judge(self.family.vocabulary, self.family.blank(request.sampling.seed), see)
        judged = judge.judge(request)
        figures = FillFigures(forwards=judge.forwards, latency_ms=(self.clock() - started) * 1000)
        return FillResult((), figures, self.model, self.adapter, judged)

    def _attempt(
        self,
        request: FillRequest,
        index: int,
        cancel: CancelToken,
        deadline: float | None,
        on_frame: OnFrame | None,
    ) -> WholeAttempt:
        return WholeAttempt(
            family=self.family,
            look=self.look,
            request=request,
            index=index,
            seed=seed_of(request, index),
            temperature=temperature_of(request, index),
            cancel=cancel,
            deadline=deadline,
            on_frame=on_frame if request.frames else None,
        )
