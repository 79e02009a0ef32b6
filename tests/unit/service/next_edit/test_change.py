"""Keystrokes as changes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.core.types import Document, Edit, Span
from lsp_server.service.documents import Documents
from lsp_server.service.next_edit.change import LARGEST_CHANGE, MOST_CHANGES, History


def typed(text: str, *edits: tuple[int, int, str]) -> tuple[History, str]:
    documents, history = Documents(), History()
    documents.subscribe(history.changed)
    document = documents.open(Document("a", "python", text))
    for start, end, new in edits:
        document = documents.change("a", [Edit(Span(start, end), new)], None)
    return history, document.text


def test_keystrokes_on_a_line_are_one_change() -> None:
    """Whole lines before and after, whatever was typed in between."""
    history, text = typed("a = 1\nbc = 2\n", (6, 8, ""), (6, 6, "x"), (7, 7, "y"))
    [change] = history.latest()
    assert (change.before, change.after) == ("bc = 2", "xy = 2")
    assert text[change.span.start : change.span.end] == "xy = 2"
    assert change.undone(text) == "a = 1\nbc = 2\n"


def test_changes_apart_move_with_what_is_typed_before_them() -> None:
    """Latest first, each at its place now."""
    history, text = typed("a = 1\n\n\nb = 2\n", (8, 9, "bb"), (0, 1, "long\nlines"))
    first, second = history.latest()
    assert (first.after, second.after) == ("long\nlines = 1", "bb = 2")
    assert text[second.span.start : second.span.end] == "bb = 2"


@pytest.mark.parametrize(
    "edits",
    [
        pytest.param(((0, 1, "x"), (0, 1, "a")), id="undone"),
        pytest.param(((0, 5, "a = 1"),), id="the same text again"),
        pytest.param(((0, 0, "x" * (LARGEST_CHANGE + 1)),), id="a paste"),
    ],
)
def test_what_leads_nowhere_is_no_change(edits: tuple[tuple[int, int, str], ...]) -> None:
    """Undoing leaves nothing to follow up, nor does a paste."""
    history, _ = typed("a = 1\n", *edits)
    assert not history.latest()


def test_a_closed_document_is_forgotten() -> None:
    """Its offsets mean nothing any more."""
    documents, history = Documents(), History()
    documents.subscribe(history.changed)
    documents.open(Document("a", "python", "a\n"))
    documents.change("a", [Edit(Span(0, 1), "b")], None)
    assert history.latest()
    documents.close("a")
    assert not history.latest()


def test_only_the_latest_are_kept() -> None:
    """However long a session is."""
    text = "a\n\n" * 30
    history, _ = typed(text, *((3 * at, 3 * at + 1, "b") for at in range(30)))
    assert len(history.latest()) == MOST_CHANGES


@given(
    st.text("ab\r\n", max_size=30),
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30), st.text("xb\n", max_size=4)), max_size=8),
)
def test_a_change_stands_where_it_says(text: str, edits: list[tuple[int, int, str]]) -> None:
    """After any edits, `after` is what the document has at `span`."""
    documents, history = Documents(), History()
    documents.subscribe(history.changed)
    document = documents.open(Document("a", "python", text))
    for one, other, new in edits:
        start, end = sorted((min(one, len(document.text)), min(other, len(document.text))))
        document = documents.change("a", [Edit(Span(start, end), new)], None)
        for change in history.latest():
            assert document.text[change.span.start : change.span.end] == change.after
