"""One cursor's question to the model: extent, context, fill, repair."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import msgspec

from lsp_server.context.gather import Context, Gatherer
from lsp_server.core.errors import EngineFailed, EngineUnavailable
from lsp_server.core.types import Silence, Span
from lsp_server.engine.protocol import Decode, FillResult, Stop
from lsp_server.service.anchor import Drafts, start_of_hole
from lsp_server.service.cursor import Cursor
from lsp_server.service.documents import Documents
from lsp_server.service.engine import Engine
from lsp_server.service.flight import Flight
from lsp_server.service.mending import DIFFUSION, Allowance, attempts, least_sure, reach
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


@dataclass(frozen=True, slots=True)
class _Question:
    """What stays the same over the requests for one cursor; `started` in the clock's seconds."""

    cursor: Cursor
    shaper: Shaper
    context: Context
    target: Target
    started: float

    @property
    def head(self) -> int:
        """Locked characters at the start of each fill."""
        return self.target.head or 0


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
        self._allowance = Allowance()

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
        shaped = await self._fill(flight, Shaper(cursor, parsed, extent, self._gatherer.knows))
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
        """Fill, and mend if all fills break the syntax or use undefined names; the sound, else the broken."""
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
        self._allowance.filled(self._clock() - started)
        if result.candidates and not flight.ahead:
            self._drafts.keep(cursor.document.key, before, result.candidates[0].fills[0].text)
        shaped = shaper.shapes(result, prompt)
        question = _Question(cursor, shaper, context, target, started)
        if flight.ahead or not shaped:
            return shaped
        if all(each.breaks for each in shaped):
            flight.start_over()
            return await self._mended(question, result, shaped)
        sound = [each for each in shaped if not each.breaks]
        return await self._defined(question, sound) if all(each.undefined for each in sound) else sound

    async def _mended(self, question: _Question, result: FillResult, broken: list[Shaped]) -> list[Shaped]:
        """What `mending.attempts` make of a hole whose fills all break; failing them the broken, cut back."""
        tried, rejected = list(broken), list(result.candidates)
        decode = Decode(question.cursor.settings.engine.decode)
        for attempt in attempts(decode):
            target = replace(question.target, draft="")
            if attempt.remask:
                # the base's own: the first fill, or what it made of one by diffusion
                own = tried[0] if decode not in DIFFUSION else tried[-1]
                target = _remasked(target, own, reach(own.faults, own.text), question.head)
            avoid = tuple(candidate.fills[0].text for candidate in rejected)
            again = await self._again(question, replace(target, avoid=avoid), attempt.decode)
            if again is None:
                break
            shaped = question.shaper.shapes(*again)
            if any(not each.breaks for each in shaped):
                return shaped
            tried, rejected = tried + shaped, rejected + list(again[0].candidates)
        return [short for each in tried if (short := question.shaper.cut_back(each))] or tried

    async def _defined(self, question: _Question, shaped: list[Shaped]) -> list[Shaped]:
        """The fills with one in the first place that uses defined names only, if that is likely."""
        first = shaped[0]
        target = _remasked(question.target, first, first.undefined[0], question.head)
        if not target.excluded:
            return shaped
        again = await self._again(question, target, Decode.VERIFIED)
        if again is None:
            return shaped
        least = max(first.confidence, question.cursor.settings.completion.min_confidence)
        clean = (each for each in question.shaper.shapes(*again) if not (each.breaks or each.undefined))
        better = next((each for each in clean if each.confidence >= least), None)
        return [better, *shaped[1:]] if better else shaped

    async def _again(
        self, question: _Question, target: Target, decode: Decode
    ) -> tuple[FillResult, Prompt] | None:
        """The hole denoised once more, and its prompt; None if there is no time for it, or no engine."""
        cursor, now = question.cursor, self._clock()
        left = cursor.settings.completion.budget_ms / 1000 - (now - question.started)
        budget_ms = round(min(left, self._allowance.left) * 1000)
        if budget_ms < LEAST_REPAIR_MS:
            return None
        prompt = compose(cursor.virtual, question.context, [target])
        seed = cursor.settings.completion.seed
        request = prompt.request(
            cursor.document, cursor.settings, budget_ms=budget_ms, seed=seed, decode=decode
        )
        try:
            result = await self._engine.fill(request)
        except (EngineFailed, EngineUnavailable):
            return None
        finally:
            self._allowance.mended(self._clock() - now)
        # one that ran out of time is no better than the one it is to replace
        whole = tuple(each for each in result.candidates if each.fills[0].stop is not Stop.BUDGET)
        return msgspec.structs.replace(result, candidates=whole), prompt

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


def _remasked(target: Target, shaped: Shaped, within: Span, head: int) -> Target:
    """The target with the fill as its draft, its least sure token in a part of the text excluded."""
    if shaped.fill is None:
        return target
    token = least_sure(shaped.fill, shaped.text, within, head=head)
    return replace(target, draft=shaped.fill.text, excluded=(token,)) if token else target
