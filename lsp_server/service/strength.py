"""Strength: how much of what is selected may change, what the model finds least likely first.

The image-to-image use of diffusion (SDEdit, arXiv 2108.01073) carried over to code: one pass over what
stands there says how likely each token is; units of the syntax around the least likely become holes until
the share is reached, and all else stays by construction. In words the whole selection is answered to, and of
what the answer changes as much is taken as the share allows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from difflib import SequenceMatcher

from lsp_server.context.gather import Gatherer
from lsp_server.core.errors import EngineFailed
from lsp_server.core.text import indent_width, leading, line_start
from lsp_server.core.types import Edit, FillFigures, Silence, Span
from lsp_server.engine.protocol import Piece
from lsp_server.service.answering import Answered, Answerer, added
from lsp_server.service.engine import Engine
from lsp_server.service.job import Job
from lsp_server.service.plan import MOST_HOLES, Plan, locks_in
from lsp_server.service.prompt import Target, compose
from lsp_server.syntax.check import check_edits
from lsp_server.syntax.names import undefined_names
from lsp_server.syntax.parse import Parsed
from lsp_server.syntax.units import least_likely

Likelihood = Callable[[Span], float]
"""The probability of the least likely token in a span of the document."""


class InPart:
    """Carries out plans that change a part only; `clock` gives seconds."""

    def __init__(
        self, *, gatherer: Gatherer, engine: Engine, answerer: Answerer, clock: Callable[[], float]
    ) -> None:
        self._gatherer = gatherer
        self._engine = engine
        self._answerer = answerer
        self._clock = clock

    async def answer(self, job: Job, plan: Plan) -> Answered:
        """The plan's edits, or why there are none.

        Raises:
            EngineFailed: the model could not be asked, or did not come to an end.
        """
        if plan.instruction is None:
            return await self._by_units(job, plan)
        found = await self._answerer.answer(job, plan)
        if not found.edits or changed(job.parsed, found.edits) <= plan.share * len(plan.span):
            return found
        likelihood, cost = await self._likelihood(job, plan)
        edits = within_share(job, plan, found.edits, likelihood)
        silence = None if edits else Silence.BREAKS_SYNTAX
        return Answered(edits, silence, added(found.figures, cost))

    async def _by_units(self, job: Job, plan: Plan) -> Answered:
        likelihood, figures = await self._likelihood(job, plan)
        found: tuple[Edit, ...] = ()
        silence = Silence.NOTHING_TO_CHANGE
        for number, part in enumerate(unit_plans(job, plan, likelihood)):
            if number and job.over(self._clock()):
                break
            answered = await self._answerer.answer(job, part)
            figures = added(figures, answered.figures)
            if check_edits(job.parsed, [*found, *answered.edits]).worse:
                silence = Silence.BREAKS_SYNTAX
            else:
                found += answered.edits
                silence = answered.silence or silence
        return Answered(found, None if found else silence, figures)

    async def _likelihood(self, job: Job, plan: Plan) -> tuple[Likelihood, FillFigures]:
        """How likely the model finds what stands there, given the words if there are some; one pass."""
        (target,) = plan.targets
        context = self._gatherer.gather(job.document, job.parsed, plan.span, job.settings.context)
        prompt = compose(job.document, context, [replace(target, strength=0.0)])
        request = prompt.request(
            job.document,
            job.settings,
            budget_ms=round((job.deadline - self._clock()) * 1000),
            instruction=plan.instruction,
            source=job.wish.source,
        )
        result = await self._engine.fill(request, wait=True)
        if not result.candidates:
            raise EngineFailed("the engine answered without a candidate")
        pieces = result.candidates[0].fills[0].pieces
        return likelihood_of(pieces, target.present, at=target.span.start), result.figures


def likelihood_of(pieces: Sequence[Piece], present: str, *, at: int) -> Likelihood:
    """From what was said about a text that stands at `at`, of which the pieces have no carriage returns."""
    values = [piece.confidence for piece in pieces for _ in piece.text]
    places: list[float] = []
    done = 0
    for number, char in enumerate(present):
        places.append(values[done] if done < len(values) else 1.0)
        done += not (char == "\r" and present.startswith("\n", number + 1))
    return lambda span: min(places[max(0, span.start - at) : span.end - at] or [1.0])


def unit_plans(job: Job, plan: Plan, likelihood: Likelihood) -> Iterator[Plan]:
    """Plans with a hole in each unit that is least likely, as many as the share allows.

    Units of one line are in one plan: its edits are of whole lines.
    """
    locked = locks_in(job.parsed, plan.span, job.wish)
    text, group = job.document.text, list[Target]()
    for unit in least_likely(job.parsed, plan.span, locked, likelihood, plan.share):
        if len(group) >= MOST_HOLES and "\n" in text[group[-1].span.end : unit.start]:
            yield Plan(tuple(group), slotted=True, share=plan.share)
            group = []
        group.append(_target(job, unit))
    if group:
        yield Plan(tuple(group), slotted=True, share=plan.share)


def _target(job: Job, unit: Span) -> Target:
    """A hole for what may be about as long as what stands there."""
    text = job.document.text
    present = text[unit.start : unit.end]
    lines = present.count("\n") + 1
    before = text[line_start(text, unit.start) : unit.start]
    return Target(
        unit,
        present=present,
        healed=False,
        max_tokens=min(job.settings.rewrite.max_tokens, len(present) // 2 + 16),
        max_lines=1 if lines == 1 else 2 * lines,
        min_indent=indent_width(leading(before)) if lines > 1 and not before.strip() else None,
        draft=present,
    )


def changed(parsed: Parsed, edits: Sequence[Edit]) -> int:
    """How many characters edits take away or put there, the larger of both in each place."""
    return sum(_changed(parsed, edit) for edit in edits)


def _changed(parsed: Parsed, edit: Edit) -> int:
    old = parsed.text[edit.span.start : edit.span.end]
    codes = SequenceMatcher(None, old, edit.text, autojunk=False).get_opcodes()
    return sum(max(i2 - i1, j2 - j1) for tag, i1, i2, j1, j2 in codes if tag != "equal")


def within_share(job: Job, plan: Plan, edits: Sequence[Edit], likelihood: Likelihood) -> tuple[Edit, ...]:
    """Of the edits those where what stands there is least likely, as many as the share allows, one at least.

    None of them leaves code that does not parse, or that uses names which only another edit defines.
    """
    parsed, left = job.parsed, plan.share * len(plan.span)
    taken: list[Edit] = []
    for edit in sorted(_by_line(parsed, edits), key=lambda edit: likelihood(edit.span)):
        size = _changed(parsed, edit)
        if taken and size > left:
            continue
        if not check_edits(parsed, [*taken, edit]).worse and not undefined_names(parsed, edit):
            taken.append(edit)
            left -= size
    return tuple(sorted(taken, key=lambda edit: edit.span))


def _by_line(parsed: Parsed, edits: Sequence[Edit]) -> Iterator[Edit]:
    """Edits of single lines where as many came as went."""
    for edit in edits:
        old = parsed.text[edit.span.start : edit.span.end].splitlines(keepends=True)
        new = edit.text.splitlines(keepends=True)
        if len(old) != len(new):
            yield edit
            continue
        at = edit.span.start
        for line, instead in zip(old, new, strict=True):
            if line != instead:
                yield Edit(Span(at, at + len(line)), instead)
            at += len(line)
