"""Who gets the model next: worker threads take jobs, as many at once as there are threads.

A job withdraws older ones of the same owner, client and document. Owners take turns, so that one that asks a
lot does not starve another: who has the least under way comes first, then who had the model least. An
owner is a user where the engine has several, else a client.
What is asked ahead of time runs when nobody waits for anything, and stops at its next step when
somebody would wait because of it.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from lsp_server.core.cancel import CancelToken
from lsp_server.core.errors import EngineUnavailable
from lsp_server.engine.protocol import ErrorEvent, Event, FillRequest
from lsp_server.engine.runtime.turns import Served, Turns

Emit = Callable[[Event], None]
SHARE = 2
"""Where owners are limited, none has more than one worker in so many: who comes waits for no whole fill."""


class TooMany(EngineUnavailable):
    """One owner has too much waiting."""


@dataclass(slots=True, eq=False)
class Job:
    """One request on its way. `emit` gets its events, the last one a `DoneEvent` or `ErrorEvent`.

    `came` and `taken` are on the scheduler's clock: when it was queued and when a worker took it.
    """

    request: FillRequest
    emit: Emit
    deadline: float | None
    owner: str = ""
    came: float = 0.0
    taken: float | None = None
    cancel: CancelToken = field(default_factory=CancelToken)

    @property
    def line(self) -> tuple[str, str]:
        """The document among those of its owner."""
        return self.request.client, self.request.document

    def supersedes(self, other: Job) -> bool:
        """Whether `other` is of the same document of the same client and owner; an unnamed document is none.

        What is asked ahead of time takes the place only of what was.
        """
        mine, theirs = self.request, other.request
        if mine.ahead and not theirs.ahead:
            return False
        return bool(mine.document) and (self.owner, *self.line) == (other.owner, *other.line)


class Scheduler:
    """The queue in front of the worker. Every method may be called from any thread.

    At most `capacity` jobs wait, and `each` of one owner.
    """

    def __init__(
        self, *, capacity: int = 64, each: int | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.workers = 0
        """How many take jobs; 0 while that is not known."""
        self.clock = clock
        self._capacity = capacity
        self._each = each
        self._changed = threading.Condition()
        self._queue = Turns[Job]()
        self._ahead = Turns[Job]()
        self._served = Served()
        self._running: list[Job] = []
        self._idle = 0
        self._draining = False
        self._closed = False

    @property
    def waiting(self) -> int:
        """How many jobs are queued."""
        with self._changed:
            return len(self._queued())

    @property
    def waiting_each(self) -> Counter[str]:
        """How many jobs are queued, by owner."""
        with self._changed:
            return Counter(job.owner for job in self._queued())

    @property
    def under_way(self) -> int:
        """How many jobs have the model."""
        return len(self._running)

    @property
    def over(self) -> bool:
        """Whether nothing waits or runs."""
        with self._changed:
            return not self._running and not self._queued()

    @property
    def running(self) -> bool:
        """Whether a job has the model."""
        return bool(self._running)

    def submit(self, request: FillRequest, emit: Emit, owner: str | None = None) -> Job:
        """Queue a request; its time budget starts now. Without an `owner` its client is.

        Raises:
            TooMany: the owner has too many waiting.
            EngineUnavailable: the queue is full, or the engine is shutting down.
        """
        now = self.clock()
        deadline = None if request.budget_ms is None else now + request.budget_ms / 1000
        job = Job(request, emit, deadline, request.client if owner is None else owner, now)
        with self._changed:
            if self._closed or self._draining:
                raise EngineUnavailable("the engine is shutting down", hint="Try again in a moment.")
            older = [other for other in self._queued() if job.supersedes(other)]
            self._check_room(job, older)
            for other in older:
                self._forget(other)
            for running in self._running:
                if job.supersedes(running):
                    running.cancel.cancel(superseded=True)
            self._served.arrive(job.owner, {each.owner for each in (*self._queued(), *self._running)})
            (self._ahead if request.ahead else self._queue).add(job.owner, job.line, job)
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

    def end_now(self, name: str, owner: str | None = None) -> bool:
        """Have the request of that id end with what it has; false if there is none, or not of `owner`."""
        with self._changed:
            for job in (*self._running, *self._queued()):
                if name and job.request.id == name and owner in {None, job.owner}:
                    job.cancel.take()
                    return True
        return False

    def take(self) -> Job | None:
        """The next job, waited for; None once closed. A worker calls this, then `done`."""
        with self._changed:
            self._idle += 1
            self._changed.wait_for(lambda: self._closed or self._next_owners() or self._next_ahead())
            self._idle -= 1
            if self._closed:
                return None
            job = self._next()
            job.taken = self.clock()
            self._running.append(job)
            return job

    def done(self, job: Job) -> None:
        """A worker has finished the job it took."""
        with self._changed:
            self._running.remove(job)
            if job.taken is not None and not job.request.ahead:
                self._served.charge(job.owner, self.clock() - job.taken)
            self._changed.notify_all()

    def drain(self) -> None:
        """Take no more jobs; go on with those that somebody waits for."""
        with self._changed:
            self._draining = True
            turned_away = list(self._ahead)
            self._ahead.clear()
            for job in self._running:
                if job.request.ahead:
                    job.cancel.cancel()
        _turn_away(turned_away)

    def close(self) -> None:
        """Stop the running job at its next step and turn all others away."""
        with self._changed:
            self._closed = True
            turned_away = self._queued()
            self._queue.clear()
            self._ahead.clear()
            for running in self._running:
                running.cancel.cancel()
            self._changed.notify_all()
        _turn_away(turned_away)

    def _check_room(self, job: Job, leaving: Collection[Job]) -> None:
        waiting = [other for other in self._queued() if other not in leaving]
        if self._each is not None and sum(other.owner == job.owner for other in waiting) >= self._each:
            raise TooMany(f"{self._each} of your requests are waiting already", hint="Try again in a moment.")
        if len(waiting) >= self._capacity:
            raise EngineUnavailable(
                f"the engine has {self._capacity} requests waiting", hint="Try again in a moment."
            )

    def _make_room(self) -> None:
        """Stop what was asked ahead where what is waited for has no worker."""
        leaving = sum(job.cancel.cancelled for job in self._running)
        short = sum(1 for _ in self._queue) - self._idle - leaving
        ahead = [job for job in self._running if job.request.ahead and not job.cancel.cancelled]
        for job in ahead[::-1][: max(0, short)]:
            job.cancel.cancel(superseded=True)

    def _next(self) -> Job:
        """Of the owners with the least under way that of the one who had the model least."""
        under_way = Counter(job.owner for job in self._running)
        if owners := self._next_owners():
            return self._queue.next(lambda owner: (under_way[owner], self._served.of(owner)), owners)
        return self._ahead.next(lambda owner: under_way[owner], self._next_ahead())

    def _next_owners(self) -> list[str]:
        """Those who wait and may have one more worker."""
        most = self._most_each()
        under_way = Counter(job.owner for job in self._running)
        return [owner for owner in self._queue.owners if most is None or under_way[owner] < most]

    def _next_ahead(self) -> Collection[str]:
        """Those whose work ahead of time may run: all, when nobody waits for anything."""
        return () if self._queue else self._ahead.owners

    def _most_each(self) -> int | None:
        if self._each is None or not self.workers:
            return None
        return max(1, self.workers // SHARE)

    def _queued(self) -> list[Job]:
        return [*self._queue, *self._ahead]

    def _forget(self, job: Job) -> None:
        for turns in (self._queue, self._ahead):
            turns.remove(job.owner, job.line, job)


def _turn_away(jobs: Collection[Job]) -> None:
    for job in jobs:
        job.emit(ErrorEvent("cancelled", "the engine is shutting down"))
