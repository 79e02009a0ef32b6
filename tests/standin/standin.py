"""A stand-in for the model: answers by rules, at once, the same every time.

Rules are JSON, read anew for each request, so a test can change them while the engine runs:

    {"load": {"delay_ms": 0, "gate": "", "error": ""},
     "rules": [{"before": "def ", "fill": "main():"}, {"fill": "pass"}]}

The first rule whose conditions all hold answers (see `Rule`); without one the fill is
$REMASK_STANDIN_FILL, or "pass". Times are in milliseconds. A fill is what stands right of
the cursor: what a lock at the hole's start holds is put before it, and every other lock
after it. `max_lines` and `avoid` of the hole are honoured, `seed` and temperature ignored.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from lsp_server.core.cancel import CancelToken
from lsp_server.core.errors import BadInput, ModelCorrupt, ModelMissing
from lsp_server.core.types import Alternative, FillFigures
from lsp_server.engine.protocol import (
    Candidate,
    Cell,
    CellState,
    FillRequest,
    FillResult,
    FrameEvent,
    Hole,
    HoleFill,
    Piece,
    Stop,
)
from lsp_server.engine.runtime.denoise.ending import sensible_cut
from lsp_server.engine.runtime.filler import InUse, OnFrame, OnProgress

FILL_VARIABLE = "REMASK_STANDIN_FILL"
RULES_VARIABLE = "REMASK_STANDIN_RULES"
CRASH_CODE = 70
DOUBT = 0.45
GATE_POLL_S = 0.01


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When to answer, and what."""

    before: str = ""
    """Condition: the text left of the first hole ends with this, or that left of its cursor, blanks aside."""
    after: str = ""
    """Condition: the text right of the first hole begins with this."""
    document: str = ""
    """Condition: is part of the request's document."""
    instruction: str | None = None
    """Condition: is part of the request's instruction."""
    decode: str = ""
    """Condition: the decode asked for."""
    fill: str = "pass"
    fills: tuple[str, ...] = ()
    """One for each hole, in place of `fill`."""
    candidates: tuple[str, ...] = ()
    """Several answers for a single hole, best first, in place of `fill`."""
    confidence: float = 0.9
    doubts: dict[str, dict[str, float]] = {}
    """Tokens of the fill, blanks aside, that are doubtful, with their alternatives: text and probability."""
    delay_ms: float = 0.0
    """Before the answer; a deadline or a withdrawal ends it early."""
    step_ms: float = 0.0
    """After each frame."""
    gate: str = ""
    """A file: from frame number `gate_after` on, wait until it exists or the fill is taken."""
    gate_after: int = 1
    hang: bool = False
    """Never answer, until withdrawn or out of time."""
    crash: bool = False
    """End the whole process, without a word, after `delay_ms`."""
    error: str = ""
    """`bad-input`, `model-missing`, `model-corrupt`, `memory`, or `failed`: raise this."""


