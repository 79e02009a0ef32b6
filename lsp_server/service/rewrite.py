"""Rewriting what is selected, filling bodies and marked holes: a plan, the model, minimal edits."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from lsp_server.context.gather import Gatherer
from lsp_server.core.errors import BadInput, EngineFailed
from lsp_server.core.settings import Settings
from lsp_server.core.types import Document, Doubt, Edit, FillFigures, Rewrite, Silence, Span
from lsp_server.engine.protocol import Candidate, Decode
from lsp_server.service.canvas import OnHoles, Place, worded
from lsp_server.service.documents import Documents
from lsp_server.service.doubt.edits import doubts_behind, doubts_of_edits
from lsp_server.service.engine import Engine, OnFrame
from lsp_server.service.gate import Gate
from lsp_server.service.kept import Kept
from lsp_server.service.mending import next_decodes
from lsp_server.service.plan import Plan, plan_body, plan_holes, plan_rewrite
from lsp_server.service.prompt import Prompt, compose
from lsp_server.service.status import StatusBoard
from lsp_server.service.written import written_anew, written_fresh
from lsp_server.syntax.check import check_edits
from lsp_server.syntax.holes import body_at, find_holes
from lsp_server.syntax.parse import Parsed

REROLLED = 0.7
"""Temperature of a rewrite with a seed: without one, the likeliest, every seed would give the same."""
ActionId = Literal["rewrite", "fill-body", "fill-holes"]
SCANNED = 200_000
"""Characters of a document beyond which only the selection is searched for holes unasked."""


@dataclass(frozen=True, slots=True)
class Action:
    """Something that can be done at a span; `Rewriter.run` takes the id and the span."""

    id: ActionId
    title: str
    span: Span


@dataclass(frozen=True, slots=True)
class _Job:
    """What stays the same over a run's requests; `document` has what is kept in it, `asked` has not."""

    asked: Document
    document: Document
    parsed: Parsed
    settings: Settings
    seed: int
    deadline: float
    on_frame: OnFrame | None
    kept: Kept
    on_holes: OnHoles | None
    doubts: dict[str, tuple[Doubt, ...]] = field(default_factory=dict)
    """Of each text that was written, in its offsets."""


