"""What fills are put together of, and which of their tokens are locked."""

from __future__ import annotations

from collections.abc import Sequence

from lsp_server.core.types import Span
from lsp_server.engine.protocol import HoleFill, Stop
from lsp_server.engine.runtime.vocabulary import Vocabulary


def joined(fills: Sequence[HoleFill]) -> HoleFill:
    """The fills of a hole's parts as one; it stopped as the last gap did."""
    return HoleFill(
        text="".join(fill.text for fill in fills),
        stop=next((fill.stop for fill in fills if fill.stop is not Stop.END), Stop.END),
        pieces=tuple(piece for fill in fills for piece in fill.pieces),
    )


def without_head(fill: HoleFill, length: int) -> HoleFill:
    """The fill without its first `length` characters."""
    pieces, left = [], length
    for piece in fill.pieces:
        rest = piece.behind(left)
        left = max(0, left - len(piece.text))
        if rest.text:
            pieces.append(rest)
    return HoleFill(fill.text[length:], fill.stop, tuple(pieces))


def locked_tokens(vocabulary: Vocabulary, tokens: Sequence[int], locks: Sequence[Span]) -> set[int]:
    """Positions of tokens that share a character with a lock; `locks` are relative to the tokens' text."""
    locked, start = set(), 0
    for position in range(len(tokens)):
        end = len(vocabulary.decode(tokens[: position + 1]))
        if any(lock.start < max(end, start + 1) and start < lock.end for lock in locks):
            locked.add(position)
        start = end
    return locked