class Load(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How loading goes; `gate` waits before, `error` is as in `Rule`, or `crash`."""

    delay_ms: float = 0.0
    gate: str = ""
    error: str = ""


class Rules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    load: Load = Load()
    rules: tuple[Rule, ...] = ()
    gains: dict[str, dict[str, float]] = {}
    """What a question about a text is answered: by it, the gains of alternatives; others lose."""
    likely: dict[str, float] = {}
    """Probability of what stands in a hole of strength 0, by a part of it; without one it is a half."""
    reads: str = ""
    """A file that gets a line, path:offset, for each request that is only read."""


Wait = Callable[[float, CancelToken, float | None], None]


def wait_until(seconds: float, cancel: CancelToken, deadline: float | None) -> None:
    """Let time pass, but not beyond a withdrawal or the deadline."""
    end = time.monotonic() + seconds
    end = end if deadline is None else min(end, deadline)
    while time.monotonic() < end and not (cancel.cancelled or cancel.taken):
        time.sleep(0.002)


@dataclass
class StandinFiller:
    """The filler. `read` gives the rules; `wait` lets time pass and can be replaced by an event."""

    read: Callable[[], Rules] = Rules
    wait: Wait = wait_until
    model: str = "standin"
    adapter: str = "0" * 64
    backend: str = "standin"
    requests: list[FillRequest] = field(default_factory=list)
    closed: bool = False
    parallel: int = 1

    def fill(
        self,
        request: FillRequest,
        *,
        cancel: CancelToken,
        deadline: float | None = None,
        on_frame: OnFrame | None = None,
    ) -> FillResult:
        self.requests.append(request)
        if request.read_only:
            self._note(request)
            return FillResult((), FillFigures(context_tokens=len(request.text)), self.model, self.adapter)
        if request.questions:
            return self._judge(request, cancel)
        if all(hole.strength == 0 for hole in request.holes):
            return self._likely(request)
        rule = self.rule_for(request)
        if rule.error:
            raise error_for(rule.error)
        self.wait(float("inf") if rule.hang else rule.delay_ms / 1000, cancel, deadline)
        if rule.crash:
            os._exit(CRASH_CODE)
        cancel.check()
        candidates = self._candidates(request, rule)
        steps = self._show(candidates[0], rule, cancel, deadline, on_frame) if candidates else 0
        if cancel.taken:
            candidates = [_as_far_as(each, steps) for each in candidates[:1]]
        tokens = sum(len(fill.pieces) for each in candidates for fill in each.fills)
        return FillResult(
            candidates=tuple(candidates),
            figures=FillFigures(
                forwards=steps, tokens=tokens, latency_ms=1.0, context_tokens=len(request.text)
            ),
            model=self.model,
            adapter=self.adapter,
        )

    def _judge(self, request: FillRequest, cancel: CancelToken) -> FillResult:
        """A rule for the part may hold the answer up, as it does a fill's."""
        rule = self.rule_for(request)
        self.wait(float("inf") if rule.hang else rule.delay_ms / 1000, cancel, None)
        while shut(rule.gate) and not cancel.cancelled:
            self.wait(GATE_POLL_S, cancel, None)
        cancel.check()
        gains = self.read().gains
        judged = tuple(
            tuple(
                gains.get(request.text[each.start : each.end], {}).get(other, -9.0)
                for other in each.alternatives
            )
            for each in request.questions
        )
        return FillResult((), FillFigures(), self.model, self.adapter, judged)

    def rule_for(self, request: FillRequest) -> Rule:
        hole = request.holes[0]
        typed = hole.locks[0].end if hole.locks and hole.locks[0].start == hole.start else hole.start
        lefts = {request.text[: hole.start], request.text[:typed], request.text[:typed].rstrip(" ")}
        right = request.text[hole.end :]
        for rule in self.read().rules:
            asked = rule.instruction is None or rule.instruction in (request.instruction or "")
            placed = any(left.endswith(rule.before) for left in lefts) and right.startswith(rule.after)
            decoded = rule.decode in {"", request.sampling.decode.value}
            if asked and placed and decoded and rule.document in request.document:
                return rule
        return Rule(fill=os.environ.get(FILL_VARIABLE, "pass"))

    def _likely(self, request: FillRequest) -> FillResult:
        """Mask nothing: say how likely what stands there is."""
        likely, fills = self.read().likely, []
        for hole in request.holes:
            text = request.text[hole.start : hole.end]
            value = next((each for part, each in likely.items() if part in text), 0.5)
            fills.append(HoleFill(text, Stop.END, (Piece(text, value, locked=True),)))
        answer = Candidate(tuple(fills), 1.0)
        return FillResult((answer,), FillFigures(forwards=1), self.model, self.adapter)

    def _note(self, request: FillRequest) -> None:
        if reads := self.read().reads:
            with Path(reads).open("a", encoding="utf-8") as file:
                file.write(f"{request.path}:{request.holes[0].end}\n")

    def in_use(self) -> InUse:
        return InUse()

    def close(self) -> None:
        self.closed = True

    def _candidates(self, request: FillRequest, rule: Rule) -> list[Candidate]:
        answers = [(text,) for text in rule.candidates] or [rule.fills or (rule.fill,) * len(request.holes)]
        found = []
        for place, texts in enumerate(answers):
            pairs = list(zip(request.holes, texts, strict=True))
            fills = tuple(_fill(request, hole, text, rule) for hole, text in pairs)
            if not any(fill.text in hole.avoid for hole, fill in zip(request.holes, fills, strict=True)):
                found.append(Candidate(fills, rule.confidence * 0.9**place))
        return found[: request.candidates]

    def _show(
        self,
        candidate: Candidate,
        rule: Rule,
        cancel: CancelToken,
        deadline: float | None,
        on_frame: OnFrame | None,
    ) -> int:
        """One frame for each token that is committed, until the fill is taken; how many."""
        steps = 0
        for hole, fill in enumerate(candidate.fills):
            for count in range(1, len(fill.pieces) + 1):
                if cancel.taken:
                    return steps
                steps += 1
                if on_frame is not None:
                    on_frame(FrameEvent(hole, steps, _cells(fill.pieces, count)))
                self.wait(rule.step_ms / 1000, cancel, deadline)
                while shut(rule.gate) and steps >= rule.gate_after and not (cancel.cancelled or cancel.taken):
                    self.wait(GATE_POLL_S, cancel, None)
                cancel.check()
        return steps


def shut(gate: str) -> bool:
    """Whether there is a gate and nobody has opened it yet."""
    return bool(gate) and not Path(gate).exists()


def error_for(code: str) -> Exception:
    """The exception a real model would raise."""
    match code:
        case "bad-input":
            return BadInput("the stand-in cannot read this", hint="Give it something else.")
        case "model-missing":
            return ModelMissing("the stand-in is not installed", hint="Run `remask pull`.")
        case "model-corrupt":
            return ModelCorrupt("the stand-in has a wrong byte", hint="Run `remask pull`.")
        case "memory":
            return MemoryError()
        case _:
            return RuntimeError("the stand-in failed")


def read_rules(path: Path | None) -> Rules:
    """The rules in `path`, else in the file that $REMASK_STANDIN_RULES names, else none."""
    given = path or os.environ.get(RULES_VARIABLE)
    return msgspec.json.decode(Path(given).read_bytes(), type=Rules) if given else Rules()


def load_standin(model: str, on_progress: OnProgress, path: Path | None = None) -> StandinFiller:
    """Load as the rules say."""
    load = read_rules(path).load
    on_progress(0.25, "loading the stand-in")
    wait_until(load.delay_ms / 1000, CancelToken(), None)
    while shut(load.gate):
        time.sleep(GATE_POLL_S)
    if load.error == "crash":
        os._exit(CRASH_CODE)
    if load.error:
        raise error_for(load.error)
    return StandinFiller(read=lambda: read_rules(path), model=model)


def _fill(request: FillRequest, hole: Hole, text: str, rule: Rule) -> HoleFill:
    locks = [(lock.start == hole.start, request.text[lock.start : lock.end]) for lock in hole.locks]
    head = "".join(kept for first, kept in locks if first)
    stop = Stop.END
    if hole.max_lines is not None and text.count("\n") >= hole.max_lines:
        text, stop = "\n".join(text.split("\n")[: hole.max_lines]), Stop.LINES
    pieces = [Piece(head, 1.0, locked=True)] if head else []
    pieces += [_piece(part, rule) for part in re.findall(r"\s*\S+|\s+", text)]
    pieces += [Piece(kept, 1.0, locked=True) for first, kept in locks if not first and kept]
    if len(pieces) > hole.max_tokens:
        pieces, stop = pieces[: hole.max_tokens], Stop.LENGTH
    return HoleFill("".join(piece.text for piece in pieces), stop, tuple(pieces))


def _as_far_as(candidate: Candidate, steps: int) -> Candidate:
    """What so many steps have committed of a candidate, a token each, as an engine cuts it."""
    fills = []
    for fill in candidate.fills:
        pieces, left = fill.pieces[:steps], max(0, steps - len(fill.pieces))
        if len(pieces) < len(fill.pieces):
            text = sensible_cut("".join(piece.text for piece in pieces))
            fill = HoleFill(text, Stop.BUDGET, pieces)  # noqa: PLW2901 -- it is cut short
        fills.append(fill)
        steps = left
    return Candidate(tuple(fills), candidate.confidence)


def _piece(part: str, rule: Rule) -> Piece:
    others = rule.doubts.get(part.strip())
    if others is None:
        return Piece(part, rule.confidence)
    blank = part[: len(part) - len(part.lstrip())]
    return Piece(part, DOUBT, alternatives=tuple(Alternative(blank + text, p) for text, p in others.items()))


def _cells(pieces: tuple[Piece, ...], count: int) -> tuple[Cell, ...]:
    known = (
        Cell(piece.text, CellState.LOCKED if piece.locked else CellState.COMMITTED, piece.confidence)
        for piece in pieces[:count]
    )
    return (*known, *(Cell("", CellState.MASKED) for _ in pieces[count:]))
