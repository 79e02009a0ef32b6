"""Doubts of the edits that write a fill."""

from __future__ import annotations

from lsp_server.core.edits import apply_together
from lsp_server.core.types import Alternative, Edit, Span
from lsp_server.engine.protocol import Piece
from lsp_server.service.doubt.edits import doubts_behind, doubts_of_edits

TEXT = "# top\na = 1\nb = 2\nc = 3\n"
TARGET = Span(6, len(TEXT))
OTHER = (Alternative(" 9", 0.3),)
PIECES = (
    Piece("a =", 0.9),
    Piece(" 7", 0.4, alternatives=OTHER),
    Piece("\nb =", 0.9),
    Piece(" 2", 0.4, alternatives=OTHER),
    Piece("\nc =", 0.9),
    Piece(" 8", 0.4, alternatives=OTHER),
    Piece(" + 1\nd = 4\n", 0.9),
)
EDITS = (Edit(Span(6, 12), "a = 7\n"), Edit(Span(18, 24), "c = 8 + 1\nd = 4\n"))


def test_only_what_is_written_is_doubted() -> None:
    """Lines that stay are not, the others are, where they stand behind the edits."""
    found = doubts_of_edits(PIECES, TEXT, TARGET, EDITS, by_line=False)
    after = apply_together(TEXT, EDITS)
    doubts = doubts_behind(EDITS, found)
    assert [after[each.span.start : each.span.end] for each in doubts] == ["7", "8"]
    assert [after[each.span.end : each.end] for each in doubts] == ["", " + 1\nd = 4"]


def test_what_depends_may_end_with_the_line() -> None:
    """As in a rewrite in words, also with other line ends."""
    found = doubts_of_edits(PIECES, TEXT, TARGET, EDITS, by_line=True)
    after = apply_together(TEXT, EDITS)
    assert [after[each.span.end : each.end] for each in doubts_behind(EDITS, found)] == ["", " + 1"]
    edits = [Edit(edit.span, edit.text.replace("\n", "\r\n")) for edit in EDITS]
    found = doubts_of_edits(PIECES, TEXT, TARGET, edits, by_line=True)
    after = apply_together(TEXT, edits)
    assert [after[each.span.end : each.end] for each in doubts_behind(edits, found)] == ["", " + 1"]
