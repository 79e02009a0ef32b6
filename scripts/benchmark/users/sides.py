"""The sides: each answers what several editors ask, and says what each answer took."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Protocol

from benchmark.problems import Problem
from lsp_server.core.errors import EngineFailed
from lsp_server.engine.protocol import DoneEvent, Event, FillRequest, FrameEvent, Hole
from lsp_server.engine.runtime.attempt import Model
from lsp_server.engine.runtime.batching.several import contexts_for, network_for
from lsp_server.engine.runtime.fill import DiffusionFiller
from lsp_server.engine.runtime.scheduler import Scheduler
from lsp_server.engine.runtime.worker import Worker

PATIENCE_S = 600.0
MEMORY = 2 << 30
"""Bytes of contexts on a processor, at most."""
Work = Sequence[Sequence[Problem]]
"""What each editor asks, one after another."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A fill as its editor sees it; `ms` from asking to having all of it."""

    problem: Problem
    text: str
    tokens: int
    ms: float


class Side(Protocol):
    """One contestant, ready to be asked."""

    def answers(self, work: Work) -> list[Answer]:
        """All answers; every editor asks for its next line once it has the last one."""

    def close(self) -> None:
        """Give memory and threads back."""


class Engine:
    """Remask's scheduler and worker around the model, without HTTP; `parallel` fills share passes."""

    def __init__(self, loaded: Model, parallel: int) -> None:
        weights = loaded.network.weights
        network, front = network_for(
            parallel, weights, mask_id=loaded.network.mask_id, before_pass=lambda: None
        )
        model = replace(loaded, network=network, cache=contexts_for(parallel, weights, max_bytes=MEMORY))
        filler = DiffusionFiller(model, "", "", "", front=front, parallel=parallel)
        self._scheduler = Scheduler(capacity=1024)
        self._worker = Worker(self._scheduler, lambda _model, _on_progress: filler, "")
        self._worker.start()

    def answers(self, work: Work) -> list[Answer]:
        """See `Side.answers`."""
        with ThreadPoolExecutor(len(work)) as editors:
            found = list(editors.map(self._asked, range(len(work)), work))
        return [answer for each in found for answer in each]

    def close(self) -> None:
        """See `Side.close`."""
        self._scheduler.close()
        self._worker.join(PATIENCE_S)

    def _asked(self, editor: int, problems: Sequence[Problem]) -> list[Answer]:
        return [self._answer(f"editor {editor}", problem) for problem in problems]

    def _answer(self, editor: str, problem: Problem) -> Answer:
        over, events = threading.Event(), list[Event]()

        def emit(event: Event) -> None:
            if not isinstance(event, FrameEvent):
                events.append(event)
                over.set()

        ask, at = problem.ask, len(problem.prefix)
        hole = Hole(at, at, max_tokens=ask.max_tokens, max_lines=ask.max_lines)
        started = time.perf_counter()
        self._scheduler.submit(
            FillRequest(ask.prefix + ask.suffix, (hole,), client=editor, language="python"), emit
        )
        over.wait(PATIENCE_S)
        ms = (time.perf_counter() - started) * 1000
        if not events or not isinstance(events[0], DoneEvent):
            raise EngineFailed(f"no answer: {events}")
        result = events[0].result
        text = result.candidates[0].fills[0].text if result.candidates else ""
        return Answer(problem, text, result.figures.tokens, ms)
