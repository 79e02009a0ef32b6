"""How likely it is that what is seen first of a fill is right."""

from __future__ import annotations

import math
from collections.abc import Sequence

from lsp_server.engine.protocol import Piece

UNDEFINED = 0.1
"""What is left of the confidence of a fill that uses a name which nothing defines: none of those found in
the measured fills was right (docs/LOG.md)."""


def first_line(pieces: Sequence[Piece], length: int | None = None) -> list[float]:
    """Probabilities of the tokens of the first line written that is not blank; locked ones are not written.

    Only the first `length` characters of the pieces count, all without it.
    """
    found: list[float] = []
    written, passed = "", 0
    for piece in pieces:
        if (length is not None and passed >= length) or "\n" in written.lstrip():
            break
        passed += len(piece.text)
        if not piece.locked:
            written += piece.text
            found.append(piece.confidence)
    return found


def confidence_of(pieces: Sequence[Piece], otherwise: float, length: int | None = None) -> float:
    """The probability that the whole first line is right; `otherwise` if none of it is known.

    Of what a fill's token probabilities can be made into, this says best whether it would be taken:
    better than their mean, which hides one bad guess among many good ones (docs/LOG.md).
    """
    found = first_line(pieces, length)
    return math.prod(found) if found else otherwise
