from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol import types as t

from lsp_server.core.errors import BadInput
from lsp_server.lsp.positions import Encoding
from lsp_server.lsp.sync import TextSync
from lsp_server.service.documents import Documents

URI = "file:///a.py"


def opened(text: str) -> tuple[TextSync, Documents]:
    documents = Documents()
    sync = TextSync(documents)
    sync.open(t.TextDocumentItem(uri=URI, language_id="python", version=1, text=text))
    return sync, documents


def part(start: tuple[int, int], end: tuple[int, int], text: str) -> t.TextDocumentContentChangePartial:
    return t.TextDocumentContentChangePartial(t.Range(t.Position(*start), t.Position(*end)), text)


def whole(text: str) -> t.TextDocumentContentChangeWholeDocument:
    return t.TextDocumentContentChangeWholeDocument(text)


@pytest.mark.parametrize(
    ("before", "changes", "after"),
    [
        ("abc", [part((0, 0), (0, 99), "X")], "X"),
        ("abc", [part((5, 0), (9, 9), "X")], "abcX"),
        ("abc", [part((0, 0), (2147483647, 2147483647), "X")], "X"),
        ("a\nb\n", [part((0, 0), (1, 0), "")], "b\n"),
        ("a\r\nb\r\n", [part((0, 1), (1, 0), "\n")], "a\nb\r\n"),
        ("a\r\nb", [part((0, 9), (0, 9), "!")], "a!\r\nb"),
        ("ab", [part((0, 1), (0, 1), "\n"), part((1, 0), (1, 1), "c")], "a\nc"),
        ("ab\ncd", [part((1, 1), (1, 1), "Y"), part((0, 1), (0, 1), "X")], "aXb\ncYd"),
        ("ab", [whole("new\n"), part((1, 0), (1, 0), "x")], "new\nx"),
        ("😀😀", [part((0, 2), (0, 4), "x")], "😀x"),
        ("😀", [part((0, 1), (0, 2), "")], ""),
        ("ab", [part((0, 2), (0, 0), "x")], "x"),
        ("a\rb", [part((0, 1), (1, 0), "")], "ab"),
        ("a\r", [part((1, 0), (1, 0), "\n")], "a\r\n"),
        ("", [part((0, 0), (0, 0), "\ufeffx")], "\ufeffx"),
        ("ab", [], "ab"),
    ],
)
def test_changes_apply_in_turn(
    before: str, changes: list[t.TextDocumentContentChangeEvent], after: str
) -> None:
    """Each change means the text after the one before it, in UTF-16 units."""
    sync, documents = opened(before)
    sync.change(URI, 2, changes, Encoding.UTF_16)
    assert documents.get(URI) == sync.current(URI)
    assert sync.current(URI).text == after
    assert sync.current(URI).version == 2


@pytest.mark.parametrize(("encoding", "column"), [("utf-8", 4), ("utf-16", 2), ("utf-32", 1)])
def test_each_encoding_counts_its_own_units(encoding: str, column: int) -> None:
    """The place behind an emoji has another column in each encoding."""
    sync, _ = opened("😀b")
    sync.change(URI, 2, [part((0, column), (0, column), "a")], Encoding(encoding))
    assert sync.current(URI).text == "😀ab"


@given(st.text("aé😀\r\n", max_size=20), st.data())
def test_typing_anywhere_equals_replacing_all(text: str, data: st.DataObject) -> None:
    """Incremental changes made from offsets give the text that slicing gives."""
    sync, _ = opened(text)
    for version in range(2, 5):
        now = sync.current(URI)
        ends = sorted(data.draw(st.tuples(*[st.integers(0, len(now.text))] * 2)))
        ends = [end - (now.text[end - 1 : end + 1] == "\r\n" and end > 0) for end in ends]
        new = data.draw(st.text("a😀\r\n", max_size=3))
        start, end = (sync.lines(now).position(at, Encoding.UTF_16) for at in ends)
        sync.change(URI, version, [part(start, end, new)], Encoding.UTF_16)
        assert sync.current(URI).text == now.text[: ends[0]] + new + now.text[ends[1] :]


def test_a_document_that_is_not_open_cannot_change() -> None:
    """Changing it is an error, closing it is not."""
    sync, _ = opened("x")
    sync.close(URI)
    with pytest.raises(BadInput):
        sync.change(URI, 2, [whole("y")], Encoding.UTF_16)
    sync.close(URI)


def test_opening_again_replaces_the_text() -> None:
    """The lines of the old text are not used for the new one."""
    sync, _ = opened("one\ntwo\n")
    sync.lines(sync.current(URI)).position(8, Encoding.UTF_16)
    sync.open(t.TextDocumentItem(uri=URI, language_id="python", version=1, text="x"))
    sync.change(URI, 2, [part((0, 1), (0, 1), "y")], Encoding.UTF_16)
    assert sync.current(URI).text == "xy"


def test_an_old_snapshot_keeps_its_own_lines() -> None:
    """Positions for an answer are those of the snapshot it was made for."""
    sync, _ = opened("a\nb\n")
    old = sync.current(URI)
    sync.change(URI, 2, [whole("a\n\n\nb\n")], Encoding.UTF_16)
    assert sync.lines(old).position(2, Encoding.UTF_16) == (1, 0)
