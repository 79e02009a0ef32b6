"""Carrying out one plan: the model is asked until what it wrote may be offered, or there is no more time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import msgspec

from lsp_server.context.gather import Gatherer
from lsp_server.core.errors import EngineFailed
from lsp_server.core.types import Edit, FillFigures, Silence, Span
from lsp_server.engine.protocol import Candidate, Decode
from lsp_server.service.canvas import Place, worded
from lsp_server.service.doubt.edits import doubts_of_edits
from lsp_server.service.engine import Engine
from lsp_server.service.examples import example_for, shown_for
from lsp_server.service.job import Job
from lsp_server.service.mending import next_decodes
from lsp_server.service.offering import Parts, judged, taken, whole_ones, written
from lsp_server.service.plan import Plan
from lsp_server.service.prompt import Prompt, compose
from lsp_server.service.written import Unfinished

REROLLED = 0.7
"""Temperature of a rewrite with a seed, and of one asked for again: else all would be the likeliest."""
MORE_TRIES = 2
"""How often a rewrite in words is asked for again when it broke, lost or changed nothing."""
WORTH_TRYING = 0.5
"""Strength from which a rewrite without words is asked for again if it changed nothing."""


@dataclass(frozen=True, slots=True)
class Answered:
    """A plan's edits, or why there are none."""

    edits: tuple[Edit, ...] = ()
    silence: Silence | None = None
    figures: FillFigures = field(default_factory=FillFigures)


class Answerer:
    """Carries plans out; `clock` gives seconds."""

    def __init__(self, *, gatherer: Gatherer, engine: Engine, clock: Callable[[], float]) -> None:
        self._gatherer = gatherer
        self._engine = engine
        self._clock = clock

    async def answer(self, job: Job, plan: Plan) -> Answered:
        """The plan's edits, after more tries if they may not be offered.

        Raises:
            EngineFailed: the model could not be asked, or did not come to an end.
        """
        chosen = Decode(job.settings.engine.decode)
        again = next_decodes(chosen) if plan.fresh and not plan.slotted else (chosen,) * MORE_TRIES
        figures, first, parts = FillFigures(), Silence.NOTHING_TO_CHANGE, Parts()
        problem: EngineFailed | None = None
        for number, decode in enumerate((chosen, *again)):
            if _enough(job, number, self._clock()):
                break
            try:
                best, cost, parts = await self._ask(job, plan, number, decode)
            except Unfinished as error:
                problem = problem or error
                if number == MORE_TRIES - 1:
                    break
                continue
            except EngineFailed as error:
                if number == 0:
                    raise
                problem = problem or error
                break
            figures = added(figures, cost)
            edits, silence = taken(job, plan, best, parts) if job.taking.wanted else judged(job, plan, parts)
            if silence is None or job.taking.wanted:
                return Answered(edits, silence, figures)
            first = first if number and first is not Silence.NOTHING_TO_CHANGE else silence
            if (
                silence is Silence.NOTHING_TO_CHANGE
                and plan.instruction is None
                and plan.share < WORTH_TRYING
            ):
                return Answered((), silence, figures)
            plan = plan.avoiding(fill.text for fill in best.fills)
        if problem is not None and not figures.forwards:
            raise problem
        return _left(job, plan, parts, first, figures)

    async def _ask(
        self, job: Job, plan: Plan, number: int, decode: Decode
    ) -> tuple[Candidate, FillFigures, Parts]:
        """One request: the best candidate, what it cost, and its edits by target."""
        context = self._gatherer.gather(job.document, job.parsed, plan.span, job.settings.context)
        if plan.slotted:
            shown = shown_for(plan.task, job.document.language)
            context = replace(context, snippets=(*context.snippets, *shown))
        prompt = compose(job.document, context, plan.targets)
        if job.on_holes:
            job.on_holes(job.asked, _places(job, plan, prompt))
        drawn = job.seed or (number and (plan.slotted or not plan.fresh))
        request = prompt.request(
            job.document,
            job.settings,
            budget_ms=round((job.deadline - self._clock()) * 1000),
            instruction=plan.instruction,
            source=job.wish.source,
            example=example_for(plan.task, job.document.language) if plan.instruction else None,
            seed=job.seed + number,
            temperature=REROLLED if drawn else 0.0,
            frames=bool(job.on_frame or job.on_holes),
            decode=decode,
        )
        with job.taking.under_way() as name:
            named = msgspec.structs.replace(request, id=name)
            result = await self._engine.fill(named, job.on_frame, wait=True)
        if not result.candidates:
            raise EngineFailed("the engine answered without a candidate")
        best = result.candidates[0]
        parts = written(job, plan, prompt, best)
        if not (plan.slotted or plan.single):
            for target, fill, part in zip(plan.targets, best.fills, parts, strict=True):
                text, by_line = job.document.text, not plan.fresh
                job.doubts.update(doubts_of_edits(fill.pieces, text, target.span, part, by_line=by_line))
        return best, result.figures, parts


def added(one: FillFigures, other: FillFigures) -> FillFigures:
    """What two answers cost together."""
    return FillFigures(
        forwards=one.forwards + other.forwards,
        tokens=one.tokens + other.tokens,
        latency_ms=one.latency_ms + other.latency_ms,
        context_tokens=one.context_tokens + other.context_tokens,
        cached_tokens=one.cached_tokens + other.cached_tokens,
    )


def _enough(job: Job, number: int, now: float) -> bool:
    """Whether to ask no more after so many requests; the first is made unless all was taken before."""
    return (number > 0 or job.taking.wanted) and job.over(now)


def _left(job: Job, plan: Plan, parts: Parts, first: Silence, figures: FillFigures) -> Answered:
    """What is left when all tries are made: of fresh fills those that break nothing."""
    if job.taking.wanted:
        return Answered((), Silence.TOO_EARLY, figures)
    return Answered(whole_ones(job, parts) if plan.fresh else (), first, figures)


def _places(job: Job, plan: Plan, prompt: Prompt) -> tuple[Place, ...]:
    """Where each hole stands in the document that was asked about."""
    places = []
    for target, head in zip(plan.targets, prompt.heads, strict=True):
        place = worded(job.document, target.span) if plan.instruction else Place(target.span, head)
        places.append(place.at(job.kept.origin(target.span)))
    return tuple(places)


def spans_of(job: Job, plans: Sequence[Plan]) -> list[Span]:
    """What plans rewrite, in the document that was asked about."""
    return [job.kept.origin(target.span) for plan in plans for target in plan.targets]