class Rewriter:
    """Finds what can be rewritten, and rewrites it; `clock` gives seconds."""

    def __init__(
        self,
        *,
        documents: Documents,
        gate: Gate,
        gatherer: Gatherer,
        engine: Engine,
        board: StatusBoard,
        settings_for: Callable[[Document], Settings],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._documents = documents
        self._gate = gate
        self._gatherer = gatherer
        self._engine = engine
        self._board = board
        self._settings_for = settings_for
        self._clock = clock

    def actions(self, document: Document, span: Span) -> tuple[Action, ...]:
        """What can be done at `span`, without asking the model."""
        off = not self._settings_for(document).enabled_for(document.language)
        if off or self._gate.check_asked(document) or span.end > len(document.text):
            return ()
        parsed = self._documents.parsed_for(document)
        found: list[Action] = []
        if document.text[span.start : span.end].strip():
            found.append(Action("rewrite", "Rewrite with Remask", span))
        if body_at(parsed, span) is not None:
            found.append(Action("fill-body", "Fill this body", span))
        within = span if len(span) or len(document.text) > SCANNED else Span(0, len(document.text))
        if len(within) and find_holes(parsed, within):
            found.append(Action("fill-holes", "Fill holes", span))
        return tuple(found)

    async def run(
        self,
        action_id: str,
        document: Document,
        span: Span,
        *,
        instruction: str | None = None,
        strength: float | None = None,
        seed: int = 0,
        on_frame: OnFrame | None = None,
        kept: Sequence[Edit] = (),
        on_holes: OnHoles | None = None,
    ) -> Rewrite:
        """Carry an action out and answer with edits against the newest snapshot of the document.

        The model sees the document with the edits of `kept`, and no edit of the answer touches one of them.

        Raises:
            BadInput: unknown action, a span outside the document, an empty or too large selection, kept
                edits that overlap.
            EngineUnavailable, EngineFailed, ModelMissing, ModelCorrupt: no answer from the model.
        """
        if span.end > len(document.text):
            raise BadInput(f"the span ends at {span.end}, the document at {len(document.text)}")
        if silence := self._gate.check_asked(document):
            return Rewrite(document, silence=silence)
        settings = self._settings_for(document)
        deadline = self._clock() + settings.rewrite.budget_ms / 1000
        before = Kept.of(document, kept)
        parsed = self._documents.parsed_for(before.document)
        job = _Job(document, before.document, parsed, settings, seed, deadline, on_frame, before, on_holes)
        plans = _plans(action_id, job, before.carried(span), instruction, strength)
        if not plans:
            return Rewrite(document, silence=Silence.NOT_HERE)
        with self._board.working(), self._gate.rewriting(document.key):
            return await self._carry_out(job, plans)

    async def _carry_out(self, job: _Job, plans: list[Plan]) -> Rewrite:
        edits: list[Edit] = []
        figures = FillFigures()
        broken = False
        for plan in plans:
            found, cost = await self._answer(job, plan)
            figures = _sum(figures, cost)
            if found is None or (edits and check_edits(job.parsed, [*edits, *found]).worse):
                broken = True
            else:
                edits += found
        free = job.kept.beside(edits)
        if not free:
            silence = Silence.BREAKS_SYNTAX if broken else Silence.NOTHING_TO_CHANGE
            return Rewrite(job.asked, silence=silence, figures=figures)
        spans = [job.kept.origin(target.span) for plan in plans for target in plan.targets]
        rewrite = self._rebased(job.asked, spans, free, figures)
        return replace(rewrite, doubts=doubts_behind(rewrite.edits, job.doubts))

    async def _answer(self, job: _Job, plan: Plan) -> tuple[tuple[Edit, ...] | None, FillFigures]:
        """The plan's edits, after more tries if they break the syntax; None if those do too."""
        chosen = Decode(job.settings.engine.decode)
        best, figures, parts = await self._ask(job, plan, job.seed, chosen)
        edits = _joined(parts)
        if not check_edits(job.parsed, edits).worse:
            return edits, figures
        # what is asked for in words is beyond what the denoiser was trained for
        for number, decode in enumerate(next_decodes(chosen) if plan.fresh else (chosen,), 1):
            if self._clock() >= job.deadline:
                break
            plan = plan.avoiding(fill.text for fill in best.fills)
            try:
                best, cost, parts = await self._ask(job, plan, job.seed + number, decode)
            except EngineFailed:
                break
            figures = _sum(figures, cost)
            edits = _joined(parts)
            if not check_edits(job.parsed, edits).worse:
                return edits, figures
        alone = [part for part in parts if part and not check_edits(job.parsed, part).worse]
        kept = _joined(alone)
        return (kept if kept and not check_edits(job.parsed, kept).worse else None), figures

    async def _ask(
        self, job: _Job, plan: Plan, seed: int, decode: Decode
    ) -> tuple[Candidate, FillFigures, list[tuple[Edit, ...]]]:
        """One request: the best candidate, what it cost, and its edits by target."""
        context = self._gatherer.gather(job.document, job.parsed, plan.span, job.settings.context)
        prompt = compose(job.document, context, plan.targets)
        if job.on_holes:
            job.on_holes(job.asked, _places(job, plan, prompt))
        request = prompt.request(
            job.document,
            job.settings,
            budget_ms=round((job.deadline - self._clock()) * 1000),
            instruction=plan.instruction,
            seed=seed,
            temperature=REROLLED if job.seed else 0.0,
            frames=bool(job.on_frame or job.on_holes),
            decode=decode,
        )
        result = await self._engine.fill(request, job.on_frame, wait=True)
        if not result.candidates:
            raise EngineFailed("the engine answered without a candidate")
        best = result.candidates[0]
        write = written_fresh if plan.fresh else written_anew
        pairs = enumerate(zip(plan.targets, best.fills, strict=True))
        parts = [write(job.parsed, prompt, at, *pair) for at, pair in pairs]
        for target, fill, part in zip(plan.targets, best.fills, parts, strict=True):
            found = doubts_of_edits(fill.pieces, job.document.text, target.span, part, by_line=not plan.fresh)
            job.doubts.update(found)
        return best, result.figures, parts

    def _rebased(
        self, document: Document, spans: list[Span], edits: tuple[Edit, ...], figures: FillFigures
    ) -> Rewrite:
        """The edits against what the document is by now, if nothing touched the rewritten spans."""
        now = self._documents.get(document.key)
        if now is None or now.revision == document.revision:
            return Rewrite(document, edits, figures=figures)
        key, revision = document.key, document.revision
        touched = any(self._documents.rebase_span(key, span, revision) is None for span in spans)
        moved = None if touched else self._documents.rebase(key, edits, revision)
        if moved is None:
            return Rewrite(now, silence=Silence.STALE, figures=figures)
        return Rewrite(now, moved, figures=figures)


def _plans(
    action_id: str, job: _Job, span: Span, instruction: str | None, strength: float | None
) -> list[Plan]:
    document, parsed, settings = job.document, job.parsed, job.settings.rewrite
    match action_id:
        case "rewrite":
            said = {"instruction": instruction}
            return [plan_rewrite(document, parsed, span, settings, **said, strength=strength)]
        case "fill-body":
            plan = plan_body(document, parsed, span, settings)
            return [plan] if plan else []
        case "fill-holes":
            return list(plan_holes(document, parsed, span if len(span) else None))
        case _:
            raise BadInput(f"there is no action {action_id!r}", hint="Use rewrite, fill-body or fill-holes.")


def _places(job: _Job, plan: Plan, prompt: Prompt) -> tuple[Place, ...]:
    """Where each hole stands in the document that was asked about."""
    places = []
    for target, head in zip(plan.targets, prompt.heads, strict=True):
        place = worded(job.document, target.span) if plan.instruction else Place(target.span, head)
        places.append(place.at(job.kept.origin(target.span)))
    return tuple(places)


def _joined(parts: list[tuple[Edit, ...]]) -> tuple[Edit, ...]:
    return tuple(edit for part in parts for edit in part)


def _sum(one: FillFigures, other: FillFigures) -> FillFigures:
    return FillFigures(
        forwards=one.forwards + other.forwards,
        tokens=one.tokens + other.tokens,
        latency_ms=one.latency_ms + other.latency_ms,
        context_tokens=one.context_tokens + other.context_tokens,
        cached_tokens=one.cached_tokens + other.cached_tokens,
    )
