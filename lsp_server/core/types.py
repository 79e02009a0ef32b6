"""Values that cross layers: documents, spans, edits, answers.

Offsets are code points into a `str`, never bytes, lines or UTF-16 units; spans
are half-open. Only `lsp/` knows about positions and URIs.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open range ``[start, end)`` of code-point offsets."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start <= self.end:
            msg = f"a span needs 0 <= start <= end, got [{self.start}, {self.end})"
            raise ValueError(msg)

    def __len__(self) -> int:
        return self.end - self.start

    def shifted(self, by: int) -> Span:
        """The span moved by `by` code points."""
        return Span(self.start + by, self.end + by)

    def contains(self, other: Span) -> bool:
        """Whether `other` lies entirely inside this span."""
        return self.start <= other.start and other.end <= self.end


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace `span` of one text by `text`. Edits of one list never overlap."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Document:
    """An immutable snapshot of an open document.

    `key` is opaque (the client's URI); `path` is the file it names, if any.
    `language` is the LSP language id. `version` is the client's number,
    `revision` ours: it grows by one with every change that arrives. A cell has
    the key of its `notebook`, and that one's path.
    """

    key: str
    language: str
    text: str
    path: Path | None = None
    version: int | None = None
    revision: int = 0
    notebook: str = ""


class Silence(StrEnum):
    """Why no suggestion is shown. Silence is a result, not an error."""

    DISABLED = "disabled"
    SNOOZED = "snoozed"
    IGNORED_FILE = "ignored-file"
    PRIVATE_FILE = "private-file"
    UNSUPPORTED_TEXT = "unsupported-text"
    NOT_HERE = "not-here"
    SUPERSEDED = "superseded"
    STALE = "stale"
    ENGINE_STARTING = "engine-starting"
    ENGINE_DOWN = "engine-down"
    MODEL_MISSING = "model-missing"
    EMPTY = "empty"
    BREAKS_SYNTAX = "breaks-syntax"
    LOW_CONFIDENCE = "low-confidence"
    NOTHING_TO_CHANGE = "nothing-to-change"
    LOSES_CODE = "loses-code"
    CHANGES_LOCKED = "changes-locked"
    NOT_DONE = "not-done"
    TOO_EARLY = "too-early"


SILENCE_TEXT: dict[Silence, str] = {
    Silence.DISABLED: "turned off for this language",
    Silence.SNOOZED: "snoozed",
    Silence.IGNORED_FILE: "this file is ignored (.gitignore or .remaskignore)",
    Silence.PRIVATE_FILE: "this file may hold secrets",
    Silence.UNSUPPORTED_TEXT: "this file is too large or not text",
    Silence.NOT_HERE: "nothing to suggest at this place",
    Silence.SUPERSEDED: "a newer request took over",
    Silence.STALE: "the document changed meanwhile",
    Silence.ENGINE_STARTING: "the engine is starting",
    Silence.ENGINE_DOWN: "the engine is not running",
    Silence.MODEL_MISSING: "the model is not installed: run `remask pull`",
    Silence.EMPTY: "the model had nothing to add",
    Silence.BREAKS_SYNTAX: "the suggestion would have broken the syntax",
    Silence.LOW_CONFIDENCE: "the model was not sure enough",
    Silence.NOTHING_TO_CHANGE: "the model would change nothing",
    Silence.LOSES_CODE: "the rewrite would have lost code that nobody asked to lose",
    Silence.CHANGES_LOCKED: "the rewrite would have changed what is locked",
    Silence.NOT_DONE: "what the model wrote does not do what was asked",
    Silence.TOO_EARLY: "there was nothing yet that could be taken",
}
"""One clause for each reason, shown in the status and by the command line."""


@dataclass(frozen=True, slots=True)
class Alternative:
    """What might stand in a token's place, and the probability the model gave it."""

    text: str
    probability: float


@dataclass(frozen=True, slots=True)
class Doubt:
    """A token that the model gave no more than `probability`, and what else it thought of, likeliest first.

    `span` has no white space at its ends; the token itself begins `lead` characters before it, as its
    alternatives do. What was written given the token reaches to `end`. What is `undefined` is a name that
    nothing defines, and may have no alternatives.
    """

    span: Span
    end: int
    probability: float
    alternatives: tuple[Alternative, ...]
    lead: int = 0
    undefined: bool = False

    @property
    def whole(self) -> Span:
        """The token with the white space it begins with."""
        return Span(self.span.start - self.lead, self.span.end)

    def shifted(self, by: int) -> Doubt:
        """The doubt moved by `by` code points."""
        return replace(self, span=self.span.shifted(by), end=self.end + by)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One candidate for inline completion.

    `edit.span` lies on the cursor's line; `edit.text` is what the client
    inserts. `confidence` is the mean probability of its tokens, in [0, 1].
    `doubts` are in offsets of that text.
    """

    id: str
    edit: Edit
    filter_text: str
    confidence: float
    doubts: tuple[Doubt, ...] = ()


@dataclass(frozen=True, slots=True)
class Completion:
    """The suggestions for one cursor, best first, or the reason for none."""

    suggestions: tuple[Suggestion, ...] = ()
    silence: Silence | None = None


@dataclass(frozen=True, slots=True)
class FillFigures:
    """What an answer cost.

    `forwards` counts every pass through the network after the context was read, one through
    some of its layers as their share; `tokens` are the tokens of the answer.
    """

    forwards: float = 0
    tokens: int = 0
    latency_ms: float = 0.0
    context_tokens: int = 0
    cached_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Rewrite:
    """Edits that replace parts of `document`, or the reason for none.

    `doubts` are in offsets of the text that the edits lead to.
    """

    document: Document
    edits: tuple[Edit, ...] = ()
    silence: Silence | None = None
    figures: FillFigures = field(default_factory=FillFigures)
    doubts: tuple[Doubt, ...] = ()
    left: int = 0
    """Parts of what was asked for that were not reached in time."""
