from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lsp_server.core.settings import CompletionSettings, Settings
from lsp_server.core.types import Document
from lsp_server.service.cursor import Cursor
from lsp_server.service.reuse import MOST_ANSWERS, MOST_BEFORE, Answer, Offer, Reuse

SETTINGS = Settings()


def cursor(before: str, after: str = "", *, key: str = "a", invoked: bool = False) -> Cursor:
    document = Document(key, "python", before + after)
    return Cursor.at(document, len(before), SETTINGS, invoked=invoked, selected=None)


def kept(where: Cursor, *texts: str) -> Reuse:
    reuse = Reuse()
    reuse.remember(Answer.to(where, tuple(Offer(text, text, 0.9) for text in texts)))
    return reuse


def rest(reuse: Reuse, where: Cursor) -> list[str] | None:
    found = reuse.find(where)
    return [offer.text for offer in found.offers] if found else None


CODE = st.text("ab (\n\t:é🙂\r", max_size=30)


@given(CODE, CODE, CODE.filter(str.strip), st.data())
def test_typing_along_gives_the_remainder(before: str, after: str, text: str, data: st.DataObject) -> None:
    """Having typed any part of a suggestion one is offered the rest, and all of it after deleting back."""
    reuse = kept(cursor(before, after), text)
    typed = data.draw(st.integers(0, len(text) - 1))
    assume(text[typed:].strip())
    found = rest(reuse, cursor(before + text[:typed], after))
    assert found is not None
    # Repetitive text may fit at a nearer place too; what is offered then still ends the suggestion.
    assert text.endswith(found[0])
    assert (before + text[:typed] + found[0]).startswith(before)
    assert rest(reuse, cursor(before, after)) == [text]


@pytest.mark.parametrize("length", range(8))
def test_exactly_what_is_left(length: int) -> None:
    """Each character typed is one character less to insert, with the same id."""
    reuse = kept(cursor("x = ", "\n"), "foo(bar)")
    found = reuse.find(cursor("x = " + "foo(bar)"[:length], "\n"))
    assert found is not None
    assert found.offers == (Offer("foo(bar)", "foo(bar)"[length:], 0.9),)


@pytest.mark.parametrize(
    "where",
    [
        cursor("x = g", "\n"),
        cursor("y = f", "\n"),
        cursor("x = foo(bar)", "\n"),
        cursor("x = f", ")\n"),
        cursor("x = f", "\n\n"),
        cursor("x =", "\n"),
        cursor("z\nx = f", "\n"),
        cursor("x = f", "\n", key="b"),
        cursor("x = f", "\n", invoked=True),
        replace(cursor("x = f", "\n"), settings=Settings(completion=CompletionSettings(max_lines=1))),
    ],
    ids=[
        "other text", "other line", "all typed", "other rest", "longer rest",
        "deleted more", "text above", "document", "wants several", "settings",
    ],
)  # fmt: skip
def test_other_places_get_nothing(where: Cursor) -> None:
    """What was made for one place, text and setting is offered at no other."""
    assert rest(kept(cursor("x = ", "\n"), "foo(bar)"), where) is None


def test_text_far_above_does_not_matter() -> None:
    """A place is known again after a change far enough above it."""
    near = "#" * MOST_BEFORE
    reuse = kept(cursor("a\n" + near, "\n"), "foo")
    assert rest(reuse, cursor("other\n" + near + "f", "\n")) == ["oo"]


def test_only_candidates_that_agree_stay() -> None:
    """Of several candidates those go that the typed text contradicts, and those it completes."""
    reuse = kept(cursor("x = "), "foo", "fun", "bar", "f")
    assert rest(reuse, cursor("x = f")) == ["oo", "un"]


def test_the_oldest_answers_go() -> None:
    """The number of kept answers is bounded, and using one keeps it."""
    reuse = Reuse()
    for number in range(MOST_ANSWERS + 1):
        where = cursor(f"x{number} = ")
        reuse.remember(Answer.to(where, (Offer("1", "foo", 0.9),)))
        assert rest(reuse, cursor("x0 = ")) == ["foo"]
    assert rest(reuse, cursor("x1 = ")) is None
    assert len(reuse._answers) == MOST_ANSWERS


def test_a_newer_answer_replaces_the_older() -> None:
    """The same place is answered from the newest request."""
    reuse = kept(cursor("x = "), "foo")
    reuse.remember(Answer.to(cursor("x = "), (Offer("2", "bar", 0.9),)))
    assert rest(reuse, cursor("x = ")) == ["bar"]
    assert rest(reuse, cursor("x = f")) is None


def test_forgetting() -> None:
    """A closed document's answers go, or all of them."""
    reuse = kept(cursor("x = "), "foo")
    reuse.remember(Answer.to(cursor("x = ", key="b"), (Offer("2", "bar", 0.9),)))
    reuse.forget("a")
    assert rest(reuse, cursor("x = ")) is None
    assert rest(reuse, cursor("x = ", key="b")) == ["bar"]
    reuse.forget()
    assert rest(reuse, cursor("x = ", key="b")) is None
