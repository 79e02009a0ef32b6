from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.core.diff import MOST_LINES, minimal_edits
from lsp_server.core.edits import apply_together
from lsp_server.core.types import Edit, Span


@pytest.mark.parametrize(
    ("old", "new", "edits"),
    [
        ("", "", ()),
        ("a\nb\nc\n", "a\nb\nc\n", ()),
        ("a\nb\nc\n", "a\nB\nc\n", (Edit(Span(12, 14), "B\n"),)),
        ("a\nc\n", "a\nb\nc\n", (Edit(Span(12, 12), "b\n"),)),
        ("a\nb", "a", (Edit(Span(10, 13), "a"),)),
        ("1\n2\n3\n4\n5\n", "1\nx\n3\ny\n5\n", (Edit(Span(12, 14), "x\n"), Edit(Span(16, 18), "y\n"))),
        ("a\r\nb\r\n", "a\r\nc\r\n", (Edit(Span(13, 16), "c\r\n"),)),
    ],
)
def test_only_changed_lines_are_edited(old: str, new: str, edits: tuple[Edit, ...]) -> None:
    """Lines that stay the same are in no edit."""
    assert minimal_edits(old, new, at=10) == edits


@given(st.text(alphabet="ab\n\r\u2028", max_size=40), st.text(alphabet="ab\n\r\u2028", max_size=40))
def test_the_edits_give_the_new_text(old: str, new: str) -> None:
    """Whatever the texts, applying the edits turns one into the other."""
    assert apply_together(old, minimal_edits(old, new)) == new


def test_large_texts_become_one_edit() -> None:
    """Beyond the bound only the common ends are kept, and the result is still right."""
    old = "".join(f"{n}\n" for n in range(MOST_LINES + 10))
    new = "0\n" + "".join(f"{n}!\n" for n in range(MOST_LINES + 10))
    (edit,) = minimal_edits(old, new)
    assert edit.span.start == 2
    assert apply_together(old, [edit]) == new
