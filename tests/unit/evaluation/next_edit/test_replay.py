"""Two versions of a file as edits, and what is right after them."""

from __future__ import annotations

import pytest

from lsp_server.core.edits import apply_in_turn
from lsp_server.core.types import Edit, Span
from lsp_server.evaluation.next_edit.figures import figures_of, table
from lsp_server.evaluation.next_edit.outcome import outcome
from lsp_server.evaluation.next_edit.replay import LARGEST_HUNK, MOST_HUNKS, Ask, asks
from lsp_server.evaluation.next_edit.run import outcomes

OLD = "def f(items):\n    a = 1\n    b = items\n    c = 2\n    return items\n"
NEW = OLD.replace("items", "rows")


def test_each_edit_leads_on_to_the_new_text() -> None:
    """The edits in turn make it, and what is left always does."""
    found = list(asks("a.py", OLD, NEW))
    assert [len(ask.left) for ask in found] == [2, 1, 0]
    for ask in found:
        text = apply_in_turn(ask.before, [ask.edit])
        assert apply_in_turn(text, reversed(ask.left)) == NEW


@pytest.mark.parametrize(
    "new",
    [
        pytest.param(OLD, id="no difference"),
        pytest.param("x\n" * (LARGEST_HUNK + 1) + OLD, id="a large hunk"),
    ],
)
def test_nothing_is_asked(new: str) -> None:
    """Where no small edit was made."""
    assert not list(asks("a.py", OLD, new))


def test_a_file_written_anew_is_left_out() -> None:
    """With too many differences they are no edits."""
    old = "".join(f"same\n{number}\n" for number in range(MOST_HUNKS + 1))
    new = "".join(f"same\n{-number - 1}\n" for number in range(MOST_HUNKS + 1))
    assert not list(asks("a.py", old, new))


FIRST = next(asks("a.py", OLD, NEW))
TEXT = apply_in_turn(FIRST.before, [FIRST.edit])
AT = TEXT.index("items")


@pytest.mark.parametrize(
    ("edit", "place", "exact"),
    [
        (Edit(Span(AT, AT + 5), "rows"), True, True),
        (Edit(Span(AT, AT + 5), "row"), True, False),
        (Edit(Span(TEXT.index("1"), TEXT.index("1") + 1), "3"), False, False),
    ],
)
def test_what_is_right(edit: Edit, place: bool, exact: bool) -> None:
    """At a line that was really changed, and as it really became."""
    found = outcome(FIRST, TEXT, edit)
    assert (found.follows, found.shown, found.place, found.exact) == (True, True, place, exact)


def test_inserted_lines() -> None:
    """Lines put in where lines were really put in; and their text counts."""
    ask = next(asks("a.py", "a = 1\nb\nc = 1\n", "a = 2\nb\nnew\nc = 1\n"))
    text = apply_in_turn(ask.before, [ask.edit])
    at = text.index("c")
    assert outcome(ask, text, Edit(Span(at, at), "new\n")).exact
    assert not outcome(ask, text, Edit(Span(at, at), "other\n")).exact
    assert not outcome(ask, text, Edit(Span(0, 0), "new\n")).place


def test_figures() -> None:
    """Shares of the right wholes, and no division by nothing."""
    last = Ask("a.py", FIRST.before, FIRST.edit, ())
    right = outcome(FIRST, TEXT, Edit(Span(AT, AT + 5), "rows"), "rename")
    found = [right, outcome(FIRST, TEXT, None), outcome(last, TEXT, None), outcome(last, TEXT, FIRST.edit)]
    figures = figures_of(found)
    assert (figures.asked, figures.follows, figures.shown) == (4, 2, 2)
    assert (figures.show_rate, figures.quiet_rate, figures.place, figures.exact) == (0.5, 0.5, 0.5, 0.5)
    assert figures.chrf == 1.0
    assert figures_of([]).show_rate == 0.0
    assert "| all | 4 | 2 | 2 | 0.500 |" in table([("all", found)])


def test_the_servers_own_predictor_is_asked() -> None:
    """By syntax alone the renamed parameter is followed to its end, and then there is silence."""
    found = list(outcomes(None, asks("a.py", OLD, NEW)))
    assert [(each.shown, each.exact, each.reason) for each in found] == [
        (True, True, "rename"),
        (False, False, ""),
        (False, False, ""),
    ]
