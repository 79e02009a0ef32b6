"""Where doubts stand while documents change."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.core.types import Alternative, Document, Doubt, Edit, Span, Suggestion
from lsp_server.service.documents import Documents
from lsp_server.service.doubt.book import MOST_FILLS, Doubts

BEFORE, BEHIND = "def add", "\nx = 1\n"
GHOST = "(one, two): return one"
PLACE = len(BEFORE)


def doubt_of(word: str, text: str = GHOST, place: int = 0) -> Doubt:
    at = text.index(word) + place
    return Doubt(Span(at, at + len(word)), len(text) + place, 0.4, (Alternative("other", 0.3),))


class Session:
    """A document with a suggestion shown, or edits given, in it."""

    def __init__(self) -> None:
        self.documents, self.told = Documents(), list[Document]()
        self.doubts = Doubts()
        self.doubts.subscribe(self.told.append)
        self.documents.subscribe(self.doubts.changed)
        self.now = self.documents.open(Document("a", "python", BEFORE + BEHIND))

    def show(self, text: str = GHOST, *words: str, place: int = PLACE) -> None:
        doubts = tuple(doubt_of(word, text) for word in words or ("one", "two", "return"))
        edit = Edit(Span(place, place), text)
        self.doubts.shown(self.now, [Suggestion("s", edit, text, 0.9, doubts)])

    def edit(self, *changes: tuple[int, int, str]) -> None:
        edits = [Edit(Span(start, end), text) for start, end, text in changes]
        self.now = self.documents.change("a", edits, None)

    def accept(self) -> None:
        self.show()
        self.edit((PLACE, PLACE, GHOST))

    @property
    def words(self) -> list[str]:
        """What is underlined."""
        return [self.now.text[e.doubt.span.start : e.doubt.span.end] for e in self.doubts.of("a")]

    @property
    def depending(self) -> list[str]:
        """What depends on each."""
        return [self.now.text[e.doubt.span.end : e.doubt.end] for e in self.doubts.of("a")]


@pytest.fixture
def session() -> Session:
    return Session()


def test_accepted_ghost_text_has_doubts(session: Session) -> None:
    """Once it stands in the document, not before, and each reaches to the fill's end."""
    session.show()
    assert session.words == []
    session.edit((PLACE, PLACE, GHOST))
    assert session.words == ["one", "two", "return"]
    assert session.depending == [", two): return one", "): return one", " one"]
    assert session.told == [session.now]


@pytest.mark.parametrize(
    "changes",
    [
        [(PLACE, PLACE, GHOST)],
        [(0, len(BEFORE + BEHIND), BEFORE + GHOST + BEHIND)],
        [(PLACE - 3, PLACE, "add" + GHOST)],
        [(PLACE, PLACE, GHOST[:9]), (PLACE + 9, PLACE + 9, GHOST[9:])],
    ],
    ids=["inserted", "the whole document", "with what stands before", "in two parts"],
)
def test_acceptance_is_seen_however_it_is_told(changes: list[tuple[int, int, str]]) -> None:
    """Clients cut a change up in their own ways."""
    session = Session()
    session.show()
    session.edit(*changes)
    assert session.words == ["one", "two", "return"]


def test_words_are_accepted_one_after_the_other(session: Session) -> None:
    """What was taken is underlined, and what depends on it grows with the next part of the same fill."""
    session.show()
    session.edit((PLACE, PLACE, "(one,"))
    assert session.words == ["one"]
    session.show(GHOST[5:], "two", "return", place=PLACE + 5)
    session.edit((PLACE + 5, PLACE + 5, GHOST[5:]))
    assert session.words == ["one", "two", "return"]
    assert session.depending[0] == ", two): return one"


def test_what_is_typed_is_not_doubted(session: Session) -> None:
    """Typing along the ghost text leaves the rest of it to be accepted; something else does not."""
    session.show()
    for number, letter in enumerate(GHOST[:5]):
        session.edit((PLACE + number, PLACE + number, letter))
    assert session.words == []
    session.edit((PLACE + 5, PLACE + 5, GHOST[5:]))
    assert session.words == ["two", "return"]


def test_ghost_text_that_is_gone_is_not_waited_for(session: Session) -> None:
    """After something else was typed in its place, the same text is the user's own."""
    session.show()
    session.edit((PLACE, PLACE, "x"))
    session.edit((PLACE, PLACE + 1, ""))
    session.edit((PLACE, PLACE, GHOST))
    assert session.words == []


def test_an_edit_ends_the_doubts_it_touches(session: Session) -> None:
    """Those it replaces a part of, or types on at; others move."""
    session.accept()
    session.edit((0, 0, "# top\n"))
    assert session.words == ["one", "two", "return"]
    at = session.now.text.index("two")
    session.edit((at + 3, at + 3, "s"))
    assert session.words == ["one", "return"]
    at = session.now.text.index("return")
    session.edit((at + 1, at + 2, ""))
    assert session.words == ["one"]
    assert session.told[-1] == session.now


