"""Holes that stay where they began while a line is typed."""

from __future__ import annotations

import pytest

from lsp_server.core.settings import Settings
from lsp_server.core.types import Document
from lsp_server.service.anchor import LONGEST_HEAD, MOST_ANCHORS, Anchors
from lsp_server.service.cursor import Cursor


def at(marked: str, key: str = "a") -> Cursor:
    """A cursor where the `|` is."""
    offset = marked.index("|")
    document = Document(key, "python", marked.replace("|", "", 1))
    return Cursor.at(document, offset, Settings(), invoked=False, selected=None)


def heads(*marked: str) -> list[str]:
    """What the holes of one document take in, cursor after cursor."""
    anchors, found = Anchors(), []
    for text in marked:
        cursor = at(text)
        found.append(cursor.text[anchors.at(cursor).start : cursor.offset])
    return found


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["x = fo|\ny"], [" fo"]),
        (["x = fo|\ny", "x = foo|\ny", "x = foo.ba|\ny"], [" fo", " foo", " foo.ba"]),
        (["x = foo.ba|\ny", "x = foo.|\ny", "x = |\ny"], [".ba", ".", " "]),
        (["x = fo|\ny", "x = foo\nz|\ny"], [" fo", "z"]),
        (["x = fo|\r\ny", "x = foo\r\nz|\r\ny"], [" fo", "z"]),
        (["x = foo|\ny", "xx = foo.a|\ny"], [" foo", ".a"]),
        (["x = foo|\ny", "x = foo.a|\nyy"], [" foo", ".a"]),
        (["x = f|\ny", "x = f(|)\ny", "x = f(ab|)\ny"], [" f", "(", "(ab"]),
        (["a = 1|0", "a = 12|0", "|a = 120"], ["", "2", ""]),
        (["|", "🙂e\u0301|", "🙂e\u0301 = 1|"], ["", "🙂e\u0301", "🙂e\u0301 = 1"]),
    ],
    ids=str,
)
def test_a_hole_stays_while_its_line_is_typed(texts: list[str], expected: list[str]) -> None:
    """It begins anew at what is half typed when anything else changes."""
    assert heads(*texts) == expected


def test_a_head_does_not_grow_without_end() -> None:
    """Behind so many characters the hole begins anew."""
    long = "x" + " + y" * (LONGEST_HEAD // 4)
    assert heads("|", f"{long[:100]}|", f"{long} + z|") == ["", long[:100], " z"]


def test_documents_have_their_own_anchors() -> None:
    """Typing in one document leaves the others' holes where they are, the oldest of many excepted."""
    anchors = Anchors()
    for key in map(str, range(MOST_ANCHORS + 1)):
        anchors.at(at("x = fo|", key))
    assert anchors.at(at("x = foo.b|", "1")).start == len("x =")
    assert anchors.at(at("x = foo.b|", "0")).start == len("x = foo")


@pytest.mark.parametrize(
    ("before", "draft", "after", "left"),
    [
        ("x = f|\ny", " foo(a)", "x = fo|\ny", " foo(a)"),
        ("x = f|\ny", " foo(a)", "x = foo(|)\ny", "(a)"),
        ("x = f|\ny", " foo(a)", "x = fun(|)\ny", ""),
        ("if x:\n    |", "    a()\n    b()", "if x:\n    a()\n    |", "    b()"),
        ("if x:\r\n    |", "    a()\n    b()", "if x:\r\n    a()\r\n    |", "    b()"),
        ("x = f|\ny", " foo(a)", "z\nx = f|\ny", ""),
        ("x = f|\ny", " foo(a)", "|x = \ny", ""),
    ],
)
def test_the_last_fill_is_a_draft_as_long_as_it_agrees(
    before: str, draft: str, after: str, left: str
) -> None:
    """Also for a hole that begins further on in it; not where the text became another."""
    anchors = Anchors()
    anchors.at(at(before)).draft = draft
    assert anchors.at(at(after)).draft == left
