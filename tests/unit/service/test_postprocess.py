from __future__ import annotations

import pytest

from lsp_server.engine.protocol import Piece
from lsp_server.service.postprocess import _shorter, confidence_of, finished_part


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", ""),
        ("retu", "retu"),
        ("a = 1\n    retu", "a = 1"),
        ("a = 1\r\n    retu", "a = 1"),
        ("\n    retu", "\n    retu"),
        ("a\n", "a"),
    ],
)
def test_the_unfinished_line_goes(text: str, part: str) -> None:
    """The last line is dropped if something stands before it."""
    assert finished_part(text) == part


PIECES = (Piece("he", 0.0, locked=True), Piece("ad", 0.8), Piece(" tail", 0.4), Piece("x", 0.1))


@pytest.mark.parametrize(
    ("length", "confidence"), [(9, 0.6), (10, 1.3 / 3), (4, 0.8), (5, 0.6), (2, 0.5), (0, 0.5)]
)
def test_confidence_is_that_of_what_is_shown(length: int, confidence: float) -> None:
    """Locked and trimmed pieces do not count; without any piece the candidate's own stands."""
    assert confidence_of(PIECES, length, 0.5) == pytest.approx(confidence)


def test_shorter_versions_come_longest_first() -> None:
    """Whole lines go first, then words and marks of the first line."""
    assert list(_shorter("a = foo(1\n  b\n  c")) == [
        "a = foo(1\n  b",
        "a = foo(1",
        "a = foo(",
        "a = foo",
        "a =",
        "a =",
        "a",
        "a",
    ]
