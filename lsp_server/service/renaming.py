"""Clearer names for local variables: the model proposes, and is asked which makes the function likeliest.

A small model cannot rewrite a function with other names, but it can say what one is better called in a
remark behind it, shown solved examples of that; what the code around calls things is proposed as well.
Of the proposals the one wins with which the whole function is the likeliest, by clearly more than as it is.
All else is syntax: which names say nothing, where a variable stands, and which names it cannot have.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from lsp_server.core.text import leading, line_end, line_start
from lsp_server.core.types import Edit, FillFigures, Silence, Span
from lsp_server.engine.protocol import Decode, FillRequest, FillResult, Hole, Sampling
from lsp_server.service.answering import REROLLED, Answered, added
from lsp_server.service.engine import Engine
from lsp_server.service.examples import names_for
from lsp_server.service.job import Job
from lsp_server.service.keeping import Change, objection
from lsp_server.service.plan import Plan, locks_in
from lsp_server.service.prompt import LONGEST_MS, unix
from lsp_server.syntax.check import check_edits
from lsp_server.syntax.clarity import is_unclear, styled
from lsp_server.syntax.hints import hints
from lsp_server.syntax.locals import Local, locals_of, names_in

GAIN = 3.0
"""Nats by which the function must become likelier."""
MOST_NAMES = 8
"""Of one function."""
MOST_PROPOSALS = 6
LONGEST = 6_000
"""Characters of a function that is looked at."""
NAME_TOKENS = 8
_LEAST = 1e-9
_NAME = re.compile(r"[^\W\d]\w*")


@dataclass(frozen=True, slots=True)
class Shown:
    """A function in pieces: what stands before each place of a variable, and that variable's name."""

    pieces: tuple[tuple[str, str], ...]
    rest: str

    @classmethod
    def of(cls, text: str, span: Span, variables: Sequence[Local]) -> Shown:
        """`span` of a text, with line feeds only."""
        pieces, at = [], span.start
        for place, name in sorted((place, each.name) for each in variables for place in each.places):
            pieces.append((unix(text[at : place.start]), name))
            at = place.end
        return cls(tuple(pieces), unix(text[at : span.end]))

    def written(self, new: Mapping[str, str]) -> str:
        """It with other names."""
        return "".join(before + new.get(name, name) for before, name in self.pieces) + self.rest


class Renamer:
    """Carries out plans that rename; `clock` gives seconds."""

    def __init__(self, *, engine: Engine, clock: Callable[[], float]) -> None:
        self._engine = engine
        self._clock = clock

    async def answer(self, job: Job, plan: Plan) -> Answered:
        """One edit with all that has a clearer name, or why there is none.

        Raises:
            EngineFailed: the model could not be asked.
        """
        variables = unclear_ones(job, plan.span)
        text, figures, new = job.parsed.text, FillFigures(), dict[str, str]()
        shown = Shown.of(text, Span(line_start(text, plan.span.start), plan.span.end), variables)
        taken = names_in(job.parsed, plan.span)
        for number, variable in enumerate(variables):
            if number and job.over(self._clock()):
                break
            proposals, cost = await self._proposals(job, shown, new, variable)
            free = [
                name
                for name in proposals
                if name not in {*taken, *new.values()} and names_a_thing(shown, name)
            ]
            best, more = await self._best(job, shown, new, variable.name, free[:MOST_PROPOSALS])
            figures = added(added(figures, cost), more)
            if best:
                new[variable.name] = best
        edits, silence = judged(job, plan, variables, new)
        return Answered(edits, silence, figures)

    async def _proposals(
        self, job: Job, shown: Shown, new: Mapping[str, str], variable: Local
    ) -> tuple[list[str], FillFigures]:
        """What it may be called: as the code around has it, and as the model says behind the function."""
        before = remark(job, shown, new, variable.name)
        hole = Hole(len(before), len(before), max_tokens=NAME_TOKENS, max_lines=1, avoid=(variable.name,))
        result = await self._ask(job, f"{before}`\n", hole)
        found = [styled(job.parsed, each) for each in (*hints(job.parsed, variable), *said(result))]
        return list(dict.fromkeys(filter(None, found))), result.figures

    async def _best(
        self, job: Job, shown: Shown, new: Mapping[str, str], old: str, proposals: Sequence[str]
    ) -> tuple[str, FillFigures]:
        """The name with which the function is the likeliest; empty if that is hardly more than it is now."""
        figures, values = FillFigures(), dict[str, float]()
        for name in (old, *proposals) if proposals else ():
            if name != old and job.over(self._clock()):
                break
            text = shown.written({**new, old: name})
            result = await self._ask(job, text, Hole(0, len(text), strength=0.0, max_tokens=4096))
            figures = added(figures, result.figures)
            if result.candidates:
                pieces = result.candidates[0].fills[0].pieces
                values[name] = sum(math.log(max(piece.confidence, _LEAST)) for piece in pieces)
        best = max(values, key=lambda name: values[name], default=old)
        sure = best != old and old in values and values[best] >= values[old] + GAIN
        return best if sure else "", figures

    async def _ask(self, job: Job, text: str, hole: Hole) -> FillResult:
        left = round((job.deadline - self._clock()) * 1000)
        with job.taking.under_way() as name:
            request = FillRequest(
                text,
                (hole,),
                id=name,
                document=job.document.key,
                language=job.document.language,
                path=job.document.path.name if job.document.path else "",
                sampling=Sampling(
                    Decode(job.settings.engine.decode), REROLLED if job.seed else 0.0, seed=job.seed
                ),
                budget_ms=min(max(1, left), LONGEST_MS),
            )
            return await self._engine.fill(request, wait=True)