def test_what_somebody_wrote_does_not_depend(session: Session) -> None:
    """A fill ends where it was changed by hand, for the doubts before it."""
    session.accept()
    at = session.now.text.index("): return")
    session.edit((at, at, "=0"))
    assert session.words == ["one", "two", "return"]
    assert session.depending == [", two", "", " one"]


def test_edits_given_are_accepted_together(session: Session) -> None:
    """A rewrite's several edits come as one change, also if something was typed elsewhere before."""
    edits = [Edit(Span(4, 7), "total"), Edit(Span(8, 9), "value")]
    doubts = [
        Doubt(Span(4, 9), 9, 0.3, (Alternative("sum", 0.2),)),
        Doubt(Span(10, 15), 15, 0.3, (Alternative("y", 0.2),)),
    ]
    session.doubts.expect(session.now, edits, doubts)
    session.edit((0, 0, "# top\n"))
    session.edit((14, 15, "value"), (10, 13, "total"))
    assert session.words == ["total", "value"]


def test_edits_are_not_expected_once_their_place_changed(session: Session) -> None:
    """What leads to the same text by hand later is no acceptance."""
    session.doubts.expect(session.now, [Edit(Span(4, 7), "total")], [doubt_of("total", "total", 4)])
    session.edit((4, 5, "A"))
    session.edit((4, 7, "total"))
    assert session.words == []


def test_a_fill_of_ours_in_another_stays_part_of_it(session: Session) -> None:
    """What is denoised anew behind a token still depends on the tokens before that one."""
    session.accept()
    start = session.now.text.index(" two")
    end = PLACE + len(GHOST)
    session.doubts.expect(session.now, [Edit(Span(start, end), " b, c): pass")], [])
    session.edit((start, end, " b, c): pass"))
    assert session.words == ["one"]
    assert session.depending == [", b, c): pass"]


def test_only_the_latest_fills_are_kept(session: Session) -> None:
    """A document is not underlined all over."""
    for number in range(MOST_FILLS + 3):
        text = f"w{number} "
        edit = Edit(Span(0, 0), text)
        session.doubts.expect(session.now, [edit], [doubt_of(text.strip(), text)])
        session.edit((0, 0, text))
    assert session.words == [f"w{number}" for number in range(MOST_FILLS + 2, 2, -1)]


def test_a_closed_document_has_none(session: Session) -> None:
    """And opened again it begins anew."""
    session.accept()
    session.documents.close("a")
    assert session.doubts.of("a") == ()


def test_what_is_not_wanted_is_neither_kept_nor_found(session: Session) -> None:
    """A setting may turn it off, also while something is underlined."""
    session.accept()
    session.doubts.wanted = lambda _: False
    session.doubts.forget(session.documents.all())
    assert session.words == []
    assert len(session.told) == 2
    session.accept()
    assert session.words == []


def test_doubts_are_found_at_a_place(session: Session) -> None:
    """At their characters and right behind them, by their id."""
    session.accept()
    at = session.now.text.index("two")
    [found] = session.doubts.at("a", Span(at + 3, at + 3))
    assert session.doubts.get("a", found.id) == found
    assert session.doubts.at("a", Span(0, 2)) == ()
    assert session.doubts.get("a", "unknown") is None
    assert session.doubts.get("b", found.id) is None


@given(
    st.lists(
        st.tuples(st.integers(0, 40), st.integers(0, 6), st.sampled_from(["", "a", "\n", "one two"])),
        max_size=8,
    )
)
def test_any_edits_leave_doubts_inside_the_text(changes: list[tuple[int, int, str]]) -> None:
    """Each still stands where its own characters stand, and reaches no further than the text."""
    session = Session()
    session.accept()
    for start, length, text in changes:
        size = len(session.now.text)
        session.edit((min(start, size), min(start + length, size), text))
        assert set(session.words) <= {"one", "two", "return"}
        for each in session.doubts.of("a"):
            assert each.doubt.span.end <= each.doubt.end <= len(session.now.text)


def test_edits_given_are_accepted_one_by_one(session: Session) -> None:
    """Each with the doubts of what it writes."""
    edits = [Edit(Span(4, 7), "total"), Edit(Span(8, 9), "value")]
    others = (Alternative("other", 0.2),)
    doubts = [Doubt(Span(4, 9), 9, 0.3, others), Doubt(Span(10, 15), 15, 0.3, others)]
    session.doubts.expect(session.now, edits, doubts)
    session.edit((8, 9, "value"))
    assert session.words == ["value"]
    session.edit((4, 7, "total"))
    assert session.words == ["total", "value"]
