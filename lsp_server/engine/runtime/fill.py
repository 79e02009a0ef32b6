"""A loaded model that answers fill requests: the `Filler` of the default family."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TypeVar

from lsp_server.core.cancel import CancelToken
from lsp_server.core.types import FillFigures
from lsp_server.engine.protocol import Candidate, FillRequest, FillResult
from lsp_server.engine.runtime.attempt import Attempt, Model
from lsp_server.engine.runtime.batching.front import Front
from lsp_server.engine.runtime.candidates import best_first, seed_of, take_new, temperature_of, tries_for
from lsp_server.engine.runtime.filler import InUse, OnFrame
from lsp_server.engine.runtime.holes import figures_of
from lsp_server.engine.runtime.suspect import Doubter

Result = TypeVar("Result")


@dataclass(slots=True)
class DiffusionFiller:
    """The model under its name.

    With a `front`, which the model's network hands its passes to, up to `parallel` threads may ask
    at once, and further candidates of a request are made side by side.
    """

    loaded: Model
    model: str
    adapter: str
    backend: str
    clock: Callable[[], float] = time.monotonic
    front: Front | None = None
    parallel: int = 1

    def fill(
        self,
        request: FillRequest,
        *,
        cancel: CancelToken,
        deadline: float | None = None,
        on_frame: OnFrame | None = None,
    ) -> FillResult:
        """See `filler.Filler.fill`."""
        started = self.clock()
        tries = tries_for(request)
        if request.questions:
            return self._judge(request, cancel, started)
        if request.read_only:
            return self._read(self._attempt(request, 0, cancel, deadline, None), started)
        attempts: list[Attempt] = []
        candidates: list[Candidate] = []
        while len(candidates) < request.candidates and len(attempts) < tries:
            if attempts and cancel.over(deadline, self.clock):
                break
            missing = min(request.candidates - len(candidates), tries - len(attempts))
            width = missing if self.front and attempts else 1  # the first reads the context for all
            wave = [
                self._attempt(request, index, cancel, deadline, on_frame)
                for index in range(len(attempts), len(attempts) + width)
            ]
            attempts += wave
            take_new(request, candidates, self._candidates(wave))
        figures = figures_of(attempts, candidates, latency_ms=(self.clock() - started) * 1000)
        return FillResult(best_first(candidates), figures, self.model, self.adapter)

    def in_use(self) -> InUse:
        """See `filler.Filler.in_use`."""
        cache = self.loaded.cache
        return InUse(cache.contexts, cache.bytes, dict(self.front.sizes) if self.front else None)

    def close(self) -> None:
        """Give the cached contexts back; the weights go with this object."""
        if self.front:
            self.front.close()
        self.loaded.cache.clear()

    def _candidates(self, wave: Sequence[Attempt]) -> list[Candidate]:
        """The candidates of attempts made at once."""
        if len(wave) == 1:
            return [self._seated(wave[0].candidate)]
        with ThreadPoolExecutor(len(wave)) as threads:
            return list(threads.map(lambda attempt: self._seated(attempt.candidate), wave))

    def _seated(self, work: Callable[[], Result]) -> Result:
        """What `work` returns, with its passes shared and its contexts given back at the end."""
        try:
            with self.front.seat() if self.front else nullcontext():
                return work()
        finally:
            self.loaded.cache.release()

    def _read(self, attempt: Attempt, started: float) -> FillResult:
        self._seated(attempt.read)
        figures = FillFigures(
            latency_ms=(self.clock() - started) * 1000,
            context_tokens=attempt.context_tokens,
            cached_tokens=attempt.cached_tokens,
        )
        return FillResult((), figures, self.model, self.adapter)

    def _judge(self, request: FillRequest, cancel: CancelToken, started: float) -> FillResult:
        doubter = Doubter(self.loaded.network, self.loaded.family, cancel)
        judged = self._seated(lambda: doubter.judge(request))
        figures = FillFigures(
            forwards=doubter.forwards,
            latency_ms=(self.clock() - started) * 1000,
            context_tokens=doubter.context_tokens,
        )
        return FillResult((), figures, self.model, self.adapter, judged)

    def _attempt(
        self,
        request: FillRequest,
        index: int,
        cancel: CancelToken,
        deadline: float | None,
        on_frame: OnFrame | None,
    ) -> Attempt:
        return Attempt(
            model=self.loaded,
            request=request,
            index=index,
            seed=seed_of(request, index),
            temperature=temperature_of(request, index),
            cancel=cancel,
            deadline=deadline,
            on_frame=on_frame if request.frames else None,
        )
