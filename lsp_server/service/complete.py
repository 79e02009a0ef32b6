"""Inline completion: gate, reuse, debounce, the model, and the newest request of a document wins."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import nullcontext
from typing import Any

from lsp_server.core.errors import RemaskError
from lsp_server.core.settings import Settings
from lsp_server.core.types import Completion, Document, Edit, Silence, Suggestion
from lsp_server.service.asking import Asker
from lsp_server.service.cursor import Cursor
from lsp_server.service.documents import Documents
from lsp_server.service.engine import Engine, silence_of
from lsp_server.service.flight import Flight
from lsp_server.service.gate import Gate
from lsp_server.service.power import on_mains
from lsp_server.service.reuse import Answer, Reuse
from lsp_server.service.rhythm import Rhythm
from lsp_server.service.status import StatusBoard
from lsp_server.service.tally import Tally

GRACE_S = 0.3
"""How long a request whose caller went away may still be taken over by the next keystroke's."""

Turn = asyncio.Future[None]
"""A caller's turn: done when a newer caller took over."""

_log = logging.getLogger(__name__)


class Completer:
    """Answers cursors. `sleep` and the asker's clock are injected; all of it runs on one event loop."""

    def __init__(
        self,
        *,
        documents: Documents,
        gate: Gate,
        asker: Asker,
        engine: Engine,
        board: StatusBoard,
        settings_for: Callable[[Document], Settings],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
        has_power: Callable[[], bool] = on_mains,
    ) -> None:
        self.tally = Tally()
        self._documents = documents
        self._gate = gate
        self._asker = asker
        self._engine = engine
        self._board = board
        self._settings_for = settings_for
        self._sleep = sleep
        self._clock = clock
        self._has_power = has_power
        self._rhythm = Rhythm(clock)
        self._reuse = Reuse()
        self._turns: dict[str, Turn] = {}
        self._flights: dict[str, Flight] = {}
        self._expiring: set[asyncio.Task[None]] = set()
        documents.subscribe(self._changed)

    async def complete(
        self, document: Document, offset: int, *, invoked: bool, selected: Edit | None = None
    ) -> Completion:
        """The suggestions for a cursor of this snapshot, or why there are none.

        `selected` is the entry chosen in the client's own popup, which the
        suggestions then continue.

        Raises:
            BadInput: `offset` or `selected` leaves the document.
        """
        settings = self._settings_for(document)
        cursor = Cursor.at(document, offset, settings, invoked=invoked, selected=selected)
        silence = self._gate.check(document, settings)
        completion = Completion(silence=silence) if silence else await self._take_turn(cursor)
        if completion.suggestions:
            self.tally.shown(document.key, completion.suggestions)
            self._look_ahead(cursor, completion.suggestions[0])
        elif completion.silence:
            self.tally.silences[completion.silence] += 1
        self._board.silence(completion.silence)
        return completion

    def accepted(self, suggestion_id: str) -> bool:
        """Count a suggestion as accepted; False for an id not known (any more)."""
        return self.tally.accepted(suggestion_id)

    def rejected(self, suggestion_id: str) -> bool:
        """Count a suggestion as dismissed; False for an id not known (any more)."""
        return self.tally.rejected(suggestion_id)

    def forget(self) -> None:
        """Drop every kept answer, as after a change of what the model is shown."""
        self._reuse.forget()

    async def close(self) -> None:
        """End everything under way."""
        tasks: list[asyncio.Task[Answer] | asyncio.Task[None]] = [
            *(flight.task for flight in self._flights.values()),
            *self._expiring,
        ]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _take_turn(self, cursor: Cursor) -> Completion:
        key = cursor.document.key
        _finish(self._turns.get(key))
        turn = self._turns[key] = asyncio.get_running_loop().create_future()
        try:
            return await self._answer(cursor, turn)
        except asyncio.CancelledError:
            if self._turns.get(key) is turn:
                self._abandon(self._flights.get(key))
            raise
        finally:
            if self._turns.get(key) is turn:
                del self._turns[key]

    async def _answer(self, cursor: Cursor, turn: Turn) -> Completion:
        key = cursor.document.key
        flight = self._flights.get(key)
        typed = flight.typed_since(cursor) if flight else None
        if found := self._reuse.find(cursor):
            if flight and typed is None and not flight.ahead:
                flight.task.cancel()
            return _shown(cursor, found)
        if flight and typed is not None and (joined := await self._join(flight, cursor, turn, typed)):
            return joined
        flight = self._start(cursor)
        if silence := await _arrival(flight, turn):
            return Completion(silence=silence)
        return self._landed(cursor, flight.task.result())

    async def _join(self, flight: Flight, cursor: Cursor, turn: Turn, typed: str) -> Completion | None:
        """What a flight under way has for a cursor `typed` further on; None if it comes to nothing."""
        if silence := await _arrival(flight, turn, flight.doubt(typed)):
            return Completion(silence=silence)
        if flight.task.done() and not typed and not flight.ahead:
            return self._landed(cursor, flight.task.result())
        found = self._reuse.find(cursor)
        return self._landed(cursor, found) if found else None

    def _look_ahead(self, cursor: Cursor, suggestion: Suggestion) -> None:
        """Have what follows the suggestion made while its reader thinks, unless there is something to do."""
        document, settings = cursor.document, cursor.settings
        if not settings.completion.ahead or not self._has_power():
            return
        edit = suggestion.edit
        behind = Cursor.at(document, edit.span.start, settings, invoked=False, selected=edit)
        flight = self._flights.get(document.key)
        busy = flight is not None and (not flight.ahead or flight.typed_since(behind) == "")
        if not busy and document.key not in self._turns and self._reuse.find(behind) is None:
            self._start(behind, ahead=True)

    def _start(self, cursor: Cursor, *, ahead: bool = False) -> Flight:
        key = cursor.document.key
        if old := self._flights.get(key):
            old.task.cancel()
        flight = Flight(cursor, ahead=ahead)
        flight.task = asyncio.get_running_loop().create_task(self._fly(flight))
        self._flights[key] = flight
        flight.task.add_done_callback(lambda task: self._ended(flight, task))
        return flight

    async def _fly(self, flight: Flight) -> Answer:
        cursor = flight.cursor
        debounce = cursor.settings.completion.debounce_ms
        if debounce > 0 and not cursor.invoked:
            await self._sleep(self._rhythm.wait(cursor.document.key, debounce / 1000))
        flight.sent, started = True, self._clock()
        try:
            with nullcontext() if flight.ahead else self._board.working():
                answer = await self._asker.ask(flight)
        except RemaskError as error:
            _log.info("no completion: %s", type(error).__name__)
            return Answer.to(cursor, silence=silence_of(error, self._engine.status))
        if answer.offers or (flight.ahead and answer.silence is Silence.EMPTY):
            self._reuse.remember(answer)
        if not flight.ahead and answer.silence is not Silence.NOT_HERE:
            self._rhythm.filled(self._clock() - started)
        return answer

    def _ended(self, flight: Flight, task: asyncio.Task[Answer]) -> None:
        if self._flights.get(flight.cursor.document.key) is flight:
            del self._flights[flight.cursor.document.key]
        if not task.cancelled() and (error := task.exception()):
            _log.error("a completion failed", exc_info=error)

    def _abandon(self, flight: Flight | None) -> None:
        """The caller went away. One keystroke later the same answer may be wanted again, so wait a little."""
        if flight is None:
            return
        if not flight.sent:
            flight.task.cancel()
            return
        task = asyncio.get_running_loop().create_task(self._expire(flight))
        self._expiring.add(task)
        task.add_done_callback(self._expiring.discard)

    async def _expire(self, flight: Flight) -> None:
        await self._sleep(GRACE_S)
        if flight.cursor.document.key not in self._turns:
            flight.task.cancel()

    def _landed(self, cursor: Cursor, answer: Answer) -> Completion:
        """The answer, unless the document moved on: then it waits for the request that follows."""
        now = self._documents.get(cursor.document.key)
        if now is not None and now.text != cursor.document.text:
            return Completion(silence=Silence.STALE)
        return _shown(cursor, answer)

    def _changed(self, before: Document, edits: Sequence[Edit], after: Document | None) -> None:
        self.tally.changed(before, edits, after)
        if after is not None:
            self._rhythm.typed(before.key, edits)
            return
        self._rhythm.forget(before.key)
        self._reuse.forget(before.key)
        if flight := self._flights.get(before.key):
            flight.task.cancel()


