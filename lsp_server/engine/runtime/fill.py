"""A loaded model that answers fill requests: the `Filler` of the default family."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from lsp_server.core.cancel import CancelToken
from lsp_server.core.types import FillFigures
from lsp_server.engine.protocol import Candidate, FillRequest, FillResult
from lsp_server.engine.runtime.attempt import Attempt, Model
from lsp_server.engine.runtime.filler import OnFrame

EXPLORING = 0.7
"""Temperature of all candidates but the first."""
MORE_TRIES = 2
"""How often to try again when a candidate is one that the request wants to avoid."""


@dataclass(slots=True)
class DiffusionFiller:
    """The model under its name; called from one thread only."""

    loaded: Model
    model: str
    adapter: str
    backend: str
    clock: Callable[[], float] = time.monotonic

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
        tries = request.candidates + (MORE_TRIES if any(hole.avoid for hole in request.holes) else 0)
        attempts: list[Attempt] = []
        candidates: list[Candidate] = []
        for index in range(tries):
            late = deadline is not None and self.clock() >= deadline
            if len(candidates) == request.candidates or (late and attempts):
                break
            attempt = self._attempt(request, index, cancel, deadline, on_frame)
            attempts.append(attempt)
            candidate = attempt.candidate()
            if not _avoided(request, candidate) and not _known(candidates, candidate):
                candidates.append(candidate)
        figures = FillFigures(
            forwards=round(sum(attempt.forwards for attempt in attempts), 2),
            tokens=sum(len(fill.pieces) for candidate in candidates for fill in candidate.fills),
            latency_ms=(self.clock() - started) * 1000,
            context_tokens=attempts[0].context_tokens,
            cached_tokens=attempts[0].cached_tokens,
        )
        best_first = sorted(candidates, key=lambda candidate: -candidate.confidence)
        return FillResult(tuple(best_first), figures, self.model, self.adapter)

    def close(self) -> None:
        """Give the cached contexts back; the weights go with this object."""
        self.loaded.cache.clear()

    def _attempt(
        self,
        request: FillRequest,
        index: int,
        cancel: CancelToken,
        deadline: float | None,
        on_frame: OnFrame | None,
    ) -> Attempt:
        given = request.sampling.temperature
        return Attempt(
            model=self.loaded,
            request=request,
            index=index,
            seed=request.sampling.seed * 1009 + index,
            temperature=given if index == 0 else max(given, EXPLORING),
            cancel=cancel,
            deadline=deadline,
            on_frame=on_frame if request.frames else None,
        )


def _avoided(request: FillRequest, candidate: Candidate) -> bool:
    pairs = zip(request.holes, candidate.fills, strict=True)
    return any(fill.text.strip() == rejected.strip() for hole, fill in pairs for rejected in hole.avoid)


def _known(candidates: list[Candidate], new: Candidate) -> bool:
    texts = [fill.text for fill in new.fills]
    return any([fill.text for fill in known.fills] == texts for known in candidates)
