"""How likely the first line of a fill is right."""

from __future__ import annotations

import pytest

from lsp_server.engine.protocol import Piece
from lsp_server.service.confidence import confidence_of, first_line

HEAD = Piece("he", 0.0, locked=True)
PIECES = (HEAD, Piece("ad", 0.8), Piece(" tail", 0.5), Piece("x", 0.1))


@pytest.mark.parametrize(
    ("length", "confidence"), [(None, 0.04), (9, 0.4), (10, 0.04), (4, 0.8), (5, 0.4), (2, 0.6), (0, 0.6)]
)
def test_confidence_is_that_of_what_is_shown(length: int | None, confidence: float) -> None:
    """All shown tokens must be right; locked and trimmed ones do not count. Else the candidate's stands."""
    assert confidence_of(PIECES, 0.6, length) == pytest.approx(confidence)


def test_only_the_first_line_counts() -> None:
    """What comes behind the line break can be mended; the break itself belongs to the line."""
    pieces = (HEAD, Piece(" = f(", 0.9), Piece(")\n", 0.8), Piece("    x", 0.1), Piece("\n", 0.1))
    assert first_line(pieces) == [0.9, 0.8]


def test_a_blank_line_is_not_the_first() -> None:
    """Behind a finished line a fill begins with a break: the line that follows is what is seen."""
    pieces = (Piece("x = 1", 0.0, locked=True), Piece("\n", 0.9), Piece("    ", 0.8), Piece("y", 0.7))
    assert first_line((*pieces, Piece("\n", 0.6), Piece("z", 0.5))) == [0.9, 0.8, 0.7, 0.6]
