"""Answers kept so that typing along a suggestion, or deleting back, needs no new request."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace

from lsp_server.core.types import Doubt, Silence
from lsp_server.service.cursor import Cursor
from lsp_server.service.doubt.find import behind

MOST_BEFORE = 512
MOST_AFTER = 256
"""Characters around a place by which it is known again."""
MOST_ANSWERS = 32
"""Answers kept over all documents."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A candidate: `text` stands behind the place it was made for; `doubts` are in offsets of it."""

    id: str
    text: str
    confidence: float
    doubts: tuple[Doubt, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """Where in which document, known again by what stands around it rather than by its offset."""

    key: str
    before: str
    after: str
    at_start: bool
    at_end: bool

    @classmethod
    def of(cls, cursor: Cursor) -> Place:
        """The cursor's place."""
        text, offset = cursor.text, cursor.offset
        return cls(
            cursor.document.key,
            text[max(0, offset - MOST_BEFORE) : offset],
            text[offset : offset + MOST_AFTER],
            at_start=offset <= MOST_BEFORE,
            at_end=offset + MOST_AFTER >= len(text),
        )

    def ends(self, cursor: Cursor) -> bool:
        """Whether what follows the cursor is what followed this place."""
        end = cursor.offset + len(self.after)
        return (
            cursor.document.key == self.key
            and cursor.text.startswith(self.after, cursor.offset)
            and (not self.at_end or end == len(cursor.text))
        )

    def begins(self, cursor: Cursor, typed: int) -> bool:
        """Whether the place lies `typed` characters before the cursor."""
        start = cursor.offset - typed
        return (
            start >= len(self.before)
            and cursor.text.endswith(self.before, 0, start)
            and (not self.at_start or start == len(self.before))
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found at a place, or why nothing was."""

    place: Place
    settings: tuple[object, ...]
    candidates: int
    offers: tuple[Offer, ...] = ()
    silence: Silence | None = None

    @classmethod
    def to(cls, cursor: Cursor, offers: tuple[Offer, ...] = (), silence: Silence | None = None) -> Answer:
        """The answer to `cursor`."""
        return cls(Place.of(cursor), _settings(cursor), cursor.candidates, offers, silence)

    def remaining(self, cursor: Cursor) -> Answer | None:
        """This answer as seen from `cursor`, less what was typed since; None if it says nothing there."""
        if self.settings != _settings(cursor) or self.candidates < cursor.candidates:
            return None
        if not self.place.ends(cursor):
            return None
        if not self.offers:
            return self if self.place.begins(cursor, 0) else None
        for typed, offers in self._typed(cursor):
            if self.place.begins(cursor, typed):
                return replace(self, offers=offers)
        return None

    def _typed(self, cursor: Cursor) -> Iterator[tuple[int, tuple[Offer, ...]]]:
        """Every length of typed text that agrees with an offer, and what is left of the offers then."""
        longest = max((len(offer.text) for offer in self.offers), default=0)
        for typed in range(min(longest, cursor.offset + 1)):
            text = cursor.text[cursor.offset - typed : cursor.offset]
            left = tuple(
                replace(offer, text=offer.text[typed:], doubts=behind(offer.doubts, typed))
                for offer in self.offers
                if offer.text.startswith(text) and offer.text[typed:].strip()
            )
            if left:
                yield typed, left


class Reuse:
    """The latest answers, newest first."""

    def __init__(self) -> None:
        self._answers: deque[Answer] = deque(maxlen=MOST_ANSWERS)

    def remember(self, answer: Answer) -> None:
        """Keep an answer; it replaces an older one for the same place and settings."""
        for old in self._answers:
            if (old.place, old.settings) == (answer.place, answer.settings):
                self._answers.remove(old)
                break
        self._answers.appendleft(answer)

    def find(self, cursor: Cursor) -> Answer | None:
        """What a kept answer has for `cursor`; asking keeps that answer longer."""
        for answer in self._answers:
            found = answer.remaining(cursor)
            if found is not None:
                self._answers.remove(answer)
                self._answers.appendleft(answer)
                return found
        return None

    def forget(self, key: str | None = None) -> None:
        """Drop a document's answers, or all."""
        kept = [answer for answer in self._answers if key is not None and answer.place.key != key]
        self._answers = deque(kept, maxlen=MOST_ANSWERS)


def _settings(cursor: Cursor) -> tuple[object, ...]:
    settings = cursor.settings
    return (settings.model, settings.completion, settings.context, settings.engine.decode)
