"""What crosses the wire between a server and an engine: JSON over HTTP on loopback.

    POST /v1/fill          FillRequest -> one `Event` per line (NDJSON): `FrameEvent`s while
                           denoising if `frames`, then exactly one `DoneEvent` or `ErrorEvent`
    POST /v1/take          Take -> Taken: a fill under way ends at its next step with what it has
    POST /v1/completions   OpenAI's completions with `suffix`
    POST /infill           llama.cpp's
    GET  /v1/models        OpenAI's list
    GET  /health           `Health`

Closing the connection withdraws the request. A request withdraws an older one
of the same `client` and `document`, which then ends in
``ErrorEvent(code="superseded")``. All offsets are code points into
`FillRequest.text`. The model sees and writes line feeds only; a caller whose document has
other line ends converts both ways.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import msgspec

from lsp_server.core.errors import BadInput
from lsp_server.core.types import Alternative, FillFigures, Span

PROTOCOL_VERSION = 1

DOUBTFUL = 0.5
"""Probability of a token below which it has alternatives: one bets rather against it than on it."""

HOPELESS = -2.0
"""Nats. An alternative that begins with a token that much less likely than what stands there is not looked at
further."""

Share = Annotated[float, msgspec.Meta(ge=0.0, le=1.0)]
Count = Annotated[int, msgspec.Meta(ge=1, le=4096)]
Offset = Annotated[int, msgspec.Meta(ge=0, le=2**31)]


class Decode(StrEnum):
    """How masks become tokens.

    `VERIFIED`: blocks are drafted by diffusion, the frozen base confirms them and
    what it would not have said is remasked; the answer is the base's own.
    `CONFIDENCE`: every position above the threshold is committed (Fast-dLLM).
    `ENTROPY`: as many positions as an entropy budget allows (EB-Sampler).
    `LEFT_TO_RIGHT`: the base alone, one token a pass; the yardstick.
    `AUTO`: what was measured to be best for the task.
    """

    AUTO = "auto"
    VERIFIED = "verified"
    CONFIDENCE = "confidence"
    ENTROPY = "entropy"
    LEFT_TO_RIGHT = "left-to-right"


class Stop(StrEnum):
    """Why a hole's fill ended."""

    END = "end"
    """The model ended it."""
    LINES = "lines"
    """`max_lines` or `min_indent` was reached, or the fill began to repeat what follows the hole."""
    LENGTH = "length"
    """`max_tokens` was reached."""
    BUDGET = "budget"
    """Time was up, or it was taken: this is what had been committed."""


class Excluded(msgspec.Struct, frozen=True):
    """A token that must not stand again behind the first `at` characters of the hole's `draft`."""

    at: Offset
    text: str


class Hole(msgspec.Struct, frozen=True):
    """A part of the text to be written anew: ``text[start:end]`` is what stands there now.

    `locks` are spans of the text, inside the hole, that must survive verbatim
    and in order. A lock that begins at `start` is what the user has half typed:
    the fill begins with exactly these characters, however they tokenise.
    `strength` is the share of tokens that is masked; below 1 the fill keeps
    its length and the least likely tokens are masked first.
    The fill ends before a line break once it has `max_lines` lines, and before
    a non-blank line (not the first) indented by fewer than `min_indent` characters.
    """

    start: Offset
    end: Offset
    locks: tuple[Span, ...] = ()
    strength: Share = 1.0
    max_tokens: Count = 64
    max_lines: Count | None = None
    min_indent: Annotated[int, msgspec.Meta(ge=0)] | None = None
    avoid: tuple[str, ...] = ()
    """Fills already rejected: the answer differs from each of them."""
    draft: str = ""
    """What may well stand in the hole, from its start, locks included: as the last fill there. Never
    trusted, only verified, so that it saves passes where it is right and changes no answer."""
    excluded: tuple[Excluded, ...] = ()
    """Tokens of the draft that are remasked and must not come back. What is before the first of them stays
    if the base writes it again. Only for holes with one gap, and decodes by the base."""
    settled: bool = False
    """The lock at the start ends with a whole token; else its last word may be the start of a longer one."""
    in_place: bool = False
    """What is locked stands where it is and the length stays, at full strength too."""
    lead: int = 0
    """How many characters before it are there for its sake alone. If any are, holes before it are shown
    `missing` in place of them and of the hole: seeing it empty, a model leaves theirs empty too."""
    missing: str = ""

    @property
    def span(self) -> Span:
        """The hole as a span."""
        return Span(self.start, self.end)


