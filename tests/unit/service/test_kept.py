from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.core.edits import apply_together
from lsp_server.core.errors import BadInput
from lsp_server.core.types import Document, Edit, Span
from lsp_server.service.kept import Kept

TEXT = "abcdefgh"


def kept(*edits: Edit) -> Kept:
    return Kept.of(Document("a", "python", TEXT), edits)


def test_without_accepted_edits_nothing_changes() -> None:
    """The document is the very one that was given."""
    document = Document("a", "python", TEXT)
    none = Kept.of(document, ())
    assert none.document is document
    assert none.beside((Edit(Span(0, 1), "x"),)) == (Edit(Span(0, 1), "x"),)


@pytest.mark.parametrize(
    ("accepted", "edit", "free"),
    [
        # "abXYZfgh"
        (Edit(Span(2, 5), "XYZ"), Edit(Span(5, 6), "!"), Edit(Span(5, 6), "!")),
        (Edit(Span(2, 5), "X"), Edit(Span(3, 4), "!"), Edit(Span(5, 6), "!")),
        (Edit(Span(2, 5), "X"), Edit(Span(1, 2), "!"), Edit(Span(1, 2), "!")),
        (Edit(Span(2, 5), "X"), Edit(Span(1, 3), "!"), None),
        (Edit(Span(2, 5), "X"), Edit(Span(3, 3), "!"), Edit(Span(5, 5), "!")),
        (Edit(Span(2, 5), "XY"), Edit(Span(3, 3), "!"), None),
        (Edit(Span(2, 5), ""), Edit(Span(2, 2), "!"), None),
        (Edit(Span(2, 5), ""), Edit(Span(2, 3), "!"), Edit(Span(5, 6), "!")),
        (Edit(Span(2, 5), ""), Edit(Span(1, 2), "!"), Edit(Span(1, 2), "!")),
        (Edit(Span(2, 5), ""), Edit(Span(1, 3), "!"), None),
        (Edit(Span(2, 2), "X"), Edit(Span(2, 2), "!"), None),
        (Edit(Span(2, 2), "X"), Edit(Span(3, 3), "!"), None),
        (Edit(Span(2, 2), "X"), Edit(Span(3, 4), "!"), Edit(Span(2, 3), "!")),
    ],
)
def test_what_was_accepted_is_left_alone(accepted: Edit, edit: Edit, free: Edit | None) -> None:
    """Edits beside it are carried back to the text before; others are dropped."""
    assert kept(accepted).beside((edit,)) == ((free,) if free else ())


def test_overlapping_edits_are_refused() -> None:
    """They cannot both have been accepted."""
    with pytest.raises(BadInput):
        kept(Edit(Span(0, 3), ""), Edit(Span(2, 4), ""))


@pytest.mark.parametrize(
    ("accepted", "selected", "carried"),
    [
        (Edit(Span(2, 5), "X"), Span(0, 8), Span(0, 6)),
        (Edit(Span(2, 5), "X"), Span(2, 5), Span(2, 3)),
        (Edit(Span(2, 5), "X"), Span(3, 4), Span(2, 3)),
        (Edit(Span(2, 5), "X"), Span(6, 8), Span(4, 6)),
        (Edit(Span(2, 2), "X"), Span(2, 2), Span(3, 3)),
    ],
)
def test_a_selection_is_carried_over_what_was_accepted(accepted: Edit, selected: Span, carried: Span) -> None:
    """And a span of both can be carried back."""
    both = kept(accepted)
    assert both.carried(selected) == carried
    assert both.document.text[carried.start : carried.end] in both.document.text


@st.composite
def spans(draw: st.DrawFn) -> Span:
    start = draw(st.integers(0, len(TEXT)))
    return Span(start, draw(st.integers(start, len(TEXT))))


@given(st.lists(spans(), max_size=3), st.lists(st.sampled_from(["", "X", "YYYY"]), min_size=3), st.data())
def test_whatever_is_kept_both_sets_of_edits_fit(
    places: list[Span], texts: list[str], data: st.DataObject
) -> None:
    """Kept and new edits together give what the new ones make of the text with the kept ones in it."""
    accepted = [Edit(place, text) for place, text in zip(places, texts, strict=False)]
    try:
        before = kept(*accepted)
    except BadInput:
        return
    start = data.draw(st.integers(0, len(before.document.text)))
    edit = Edit(Span(start, data.draw(st.integers(start, len(before.document.text)))), "!")
    for free in before.beside((edit,)):
        wanted = apply_together(before.document.text, (edit,))
        assert apply_together(TEXT, (*accepted, free)) == wanted
