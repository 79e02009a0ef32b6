from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.core.errors import BadInput
from lsp_server.core.types import Document, Edit, Span
from lsp_server.service.documents import MOST_HISTORY, MOST_PENDING, SLOW_S, Documents
from lsp_server.syntax.parse import parse


def opened(text: str, language: str = "python") -> Documents:
    documents = Documents()
    documents.open(Document("a", language, text))
    return documents


def edit(start: int, end: int, text: str) -> Edit:
    return Edit(Span(start, end), text)


def test_changes_make_new_snapshots() -> None:
    """A change leaves the old snapshot alone and counts the revision up."""
    documents = opened("ab\n")
    before = documents.get("a")
    after = documents.change("a", [edit(0, 0, "x"), edit(1, 2, "")], 7)
    assert before is not None
    assert (before.text, before.revision) == ("ab\n", 0)
    assert (after.text, after.revision, after.version) == ("xb\n", 1, 7)
    assert documents.get("a") == after
    assert documents.all() == (after,)


def test_revisions_never_repeat() -> None:
    """A document opened again is never mistaken for an older snapshot of itself."""
    documents = opened("a")
    documents.change("a", [edit(0, 1, "b")], None)
    documents.close("a")
    assert documents.open(Document("a", "python", "a")).revision == 2


@pytest.mark.parametrize("key", ["a", "unknown"])
def test_bad_changes_change_nothing(key: str) -> None:
    """A change outside the text or of an unknown document is refused as a whole."""
    documents = opened("ab")
    with pytest.raises(BadInput):
        documents.change(key, [edit(0, 1, "x"), edit(5, 9, "")], None)
    assert [each.text for each in documents.all()] == ["ab"]


def test_closing_twice_is_no_error() -> None:
    """An unknown document can be closed, and has no snapshot and no tree."""
    documents = opened("a")
    documents.close("a")
    documents.close("a")
    assert documents.get("a") is None
    with pytest.raises(BadInput):
        documents.parsed("a")


def test_listeners_hear_changes_and_closing() -> None:
    """Listeners get both snapshots and the edits, and None after closing."""
    documents = opened("a")
    heard: list[tuple[str, int, str | None]] = []
    documents.subscribe(
        lambda before, edits, after: heard.append((before.text, len(edits), after and after.text))
    )
    documents.change("a", [edit(1, 1, "b")], None)
    documents.close("a")
    assert heard == [("a", 1, "ab"), ("ab", 0, None)]


@given(
    st.lists(
        st.lists(
            st.tuples(st.integers(0, 30), st.integers(0, 5), st.text("ab(\n:é🙂", max_size=6)), max_size=3
        ),
        max_size=8,
    )
)
def test_the_tree_keeps_up(changes: list[list[tuple[int, int, str]]]) -> None:
    """However changes and look-ups interleave, the tree is that of the text."""
    documents = opened("def f(a):\n    return a\n")
    for at, change in enumerate(changes):
        for start, length, text in change:
            now = documents.get("a")
            assert now is not None
            size = len(now.text)
            documents.change("a", [edit(min(start, size), min(start + length, size), text)], None)
        if at % 2:
            documents.parsed("a")
    now, parsed = documents.get("a"), documents.parsed("a")
    assert now is not None
    assert parsed.text == now.text
    fresh = parse(now.text, parsed.language)
    assert str(parsed.root) == str(fresh.root)


def test_many_changes_without_a_look() -> None:
    """The changes waiting for the tree stay bounded."""
    documents = opened("x = 1\n")
    documents.parsed("a")
    for _ in range(3 * MOST_PENDING):
        documents.change("a", [edit(0, 0, "y")], None)
    assert len(documents._open["a"].pending) <= MOST_PENDING
    assert documents.parsed("a").text == "y" * 3 * MOST_PENDING + "x = 1\n"


def test_a_tree_for_any_snapshot() -> None:
    """Old and never opened snapshots have trees of their own text."""
    documents = opened("x = 1\n")
    old = documents.get("a")
    documents.change("a", [edit(0, 1, "long")], None)
    assert old is not None
    assert documents.parsed_for(old).text == "x = 1\n"
    assert documents.parsed_for(Document("b", "python", "y\n")).text == "y\n"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ([], (4, 8)),
        ([[edit(0, 0, "new\n")]], (8, 12)),
        ([[edit(9, 10, "")], [edit(0, 2, "")]], (2, 6)),
        ([[edit(0, 1, ""), edit(0, 0, "abc")]], (6, 10)),
        ([[edit(5, 6, "!")]], None),
        ([[]], (4, 8)),
    ],
)
def test_spans_are_carried_over_changes(changes: list[list[Edit]], expected: tuple[int, int] | None) -> None:
    """A span of an old revision is found again unless a change touched it."""
    documents = opened("0123456789abcdef")
    for edits in changes:
        documents.change("a", edits, None)
    moved = documents.rebase("a", [Edit(Span(4, 8), "x")], 0)
    assert moved == (None if expected is None else (Edit(Span(*expected), "x"),))


def test_spans_from_too_long_ago_are_lost() -> None:
    """Where the history does not reach, or the document is closed, nothing is guessed."""
    documents = opened("0123456789")
    for _ in range(MOST_HISTORY + 1):
        documents.change("a", [edit(0, 0, "x")], None)
    assert documents.rebase_span("a", Span(4, 5), 0) is None
    assert documents.rebase_span("a", Span(4, 5), 1) == Span(4 + MOST_HISTORY, 5 + MOST_HISTORY)
    documents.close("a")
    assert documents.rebase_span("a", Span(4, 5), 1) is None


def test_what_parses_too_slowly_goes_without_a_tree() -> None:
    """A document that once took too long is treated as plain text of its language, other ones are not."""
    now = [0.0]

    def clock() -> float:
        now[0] += SLOW_S
        return now[0]

    documents = Documents(clock=clock)
    documents.open(Document("a", "python", "x = 1\n"))
    assert documents.parsed("a").has_tree
    now[0] = 0.0
    slow = Documents(clock=lambda: clock() * 2)
    slow.open(Document("a", "python", "x = 1\n"))
    assert not slow.parsed("a").has_tree
    slow.change("a", [edit(0, 0, "y")], None)
    parsed = slow.parsed("a")
    assert (parsed.has_tree, parsed.text, parsed.language.id) == (False, "yx = 1\n", "python")


def test_a_change_during_parsing_is_not_lost() -> None:
    """A tree that another thread makes while the text changes is not taken for the new text's."""
    calls = 0

    def clock() -> float:
        nonlocal calls
        calls += 1
        if calls == 2:
            documents.change("a", [edit(0, 0, "y")], None)
        return 0.0

    documents = Documents(clock=clock)
    documents.open(Document("a", "python", "x = 1\n"))
    assert documents.parsed("a").text == "x = 1\n"
    assert documents.parsed("a").text == "yx = 1\n"
