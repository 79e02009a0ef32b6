"""Flags in documents that change."""

from __future__ import annotations

from itertools import count

import pytest

from lsp_server.core.types import Document, Edit, Span
from lsp_server.service.documents import Documents
from lsp_server.service.suspicion.book import Suspicions
from lsp_server.service.suspicion.flag import Flag
from lsp_server.syntax.sites import SiteKind

TEXT = "a = 1\nif a < b:\n    pass\n"
FLAG = Flag(Span(11, 12), SiteKind.COMPARISON, ">", 5.0)


@pytest.fixture
def documents() -> Documents:
    return Documents()


@pytest.fixture
def book(documents: Documents) -> Suspicions:
    ids = map(str, count())
    made = Suspicions(ids=lambda: next(ids))
    documents.subscribe(made.changed)
    documents.open(Document("key", "python", TEXT))
    return made


def current(documents: Documents) -> Document:
    document = documents.get("key")
    assert document is not None
    return document


@pytest.mark.parametrize(
    ("edit", "at"),
    [
        (Edit(Span(0, 0), "import x\n"), 20),
        (Edit(Span(25, 25), "more\n"), 11),
        (Edit(Span(15, 15), "\n"), 11),
        (Edit(Span(6, 6), "# before\n"), 20),
        (Edit(Span(8, 10), "cc"), None),
        (Edit(Span(11, 12), ">"), None),
        (Edit(Span(0, 25), TEXT), None),
    ],
)
def test_a_flag_moves_along_and_ends_with_its_line(
    documents: Documents, book: Suspicions, edit: Edit, at: int | None
) -> None:
    """What it was about is gone when its line is changed."""
    book.put(current(documents), [FLAG])
    documents.change("key", [edit], 2)
    assert [each.flag.span.start for each in book.of("key")] == ([] if at is None else [at])


def test_a_dismissed_flag_stays_away_while_its_line_is_the_same(
    documents: Documents, book: Suspicions
) -> None:
    """Also when the document is looked through again, wherever the line is by then."""
    book.put(current(documents), [FLAG])
    [standing] = book.of("key")
    assert book.dismiss(current(documents), standing.id)
    assert not book.dismiss(current(documents), standing.id)
    documents.change("key", [Edit(Span(0, 0), "x = 2\n")], 2)
    assert book.put(current(documents), [FLAG.moved(Span(17, 18))]) == ()
    documents.change("key", [Edit(Span(15, 16), "c")], 3)
    assert len(book.put(current(documents), [FLAG.moved(Span(17, 18))])) == 1


def test_listeners_hear_of_every_change_of_what_is_shown(documents: Documents, book: Suspicions) -> None:
    """Not of documents that have none, and at the end that there are none."""
    heard: list[int] = []
    book.subscribe(lambda document: heard.append(len(book.of(document.key))))
    documents.change("key", [Edit(Span(0, 0), "#\n")], 2)
    assert heard == []
    book.put(current(documents), [FLAG.moved(Span(13, 14))])
    documents.change("key", [Edit(Span(0, 2), "")], 3)
    documents.close("key")
    assert heard == [1, 1, 0]


def test_at_a_place(documents: Documents, book: Suspicions) -> None:
    """A cursor at either end of a flag is on it."""
    book.put(current(documents), [FLAG])
    assert [bool(book.at("key", Span(at, at))) for at in (10, 11, 12, 13)] == [False, True, True, False]
