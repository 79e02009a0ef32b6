"""Rewriting what is selected, filling bodies and marked holes: a plan, the model, minimal edits."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from lsp_server.context.gather import Gatherer
from lsp_server.core.errors import BadInput
from lsp_server.core.settings import Settings
from lsp_server.core.types import Document, Edit, FillFigures, Rewrite, Silence, Span
from lsp_server.service.answering import Answered, Answerer, added, spans_of
from lsp_server.service.canvas import OnHoles
from lsp_server.service.documents import Documents
from lsp_server.service.doubt.edits import doubts_behind
from lsp_server.service.engine import Engine, OnFrame
from lsp_server.service.gate import Gate
from lsp_server.service.job import Job
from lsp_server.service.kept import Kept
from lsp_server.service.plan import Plan, check_locks, plan_body, plan_holes, plan_rewrite
from lsp_server.service.renaming import Renamer
from lsp_server.service.status import StatusBoard
from lsp_server.service.strength import InPart
from lsp_server.service.taking import Taking
from lsp_server.service.wish import Wish
from lsp_server.syntax.check import check_edits
from lsp_server.syntax.holes import body_at, find_holes

ActionId = Literal["rewrite", "fill-body", "fill-holes"]
NO_WISH = Wish()
SCANNED = 200_000
"""Characters of a document beyond which only the selection is searched for holes unasked."""


@dataclass(frozen=True, slots=True)
class Action:
    """Something that can be done at a span; `Rewriter.run` takes the id and the span."""

    id: ActionId
    title: str
    span: Span
    task: str = ""
    instruction: str = ""


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
        self._answerer = Answerer(gatherer=gatherer, engine=engine, clock=clock)
        self._in_part = InPart(gatherer=gatherer, engine=engine, answerer=self._answerer, clock=clock)
        self._renamer = Renamer(engine=engine, clock=clock)
        self._board = board
        self._settings_for = settings_for
        self._clock = clock

    def may(self, document: Document) -> bool:
        """Whether anything can be done in a document."""
        on = self._settings_for(document).enabled_for(document.language)
        return on and not self._gate.check_asked(document)

    def actions(self, document: Document, span: Span) -> tuple[Action, ...]:
        """What can be done at `span`, without asking the model."""
        if not self.may(document) or span.end > len(document.text):
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
        wish: Wish = NO_WISH,
        *,
        seed: int = 0,
        on_frame: OnFrame | None = None,
        kept: Sequence[Edit] = (),
        on_holes: OnHoles | None = None,
        taking: Taking | None = None,
    ) -> Rewrite:
        """Carry an action out and answer with edits against the newest snapshot of the document.

        Once it is wanted by `taking`, what is there is the answer, and nothing more is asked for.
        The model sees the document with the edits of `kept`, and no edit of the answer touches one of them.

        Raises:
            BadInput: unknown action, a span outside the document, an empty or too large selection, kept
                edits that overlap, a wish that cannot be met.
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
        check_locks(self._documents.parsed_for(document), wish)
        wish = replace(wish, locked=tuple(before.carried(lock) for lock in wish.locked))
        job = Job(
            document,
            before.document,
            parsed,
            settings,
            wish,
            seed,
            deadline,
            on_frame,
            before,
            on_holes,
            taking or Taking(),
        )
        plans = _plans(action_id, job, before.carried(span))
        if not plans:
            return Rewrite(document, silence=Silence.NOT_HERE)
        with self._board.working(), self._gate.rewriting(document.key):
            return await self._carry_out(job, plans)

    async def _carry_out(self, job: Job, plans: Sequence[Plan]) -> Rewrite:
        edits: list[Edit] = []
        figures, silence, left = FillFigures(), Silence.NOTHING_TO_CHANGE, 0
        for number, plan in enumerate(plans):
            if number and job.over(self._clock()):
                left = len(plans) - number
                break
            found = await self._answered(job, plan)
            figures = added(figures, found.figures)
            if found.edits and edits and check_edits(job.parsed, [*edits, *found.edits]).worse:
                silence = Silence.BREAKS_SYNTAX
            else:
                edits += found.edits
                silence = found.silence or silence
        free = job.kept.beside(edits)
        if not free:
            return Rewrite(job.asked, silence=silence, figures=figures)
        rewrite = self._rebased(job.asked, spans_of(job, plans), free, figures)
        return replace(rewrite, doubts=doubts_behind(rewrite.edits, job.doubts), left=left)

    async def _answered(self, job: Job, plan: Plan) -> Answered:
        """A plan's edits, or those of what is to be tried otherwise."""
        found = await self._by(plan).answer(job, plan)
        for other in plan.otherwise:
            if found.edits or job.over(self._clock()):
                break
            later = await self._by(other).answer(job, other)
            found = replace(later, figures=added(found.figures, later.figures))
        return found

    def _by(self, plan: Plan) -> Answerer | InPart | Renamer:
        """Who carries a plan out."""
        if plan.naming:
            return self._renamer
        return self._in_part if plan.in_part else self._answerer

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


def _plans(action_id: str, job: Job, span: Span) -> Sequence[Plan]:
    document, parsed, settings = job.document, job.parsed, job.settings.rewrite
    match action_id:
        case "rewrite":
            return plan_rewrite(document, parsed, span, settings, job.wish)
        case "fill-body":
            plan = plan_body(document, parsed, span, settings)
            return [plan] if plan else []
        case "fill-holes":
            return list(plan_holes(document, parsed, span if len(span) else None))
        case _:
            raise BadInput(f"there is no action {action_id!r}", hint="Use rewrite, fill-body or fill-holes.")
