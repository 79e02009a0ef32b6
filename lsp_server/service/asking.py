"""One cursor's question to the model: extent, context, fill, repair."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace

import msgspec

from lsp_server.context.gather import Context, Gatherer
from lsp_server.core.errors import EngineFailed, EngineUnavailable
from lsp_server.core.types import Silence, Span
from lsp_server.engine.protocol import Decode, FillResult
from lsp_server.service.anchor import Drafts, start_of_hole
from lsp_server.service.cursor import Cursor
from lsp_server.service.documents import Documents
from lsp_server.service.engine import Engine
from lsp_server.service.flight import Flight
from lsp_server.service.mending import next_decodes
from lsp_server.service.postprocess import Shaped, Shaper
from lsp_server.service.prompt import Prompt, Target, compose
from lsp_server.service.reuse import Answer, Offer
from lsp_server.syntax.extent import Extent, ExtentKind, extent_at

AHEAD_MS = 10_000
"""Budget of a fill that nobody waits for; it includes the time in which others are served first."""
LEAST_REPAIR_MS = 150
"""Budget below which a second request is not worth making."""


def new_id() -> str:
    """An id nobody can mistake for another suggestion's."""
    return uuid.uuid4().hex


class Asker:
    """Answers cursors with the model; `clock` gives seconds."""

    def __init__(
        self,
        *,
        documents: Documents,
        gatherer: Gatherer,
        engine: Engine,
        clock: Callable[[], float] = time.monotonic,
        ids: Callable[[], str] = new_id,
    ) -> None:
        self._documents = documents
        self._gatherer = gatherer
        self._engine = engine
        self._clock = clock
        self._ids = ids
        self._drafts = Drafts()

    async def ask(self, flight: Flight, extent: Extent | None = None) -> Answer:
        """The answer to the flight's cursor, as far as what is there says, or `extent`.

        Raises what the engine raises.
        """
        cursor = flight.cursor
        parsed = cursor.parsed(self._documents.parsed_for(cursor.document))
        wanted = cursor.settings.completion.multi_line
        extent = extent or extent_at(parsed, cursor.offset, multi_line=wanted)
        if extent.kind is ExtentKind.NONE:
            return Answer.to(cursor, silence=Silence.NOT_HERE)
        shaped = await self._fill(flight, Shaper(cursor, parsed, extent))
        offers = self._offers([each for each in shaped if not each.breaks])
        silence = Silence.BREAKS_SYNTAX if shaped else Silence.EMPTY
        return Answer.to(cursor, offers, None if offers else silence)

    async def read(self, cursor: Cursor) -> None:
        """Have the engine read what a fill at the cursor would be shown. Raises what the engine raises."""
        prompt = await asyncio.to_thread(self._shown, cursor)  # parsing may take long, and nobody waits
        request = prompt.request(cursor.document, cursor.settings, budget_ms=AHEAD_MS, ahead=True)
        # of no document, so as not to take the place of a fill that is made ahead there
        await self._engine.fill(msgspec.structs.replace(request, read_only=True, document=""))

    def _shown(self, cursor: Cursor) -> Prompt:
        parsed = cursor.parsed(self._documents.parsed_for(cursor.document))
        span = Span(start_of_hole(cursor.text, cursor.offset), cursor.offset)
        context = self._gatherer.gather(cursor.virtual, parsed, span, cursor.settings.context)
        return compose(cursor.virtual, context, [Target(Span(cursor.offset, cursor.offset), head=len(span))])

    async def _fill(self, flight: Flight, shaper: Shaper) -> list[Shaped]:
        """Fill, and if every fill breaks the syntax, repair; the unbroken ones, else the broken."""
        cursor, started = flight.cursor, self._clock()
        span = Span(start_of_hole(cursor.text, cursor.offset), cursor.offset)
        context = self._gatherer.gather(cursor.virtual, shaper.parsed, span, cursor.settings.context)
        before = cursor.text[: span.start]
        draft = self._drafts.at(cursor.document.key, before)
        target = _target(cursor, shaper.extent, len(span), draft)
        prompt = compose(cursor.virtual, context, [target])
        flight.head = prompt.heads[0]
        budget = AHEAD_MS if flight.ahead else cursor.settings.completion.budget_ms
        request = prompt.request(
            cursor.document,
            cursor.settings,
            budget_ms=budget,
            candidates=cursor.candidates,
            seed=cursor.settings.completion.seed,
            frames=True,
            ahead=flight.ahead,
        )
        result = await self._engine.fill(request, flight.on_frame)
        if result.candidates and not flight.ahead:
            self._drafts.keep(cursor.document.key, before, result.candidates[0].fills[0].text)
        shaped = _shape(shaper, prompt, result)
        if flight.ahead or not shaped or not all(each.breaks for each in shaped):
            return shaped
        flight.start_over()
        return await self._mended(cursor, shaper, (context, target), (result, shaped), started)

    async def _mended(
        self,
        cursor: Cursor,
        shaper: Shaper,
        asked: tuple[Context, Target],
        broken: tuple[FillResult, list[Shaped]],
        started: float,
    ) -> list[Shaped]:
        """What other decodes make of a hole whose fills all break; failing them the broken, cut back."""
        (context, target), (result, tried) = asked, broken
        rejected = list(result.candidates)
        for decode in next_decodes(Decode(cursor.settings.engine.decode)):
            left = cursor.settings.completion.budget_ms - round((self._clock() - started) * 1000)
            avoid = tuple(candidate.fills[0].text for candidate in rejected)
            prompt = compose(cursor.virtual, context, [replace(target, avoid=avoid, draft="")])
            again = await self._repair(cursor, prompt, left, decode)
            if again is None:
                break
            shaped = _shape(shaper, prompt, again)
            if any(not each.breaks for each in shaped):
                return shaped
            tried, rejected = tried + shaped, rejected + list(again.candidates)
        return [short for each in tried if (short := shaper.cut_back(each))] or tried

    async def _repair(
        self, cursor: Cursor, prompt: Prompt, budget_ms: int, decode: Decode
    ) -> FillResult | None:
        """The same hole denoised once more; None if there is no time or no engine."""
        if budget_ms < LEAST_REPAIR_MS:
            return None
        request = prompt.request(
            cursor.document,
            cursor.settings,
            budget_ms=budget_ms,
            seed=cursor.settings.completion.seed,
            decode=decode,
        )
        try:
            return await self._engine.fill(request)
        except (EngineFailed, EngineUnavailable):
            return None

    def _offers(self, shaped: Sequence[Shaped]) -> tuple[Offer, ...]:
        """Surest first, each text once."""
        best: dict[str, Shaped] = {}
        for each in sorted(shaped, key=lambda one: -one.confidence):
            best.setdefault(each.text, each)
        return tuple(Offer(self._ids(), each.text, each.confidence, each.doubts) for each in best.values())


def _target(cursor: Cursor, extent: Extent, head: int, draft: str) -> Target:
    settings = cursor.settings.completion
    lines = min(extent.max_lines or settings.max_lines, settings.max_lines) if extent.multi_line else 1
    return Target(
        Span(cursor.offset, cursor.offset),
        max_tokens=settings.max_tokens,
        max_lines=lines,
        min_indent=extent.min_indent,
        head=head,
        draft=draft,
        settled=cursor.settled,
    )


def _shape(shaper: Shaper, prompt: Prompt, result: FillResult) -> list[Shaped]:
    shaped = (shaper.shape(each.fills[0], prompt, each.confidence) for each in result.candidates)
    return [each for each in shaped if each]