def _shown(cursor: Cursor, answer: Answer) -> Completion:
    """What of an answer is offered; what the model doubts only when asked for."""
    if not answer.offers:
        return Completion(silence=answer.silence)
    least = 0.0 if cursor.invoked else cursor.settings.completion.min_confidence
    sure = [offer for offer in answer.offers if offer.confidence >= least]
    suggestions: list[Suggestion] = []
    for offer in sure:
        edit = cursor.edit(offer.text)
        doubts = tuple(doubt.shifted(len(edit.text) - len(offer.text)) for doubt in offer.doubts)
        suggestions.append(Suggestion(offer.id, edit, edit.text, offer.confidence, doubts))
    return Completion(tuple(suggestions), None if sure else Silence.LOW_CONFIDENCE)


def _finish(turn: Turn | None) -> None:
    if turn is not None and not turn.done():
        turn.set_result(None)


async def _arrival(flight: Flight, turn: Turn, *doubts: Turn) -> Silence | None:
    """Wait for the flight, a newer caller or a doubt; why there is nothing to look at, if so."""
    waits: list[asyncio.Future[Any]] = [flight.task, turn, *doubts]
    await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    if turn.done():
        return Silence.SUPERSEDED
    if flight.task.done() and flight.task.cancelled():
        return Silence.STALE
    return None
