from __future__ import annotations

import pytest

from lsp_server.core.types import Document, Edit, Span, Suggestion
from lsp_server.service.tally import MOST_KNOWN, Fate, Tally

DOCUMENT = Document("a", "python", "x = ")


def suggestion(id_: str, text: str, at: int = 4) -> Suggestion:
    return Suggestion(id_, Edit(Span(at, at), text), text, 0.9)


def change(tally: Tally, start: int, end: int, text: str) -> None:
    tally.changed(DOCUMENT, [Edit(Span(start, end), text)], DOCUMENT)


@pytest.mark.parametrize(
    ("changes", "fate"),
    [
        ([], Fate.SHOWN),
        ([(4, 4, "foo(bar)")], Fate.ACCEPTED),
        ([(4, 4, "foo")], Fate.PARTLY_ACCEPTED),
        ([(4, 4, "foo"), (7, 7, "(bar)")], Fate.ACCEPTED),
        ([(4, 4, "f"), (5, 5, "o")], Fate.SHOWN),
        ([(4, 4, "f"), (5, 5, "x")], Fate.DISMISSED),
        ([(4, 4, "y")], Fate.DISMISSED),
        ([(3, 4, "")], Fate.DISMISSED),
        ([(0, 0, "z")], Fate.DISMISSED),
        ([(4, 4, "foo"), (7, 7, "!")], Fate.PARTLY_ACCEPTED),
    ],
)
def test_fates_are_seen_in_the_changes(changes: list[tuple[int, int, str]], fate: Fate) -> None:
    """What the user's change does tells what became of the suggestion."""
    tally = Tally()
    tally.shown("a", [suggestion("1", "foo(bar)")])
    for each in changes:
        change(tally, *each)
    assert +tally.fates == {fate: 1}


def test_a_suggestion_counts_once() -> None:
    """Shown again while typing, dismissed and then accepted after all, it is one suggestion accepted."""
    tally = Tally()
    tally.shown("a", [suggestion("1", "foo")])
    change(tally, 4, 4, "f")
    tally.shown("a", [suggestion("1", "oo", at=5)])
    change(tally, 0, 0, "z")
    assert tally.accepted("1")
    assert tally.accepted("1")
    assert +tally.fates == {Fate.ACCEPTED: 1}


def test_replaced_and_closed_suggestions_are_dismissed() -> None:
    """What is shown in their place, or closing the document, dismisses them."""
    tally = Tally()
    tally.shown("a", [suggestion("1", "foo"), suggestion("2", "bar")])
    tally.shown("a", [suggestion("2", "bar")])
    assert +tally.fates == {Fate.DISMISSED: 1, Fate.SHOWN: 1}
    tally.changed(DOCUMENT, (), None)
    assert +tally.fates == {Fate.DISMISSED: 2}


def test_ids_never_given_out() -> None:
    """An unknown id is neither accepted nor rejected."""
    tally = Tally()
    assert not tally.accepted("1")
    assert not tally.rejected("1")
    tally.shown("a", [suggestion("1", "foo")])
    assert tally.rejected("1")
    assert +tally.fates == {Fate.DISMISSED: 1}


def test_old_ids_are_forgotten() -> None:
    """Only a bounded number of suggestions is known."""
    tally = Tally()
    for number in range(MOST_KNOWN + 1):
        tally.shown("a", [suggestion(str(number), "foo")])
    assert not tally.accepted("0")
    assert tally.accepted("1")
    assert len(tally._known) == MOST_KNOWN
