"""From the fills of a request to the edits that may be offered, or the reason why there are none."""

from __future__ import annotations

import functools
from collections.abc import Sequence

from lsp_server.core.types import Edit, Silence
from lsp_server.engine.protocol import Candidate, HoleFill
from lsp_server.service.job import Job
from lsp_server.service.keeping import Change, keep_locked, objection
from lsp_server.service.plan import Plan
from lsp_server.service.prompt import Prompt, Target
from lsp_server.service.slotted import by_lines, written_in_slot
from lsp_server.service.taking import cut_short, taken_anew, taken_fresh
from lsp_server.service.written import written_anew, written_fresh, written_token
from lsp_server.syntax.check import check_edits

Parts = list[tuple[Edit, ...]]


def joined(parts: Sequence[tuple[Edit, ...]]) -> tuple[Edit, ...]:
    """The edits of all parts."""
    return tuple(edit for part in parts for edit in part)


def judged(job: Job, plan: Plan, parts: Parts) -> tuple[tuple[Edit, ...], Silence | None]:
    """The edits that may be offered, or why there are none."""
    edits, wish = joined(parts), job.wish
    locked = not plan.fresh and bool(wish.lock or wish.locked)
    silence = None
    if check_edits(job.parsed, edits).worse:
        silence = Silence.BREAKS_SYNTAX
    elif not edits and (plan.slotted or plan.single or not plan.fresh):
        silence = Silence.NOTHING_TO_CHANGE
    elif locked and not keep_locked(job.parsed, edits, sorted(wish.lock), wish.locked):
        silence = Silence.CHANGES_LOCKED
    elif plan.instruction is not None:
        silence = objection(Change.of(job.parsed, plan.span, edits), plan.task, wish.instruction)
    return (() if silence else edits), silence


def taken(job: Job, plan: Plan, best: Candidate, parts: Parts) -> tuple[tuple[Edit, ...], Silence | None]:
    """The edits of what was taken, or why there are none."""
    edits = whole_ones(job, parts) if plan.fresh else joined(parts)
    if edits and _may_be_taken(job, plan, edits):
        return edits, None
    unfinished = any(cut_short(fill) for fill in best.fills)
    return (), Silence.TOO_EARLY if unfinished else Silence.NOTHING_TO_CHANGE


def _may_be_taken(job: Job, plan: Plan, edits: Sequence[Edit]) -> bool:
    """Whether edits may be offered of a rewrite that need not be done."""
    return judged(job, plan, [tuple(edits)])[1] in {None, Silence.NOT_DONE}


def written(job: Job, plan: Plan, prompt: Prompt, best: Candidate) -> Parts:
    """The edits of each target."""
    if plan.slotted:
        pairs = [
            (target, fill)
            for target, fill in zip(plan.targets, best.fills, strict=True)
            if not (_half_done(job, fill) or (target.draft and cut_short(fill)))
        ]
        single = [written_in_slot(job.parsed, plan.task, target, fill.text) for target, fill in pairs]
        sound = [part for part in single if not check_edits(job.parsed, part).worse]
        return [by_lines(job.parsed.text, joined(sound)), *(() for _ in plan.targets[1:])]
    if plan.single:
        whole = (
            written_token(job.parsed, target, fill) if not _half_done(job, fill) else ()
            for target, fill in zip(plan.targets, best.fills, strict=True)
        )
        return [by_lines(job.parsed.text, part) for part in whole]
    numbered = enumerate(zip(plan.targets, best.fills, strict=True))
    if job.taking.wanted:
        return [_as_taken(job, plan, prompt, at, *pair) for at, pair in numbered]
    write = written_fresh if plan.fresh else written_anew
    return [write(job.parsed, prompt, at, *pair) for at, pair in numbered]


def _half_done(job: Job, fill: HoleFill) -> bool:
    """Whether a fill was taken that is of use only as a whole, as a name or a type."""
    return job.taking.wanted and cut_short(fill)


def _as_taken(
    job: Job, plan: Plan, prompt: Prompt, at: int, target: Target, fill: HoleFill
) -> tuple[Edit, ...]:
    fine = functools.partial(_may_be_taken, job, plan)
    if plan.fresh:
        return taken_fresh(job.parsed, prompt, at, target, fill, fine)
    return taken_anew(job.parsed, prompt, target, fill, fine)


def whole_ones(job: Job, parts: Parts) -> tuple[Edit, ...]:
    """Those of the parts that break nothing by themselves, if they break nothing together."""
    alone = [part for part in parts if part and not check_edits(job.parsed, part).worse]
    kept = joined(alone)
    return () if check_edits(job.parsed, kept).worse else kept
