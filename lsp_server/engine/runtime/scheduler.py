"""Who gets the model next: worker threads take jobs, as many at once as there are threads.

A job withdraws older ones of the same client and document. Among clients turns go
round, so that one that asks a lot does not starve another; who has the least under way comes first.
What is asked ahead of time runs when nobody waits for anything, and stops at its next step when
somebody would wait because of it.
"""

from __future__ import annotations

import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field

from lsp_server.core.cancel import CancelToken
from lsp_server.core.errors import EngineUnavailable
from lsp_server.engine.protocol import ErrorEvent, Event, FillRequest

Emit = Callable[[Event], None]


@dataclass(slots=True, eq=False)
class Job:
    """One request on its way. `emit` gets its events, the last one a `DoneEvent` or `ErrorEvent`."""

    request: FillRequest
    emit: Emit
    deadline: float | None
    cancel: CancelToken = field(default_factory=CancelToken)

    def supersedes(self, other: Job) -> bool:
        """Whether `other` is of the same document of the same client; an unnamed document is none.

        What is asked ahead of time takes the place only of what was.
        """
        mine, theirs = self.request, other.request
        if mine.ahead and not theirs.ahead:
            return False
        return bool(mine.document) and (mine.client, mine.document) == (theirs.client, theirs.document)


class Scheduler:
    """The queue in front of the worker. Every method may be called from any thread."""

    def __init__(self, *, capacity: int = 64, clock: Callable[[], float] = time.monotonic) -> None:
        self._capacity = capacity
        self._clock = clock
        self._changed = threading.Condition()
        self._queues: dict[str, deque[Job]] = {}
        self._ahead: deque[Job] = deque()
        self._running: list[Job] = []
        self._idle = 0
        self._closed = False

    @property
    def waiting(self) -> int:
        """How many jobs are queued."""
        with self._changed:
            return len(self._queued())

    @property
    def running(self) -> bool:
        """Whether a job has the model."""
        return bool(self._running)

    def submit(self, request: FillRequest, emit: Emit) -> Job:
        """Queue a request; its time budget starts now.

        Raises:
            EngineUnavailable: the queue is full, or the engine is shutting down.
        """
        budget_s = None if request.budget_ms is None else request.budget_ms / 1000
        job = Job(request, emit, None if budget_s is None else self._clock() + budget_s)
        with self._changed:
            if self._closed:
                raise EngineUnavailable("the engine is shutting down")
            older = [other for other in self._queued() if job.supersedes(other)]
            if len(self._queued()) - len(older) >= self._capacity:
                raise EngineUnavailable(
                    f"the engine has {self._capacity} requests waiting", hint="Try again in a moment."
                )
            for other in older:
                self._forget(other)
            for running in self._running:
                if job.supersedes(running):
                    running.cancel.cancel(superseded=True)
            (self._ahead if request.ahead else self._queues.setdefault(request.client, deque())).append(job)
            self._make_room()
            self._changed.notify()
        for other in older:
            other.emit(ErrorEvent("superseded", "a newer request of the same document took over"))
        return job

    def withdraw(self, job: Job) -> None:
        """The caller of `job` has gone: drop it, or stop it at its next step."""
        job.cancel.cancel()
        with self._changed:
            self._forget(job)

    def take(self) -> Job | None:
        """The next job, waited for; None once closed. A worker calls this, then `done`."""
        with self._changed:
            self._idle += 1
            self._changed.wait_for(lambda: self._closed or self._queues or self._ahead)
            self._idle -= 1
            if self._closed:
                return None
            job = self._next() if self._queues else self._ahead.popleft()
            self._running.append(job)
            return job

    def done(self, job: Job) -> None:
        """A worker has finished the job it took."""
        with self._changed:
            self._running.remove(job)

    def close(self) -> None:
        """Stop the running job at its next step and turn all others away."""
        with self._changed:
            self._closed = True
            turned_away = self._queued()
            self._queues.clear()
            self._ahead.clear()
            for running in self._running:
                running.cancel.cancel()
            self._changed.notify_all()
        for job in turned_away:
            job.emit(ErrorEvent("cancelled", "the engine is shutting down"))

    def _make_room(self) -> None:
        """Stop what was asked ahead where what is waited for has no worker."""
        leaving = sum(job.cancel.cancelled for job in self._running)
        short = sum(map(len, self._queues.values())) - self._idle - leaving
        ahead = [job for job in self._running if job.request.ahead and not job.cancel.cancelled]
        for job in ahead[::-1][: max(0, short)]:
            job.cancel.cancel(superseded=True)

    def _next(self) -> Job:
        """The first job of the client whose turn it is: of those with the least under way the first."""
        under_way = Counter(job.request.client for job in self._running)
        client = min(self._queues, key=lambda name: under_way[name])
        queue = self._queues[client]
        job = queue.popleft()
        del self._queues[client]
        if queue:
            self._queues[client] = queue
        return job

    def _queued(self) -> list[Job]:
        return [job for queue in (*self._queues.values(), self._ahead) for job in queue]

    def _forget(self, job: Job) -> None:
        if job in self._ahead:
            self._ahead.remove(job)
        queue = self._queues.get(job.request.client)
        if queue is not None and job in queue:
            queue.remove(job)
            if not queue:
                del self._queues[job.request.client]
