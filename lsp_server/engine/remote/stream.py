"""One text as a server writes it, followed piece by piece and ended as soon as it has gone far enough."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lsp_server.engine.protocol import Piece, Stop
from lsp_server.engine.remote.dialect import OPTIONAL
from lsp_server.engine.remote.ended import Ended
from lsp_server.engine.remote.events import Event, Usage, pieces_of, spelling
from lsp_server.engine.remote.failures import BadRequest, Unreachable
from lsp_server.engine.remote.retry import Retry
from lsp_server.engine.remote.server import Server
from lsp_server.engine.runtime.denoise.ending import Ending, sensible_cut

OnText = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Bounds:
    """Where a text has ended that is written behind `typed`, which counts as its beginning.

    It ends before any of `marks`, which are no code; the server is not asked to stop there, since
    then it would hold every piece back that might begin one.
    """

    ending: Ending
    typed: str = ""
    marks: frozenset[str] = frozenset()

    def cut(self, text: str) -> int | None:
        """The length at which `text` has ended, or None while it may go on."""
        cuts = [at for mark in self.marks if (at := text.find(mark)) >= 0]
        cut = self.ending.cut(self.typed + text)
        if cut is not None:
            cuts.append(max(0, cut - len(self.typed)))
        return min(cuts, default=None)


@dataclass(frozen=True, slots=True)
class Written:
    """A text and why it ended; `pieces` spell it, or are None if the server does not tell them.

    Tokens read, of these kept from before, and written: 0 where the server was cut short before it said.
    """

    text: str
    stop: Stop
    pieces: tuple[Piece, ...] | None = None
    read: int = 0
    cached: int = 0
    tokens: int = 0


class Stream:
    """Asks a server for texts; `clock` gives seconds."""

    def __init__(self, server: Server, retry: Retry, clock: Callable[[], float]) -> None:
        self._server = server
        self._retry = retry
        self._clock = clock
        self._refused: set[str] = set()

    async def write(
        self,
        route: str,
        body: dict[str, Any],
        bounds: Bounds,
        *,
        deadline: float,
        ended: Ended,
        alone: frozenset[str] = frozenset(),
        on_text: OnText | None = None,
    ) -> Written:
        """The text that answers `body`, up to its bounds or the deadline, or until it is `ended`.

        A field that the server refuses by name, and can be done without, is left out from then on.

        Raises:
            Unreachable, KeyRefused, BadRequest, EngineFailed: no answer.
        """
        while not ended.now:
            sent = {name: value for name, value in body.items() if name not in self._refused}
            draft = _Draft(bounds, alone, on_text)

            async def ask(sent: dict[str, Any] = sent, draft: _Draft = draft) -> Written:
                return await self._follow(route, sent, draft, deadline, ended)

            try:
                return await self._retry.run(ask, deadline=deadline, again=draft.silent)
            except BadRequest as error:
                named = {name for name in OPTIONAL & sent.keys() if name in error.said}
                if not named:
                    raise
                self._refused |= named
        return Written("", Stop.BUDGET)

    async def _follow(
        self, route: str, body: dict[str, Any], draft: _Draft, deadline: float, ended: Ended
    ) -> Written:
        try:
            async with asyncio.timeout(max(0.001, deadline - self._clock())) as limit:
                with ended.ends(limit):
                    async with self._server.events(route, body) as events:
                        async for event in events:
                            if draft.take(event):
                                break
        except TimeoutError:
            if not (draft.text or ended.now):
                raise Unreachable(f"{self._server.endpoint.host} did not answer in time") from None
            draft.stop = Stop.BUDGET
        return draft.written()


class _Draft:
    """What has come so far."""

    def __init__(self, bounds: Bounds, alone: frozenset[str], on_text: OnText | None) -> None:
        self.text = ""
        self.stop: Stop | None = None
        self._bounds = bounds
        self._alone = alone
        self._on_text = on_text
        self._pieces: list[Piece] | None = []
        self._usage: Usage | None = None
        self._parts = 0

    def silent(self) -> bool:
        """Whether nothing has come yet."""
        return not self.text

    def take(self, event: Event) -> bool:
        """Add what an event brings; True once nothing more is wanted."""
        self._usage = event.usage or self._usage
        for choice in event.choices[:1]:
            self._add(choice.written, choice.logprobs)
            if choice.finish_reason and self.stop is None:
                self.stop = Stop.LENGTH if choice.finish_reason == "length" else Stop.END
        return self.stop is Stop.LINES

    def written(self) -> Written:
        """What came of it."""
        text, stop = self.text, self.stop or Stop.BUDGET
        if stop is Stop.BUDGET:
            text = sensible_cut(text)
        usage = self._usage or Usage()
        pieces = spelling(self._pieces, text) if self._pieces else None
        tokens = usage.completion_tokens
        counted = self._parts if tokens is None else tokens
        return Written(text, stop, pieces, usage.prompt_tokens, usage.cached, counted)

    def _add(self, piece: str, logprobs: object) -> None:
        if logprobs is not None and self._pieces is not None:
            found = pieces_of(logprobs, self._alone)
            self._pieces = None if found is None else self._pieces + found
        if not piece:
            return
        self._parts += 1
        self.text += piece
        cut = self._bounds.cut(self.text)
        if cut is not None:
            self.text, self.stop = self.text[:cut], Stop.LINES
        if self._on_text and self.text:
            self._on_text(self.text)