class Snippet(msgspec.Struct, frozen=True):
    """Code from elsewhere that the model should know: shown before the text."""

    path: str
    text: str


class Sampling(msgspec.Struct, frozen=True):
    """How tokens are chosen. Defaults are greedy."""

    decode: Decode = Decode.AUTO
    temperature: Annotated[float, msgspec.Meta(ge=0.0, le=4.0)] = 0.0
    threshold: Share = 0.9
    """Commit positions at or above this probability (`CONFIDENCE`)."""
    entropy: Annotated[float, msgspec.Meta(ge=0.0, le=10.0)] = 0.1
    """Nats that one step may commit beyond the surest position (`ENTROPY`)."""
    block: Annotated[int, msgspec.Meta(ge=1, le=64)] | None = None
    """Canvas positions denoised together; None: what the decode does best."""
    seed: Annotated[int, msgspec.Meta(ge=0, le=2**53)] = 0
    """The same seed gives the same fill."""


class Question(msgspec.Struct, frozen=True):
    """How likely are `alternatives` where ``text[start:end]`` stands now?"""

    start: Offset
    end: Offset
    alternatives: tuple[str, ...]


class Example(msgspec.Struct, frozen=True):
    """A selection in some language, and what the instruction makes of it."""

    language: str
    before: str
    after: str


class FillRequest(msgspec.Struct, frozen=True):
    """Write the holes of `text`, several of them left to right, each seeing the others' fills.

    `instruction` asks for a rewrite in words: the holes' present text is shown to
    the model together with it, and below full strength the least likely tokens are those
    that the instruction speaks against. `path` and `language` name the document to the model.
    """

    text: str
    holes: tuple[Hole, ...]
    client: str = ""
    document: str = ""
    id: str = ""
    """What `Take` names it by."""
    language: str = "plaintext"
    path: str = ""
    snippets: tuple[Snippet, ...] = ()
    instruction: str | None = None
    source: str = ""
    """The language of the holes' present text if it is not `language`: the instruction translates it."""
    example: Example | None = None
    """Shown with the instruction before the selection is."""
    sampling: Sampling = Sampling()
    candidates: Annotated[int, msgspec.Meta(ge=1, le=8)] = 1
    budget_ms: Annotated[int, msgspec.Meta(ge=1, le=600_000)] | None = None
    frames: bool = False
    ahead: bool = False
    """Nobody waits for it yet: it runs when nothing else does, and any other request withdraws it."""
    read_only: bool = False
    """Fill nothing, only read what a fill of the first hole is shown, so that it begins at once. The
    answer has no candidates, and does not keep an idle engine from leaving."""
    adapter: str = ""
    """The user's own adapter that is to answer, as ``store.own.Own.id`` has it; until that is loaded, and
    where there is none, the model as it ships answers."""
    questions: tuple[Question, ...] = ()
    """Fill nothing, only say how likely other texts are at places inside the first hole, in order of
    where they start. The answer has `judged`, and no candidates."""

    def __post_init__(self) -> None:
        """Raise `BadInput` for holes that overlap, leave the text or hold locks outside."""
        if not self.holes:
            raise BadInput("a fill needs at least one hole")
        last = 0
        for hole in self.holes:
            if not last <= hole.start - hole.lead <= hole.start <= hole.end <= len(self.text):
                raise BadInput(
                    f"hole [{hole.start}, {hole.end}) overlaps another or leaves the text",
                    hint="Give holes in order, inside the text.",
                )
            last = hole.end
            seen = hole.start
            for lock in hole.locks:
                if not seen <= lock.start <= lock.end <= hole.end:
                    raise BadInput(f"lock [{lock.start}, {lock.end}) is out of order or outside its hole")
                seen = lock.end
        first, last = self.holes[0], self.holes[0].start
        for question in self.questions:
            if not last <= question.start <= question.end <= first.end:
                raise BadInput(f"question [{question.start}, {question.end}) is out of order or no part")
            last = question.start

    def behind(self, number: int) -> str:
        """What a hole is shown behind it: later ones as they are now, or as it is `missing` one."""
        shown, at = "", self.holes[number].end
        for hole in self.holes[number + 1 :]:
            if hole.lead:
                shown += self.text[at : hole.start - hole.lead] + hole.missing
                at = hole.end
        return shown + self.text[at:]


