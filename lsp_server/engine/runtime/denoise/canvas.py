"""What has been committed of one hole so far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from lsp_server.core.types import Alternative
from lsp_server.engine.protocol import Cell, CellState, HoleFill, Piece, Stop
from lsp_server.engine.runtime.denoise.ending import Ending, sensible_cut


class Detokeniser(Protocol):
    """The part of a vocabulary that a canvas needs."""

    def bytes_of(self, token: int) -> bytes:
        """The bytes one token stands for."""

    def decode(self, tokens: list[int]) -> str:
        """The text of tokens."""


Others = tuple[tuple[int, float], ...]
"""Tokens that might stand in the place of one, with their probabilities."""


@dataclass(slots=True)
class Canvas:
    """Tokens committed in order, left to right; none of them is ever lost.

    `typed` are the bytes the fill must still go on with: characters the user has
    typed already, locked before anything else is free. The fill ends behind its first
    `head` characters at the earliest.
    """

    vocabulary: Detokeniser
    ends: frozenset[int]
    ending: Ending
    max_tokens: int
    typed: bytes = b""
    tokens: list[int] = field(default_factory=list)
    confidence: list[float] = field(default_factory=list)
    locked: list[bool] = field(default_factory=list)
    others: list[Others] = field(default_factory=list)
    stop: Stop | None = None
    head: int = 0

    def begin(self, tokens: Sequence[int]) -> None:
        """Lock the tokens that the fill begins with; they do not count as `max_tokens`."""
        self.tokens += tokens
        self.confidence += [1.0] * len(tokens)
        self.locked += [True] * len(tokens)
        self.others += [()] * len(tokens)
        self.max_tokens += len(tokens)
        self.head = len(self.text()) + len(self.typed.decode("utf-8", "replace"))

    def commit(self, token: int, confidence: float, others: Others = ()) -> bool:
        """Append one token; whether the fill may go on behind it."""
        if token in self.ends:
            self.stop = Stop.END
            return False
        piece = self.vocabulary.bytes_of(token)
        self.locked.append(bool(self.typed) and len(piece) <= len(self.typed))
        self.typed = self.typed[len(piece) :]
        self.tokens.append(token)
        self.confidence.append(confidence)
        self.others.append(others)
        if self.typed:
            return True
        if self.cut(self.text()) is not None:
            self.stop = Stop.LINES
            return False
        if len(self.tokens) >= self.max_tokens:
            self.stop = Stop.LENGTH
            return False
        return True

    def copy(self) -> Canvas:
        """An independent canvas in the same state."""
        return replace(
            self,
            tokens=self.tokens[:],
            confidence=self.confidence[:],
            locked=self.locked[:],
            others=self.others[:],
        )

    def text(self) -> str:
        """The committed text, as far as it goes."""
        return self.vocabulary.decode(self.tokens)

    def fill(self) -> HoleFill:
        """The answer: the text up to its ending, and the tokens it is made of."""
        stop = self.stop or Stop.BUDGET
        text = self.text()
        cut = self.cut(text)
        if cut is not None:
            text = text[:cut]
        elif stop is Stop.BUDGET:
            text = sensible_cut(text)
        return HoleFill(text=text, stop=stop, pieces=self._pieces(len(text)))

    def cells(self) -> list[Cell]:
        """The committed positions as a viewer sees them; once it has ended, without what is cut off."""
        if self.stop is not None:
            return [_cell(piece.text, piece.confidence, locked=piece.locked) for piece in self.fill().pieces]
        return [
            _cell(self.vocabulary.decode([token]), confidence, locked=locked)
            for token, confidence, locked in zip(self.tokens, self.confidence, self.locked, strict=True)
        ]

    def cut(self, text: str) -> int | None:
        """Where `text` has ended, not within the head."""
        cut = self.ending.cut(text)
        return None if cut is None else max(cut, self.head)

    def _pieces(self, length: int) -> tuple[Piece, ...]:
        pieces, start = [], 0
        for count, (confidence, locked) in enumerate(zip(self.confidence, self.locked, strict=True), 1):
            end = min(len(self.vocabulary.decode(self.tokens[:count])), length)
            if end > start:
                text = self.vocabulary.decode(self.tokens[:count])[start:end]
                alternatives = () if locked else self._alternatives(count - 1, text)
                pieces.append(Piece(text, confidence, locked, alternatives))
                start = end
        return tuple(pieces)

    def _alternatives(self, position: int, text: str) -> tuple[Alternative, ...]:
        """What else might stand there; none for a token whose bytes are but a part of a character.

        Where the fill's end cuts the token, it cuts them: at their line break, as far as `text` has none.
        """
        token, probability_of = self.vocabulary.bytes_of(self.tokens[position]), dict[str, float]()
        if not token.startswith(text.encode("utf-8", "replace")):
            return ()
        cut = len(text.encode()) < len(token) and "\n" not in text
        for other, probability in self.others[position]:
            known = text_of(self.vocabulary.bytes_of(other))
            known = known.partition("\n")[0] if cut else known
            if known and known != text:
                probability_of[known] = probability_of.get(known, 0.0) + probability
        return tuple(Alternative(*each) for each in probability_of.items())


def text_of(token: bytes) -> str:
    """A token's text; "" for one that is none of its own."""
    try:
        return token.decode("utf-8")
    except UnicodeDecodeError:
        return ""


def _cell(text: str, confidence: float, *, locked: bool) -> Cell:
    return Cell(text, CellState.LOCKED if locked else CellState.COMMITTED, confidence)