def unclear_ones(job: Job, function: Span) -> tuple[Local, ...]:
    """The variables of a function that are asked about; none that stands where something is locked."""
    if len(function) > LONGEST:
        return ()
    locked = locks_in(job.parsed, function, job.wish)
    found = (each for each in locals_of(job.parsed, function) if is_unclear(job.parsed, each))
    free = (each for each in found if not any(_meet(place, lock) for place in each.places for lock in locked))
    return tuple(free)[:MOST_NAMES]


def _meet(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end


def names_a_thing(shown: Shown, name: str) -> bool:
    """Whether a name is none of what is done there, as `split` where something is split at a colon."""
    return not re.search(rf"(?<!\w){re.escape(name)}\([^)]", shown.written({}))


def remark(job: Job, shown: Shown, new: Mapping[str, str], old: str) -> str:
    """Solved examples and the function, up to where the new name of `old` stands in a remark behind it."""
    code = shown.written({}).rstrip()
    examples, comment = names_for(job.document.language), job.parsed.language.line_comment
    pairs = "".join(f"`{one}` -> `{other}`, " for one, other in new.items())
    return f"{examples}{code}\n{leading(code)}{comment} Clear names: {pairs}`{old}` -> `"


def said(result: FillResult) -> Iterator[str]:
    """The name that was written, and others that were nearly."""
    for fill in (fill for each in result.candidates[:1] for fill in each.fills):
        others = (other.text for other in (fill.pieces[0].alternatives if fill.pieces else ()))
        for text in (fill.text, *others):
            if match := _NAME.match(text.strip()):
                yield match[0]


def judged(
    job: Job, plan: Plan, variables: Sequence[Local], new: Mapping[str, str]
) -> tuple[tuple[Edit, ...], Silence | None]:
    """All of it as one edit of whole lines, for half of it would break the code; or why it is not offered."""
    if not new:
        return (), Silence.NOTHING_TO_CHANGE
    text = job.parsed.text
    changed = [each for each in variables if each.name in new]
    places = sorted(place for each in changed for place in each.places)
    span = Span(line_start(text, places[0].start), line_end(text, places[-1].end))
    at, written = span.start, ""
    for place in places:
        written += text[at : place.start] + new[text[place.start : place.end]]
        at = place.end
    edits = (Edit(span, written + text[at : span.end]),)
    if check_edits(job.parsed, edits).worse:
        return (), Silence.BREAKS_SYNTAX
    whole = Span(min(span.start, plan.span.start), max(span.end, plan.span.end))
    silence = objection(Change.of(job.parsed, whole, edits), plan.task, "")
    return (() if silence else edits), silence