class Take(msgspec.Struct, frozen=True):
    """The request of that id shall end now, with what has been committed, as if its time were up."""

    id: str


class Taken(msgspec.Struct, frozen=True):
    """Whether a request of that id waits or runs, so that it ends now."""

    taken: bool


class Piece(msgspec.Struct, frozen=True):
    """One token of a fill: its text, the probability the model gave it, and whether it was locked.

    Where that probability is below `DOUBTFUL`, `alternatives` are the likeliest other tokens, likeliest
    first, as the pass that committed it saw them. Tokens that are no text of their own are left out.
    """

    text: str
    confidence: float
    locked: bool = False
    alternatives: tuple[Alternative, ...] = ()

    def behind(self, length: int) -> Piece:
        """The piece without its first `length` characters; alternatives that begin otherwise are none."""
        start = self.text[:length]
        fitting = (each for each in self.alternatives if each.text.startswith(start))
        left = tuple(
            Alternative(each.text[length:], each.probability) for each in fitting if len(each.text) > length
        )
        return Piece(self.text[length:], self.confidence, self.locked, left)


class HoleFill(msgspec.Struct, frozen=True):
    """What stands in one hole now. `text` includes locked characters."""

    text: str
    stop: Stop
    pieces: tuple[Piece, ...] = ()


class Candidate(msgspec.Struct, frozen=True):
    """One answer: a fill for each hole in order; `confidence` is the mean over its tokens."""

    fills: tuple[HoleFill, ...]
    confidence: float


class FillResult(msgspec.Struct, frozen=True):
    """The candidates, best first, without duplicates, and what they cost together."""

    candidates: tuple[Candidate, ...]
    figures: FillFigures
    model: str
    adapter: str = ""
    judged: tuple[tuple[float, ...], ...] = ()
    """For each question and each of its alternatives how much likelier it is than what stands there:
    a difference of log probabilities, in nats, both sides considered. What is below 0 may not be exact."""


class CellState(StrEnum):
    """What a canvas position is at one step."""

    MASKED = "masked"
    DRAFTED = "drafted"
    """Proposed in this step; may be remasked."""
    COMMITTED = "committed"
    LOCKED = "locked"


class Cell(msgspec.Struct, frozen=True):
    """One canvas position as a viewer sees it; a masked one has no text."""

    text: str
    state: CellState
    confidence: float = 0.0


class FrameEvent(msgspec.Struct, frozen=True, tag_field="event", tag="frame"):
    """The canvas of one hole after one step."""

    hole: int
    step: int
    cells: tuple[Cell, ...]
    candidate: int = 0


class DoneEvent(msgspec.Struct, frozen=True, tag_field="event", tag="done"):
    """The end of a fill."""

    result: FillResult


class ErrorEvent(msgspec.Struct, frozen=True, tag_field="event", tag="error"):
    """The end of a fill that gave nothing.

    `code` is one of ``superseded``, ``cancelled``, ``bad-input``,
    ``model-missing``, ``model-corrupt``, ``failed``.
    """

    code: str
    message: str
    hint: str = ""


Event = FrameEvent | DoneEvent | ErrorEvent


class EngineState(StrEnum):
    """What the engine is doing."""

    LOADING = "loading"
    READY = "ready"
    BUSY = "busy"
    FAILED = "failed"


class Health(msgspec.Struct, frozen=True):
    """Answer of ``GET /health``. `progress` is the share of loading that is done."""

    state: EngineState
    model: str
    protocol: int = PROTOCOL_VERSION
    adapter: str = ""
    backend: str = ""
    progress: float = 0.0
    message: str = ""
    hint: str = ""
    pid: int = 0
    memory_mib: int = 0
