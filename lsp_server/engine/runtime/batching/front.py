"""Where the fills under way hand in their work, and the one thread that carries it out together.

Each fill runs on a thread of its own and waits here for what it asked, as if it had computed it
itself. Work is carried out once every seated fill has handed something in. A fill that is thinking is
waited for at most as long as a batch takes, so waiting never more than doubles the time.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from lsp_server.core.errors import EngineUnavailable

SHORTEST_WAIT_S, LONGEST_WAIT_S = 0.0005, 0.05
"""Bounds of how long those who have handed in wait for one who is thinking."""
_REMEMBERED = 0.8
"""The share of the past in the average of how long a batch takes."""

Given_contra = TypeVar("Given_contra", contravariant=True)
Got_co = TypeVar("Got_co", covariant=True)
Given = TypeVar("Given")
Got = TypeVar("Got")


class Way(Protocol[Given_contra, Got_co]):
    """Something that can be done for several fills at once."""

    @property
    def light(self) -> bool:
        """Whether it is only a part of a fill's step.

        Light work goes first, so that all fills come to the next pass of the network together.
        """

    def together(self, given: Sequence[Given_contra]) -> Sequence[Got_co]:
        """One result for each; called from one thread only."""


@dataclass(frozen=True, slots=True, eq=False)
class _Asked:
    way: Way[Any, Any]
    given: Any
    answer: Future[Any]


class Front:
    """Hands work of many threads to one. `before_pass` is called on that one before each batch."""

    def __init__(
        self,
        *,
        before_pass: Callable[[], None] = lambda: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.batches = 0
        """How many batches were carried out."""
        self.sizes = Counter[int]()
        """How many passes, light work aside, so many fills shared."""
        self._before_pass = before_pass
        self._clock = clock
        self._changed = threading.Condition()
        self._waiting: list[_Asked] = []
        self._seats = 0
        self._closed = False
        self._batch_s = SHORTEST_WAIT_S
        self._thread = threading.Thread(target=self._run, name="passes", daemon=True)
        self._thread.start()

    @contextlib.contextmanager
    def seat(self) -> Iterator[None]:
        """While a fill may ask; the others wait for what it hands in."""
        with self._changed:
            self._seats += 1
        try:
            yield
        finally:
            with self._changed:
                self._seats -= 1
                self._changed.notify()

    def ask(self, way: Way[Given, Got], given: Given) -> Got:
        """What `way` makes of `given`, waited for.

        Raises:
            EngineUnavailable: the front was closed.
            Exception: what `way` raises for this alone; errors of others' work do not come here.
        """
        answer: Future[Got] = Future()
        with self._changed:
            if self._closed:
                raise EngineUnavailable("the model was given back")
            self._waiting.append(_Asked(way, given, answer))
            if len(self._waiting) == 1 or self._complete():
                self._changed.notify()
        return answer.result()

    def close(self) -> None:
        """Turn away what waits, and end the thread once its batch is done."""
        with self._changed:
            self._closed = True
            turned_away, self._waiting = self._waiting, []
            self._changed.notify()
        for asked in turned_away:
            asked.answer.set_exception(EngineUnavailable("the model was given back"))
        self._thread.join()

    def _run(self) -> None:
        while batch := self._next():
            started = self._clock()
            for way in {id(asked.way): asked.way for asked in batch}.values():
                together = [asked for asked in batch if asked.way is way]
                self.sizes[len(together)] += not way.light
                self._carry_out(way, together)
            self._remember(self._clock() - started)

    def _next(self) -> list[_Asked]:
        """What to carry out now, waited for; nothing once closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._waiting)
            self._changed.wait_for(self._complete, timeout=self._patience())
            light = [asked for asked in self._waiting if asked.way.light]
            batch = light or self._waiting
            self._waiting = [asked for asked in self._waiting if not asked.way.light] if light else []
            return batch

    def _complete(self) -> bool:
        return self._closed or len(self._waiting) >= self._seats

    def _patience(self) -> float:
        return min(max(self._batch_s, SHORTEST_WAIT_S), LONGEST_WAIT_S)

    def _remember(self, seconds: float) -> None:
        self.batches += 1
        self._batch_s = _REMEMBERED * self._batch_s + (1 - _REMEMBERED) * seconds

    def _carry_out(self, way: Way[Any, Any], batch: Sequence[_Asked]) -> None:
        """Answer all of `batch`; if together they fail, each by itself, to find whose fault it is."""
        try:
            self._before_pass()
            results = way.together([asked.given for asked in batch])
        except BaseException as error:  # noqa: BLE001 -- it belongs to whoever asked, never to this thread
            if len(batch) == 1:
                batch[0].answer.set_exception(error)
                return
            for asked in batch:
                self._carry_out(way, [asked])
            return
        for asked, result in zip(batch, results, strict=True):
            asked.answer.set_result(result)
