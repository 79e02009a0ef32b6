"""Places as people write them, and where they are in a text."""

from __future__ import annotations

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.commands._place import CursorPlace, LinesPlace, offset_of, parse_cursor, parse_lines, span_of
from lsp_server.core.errors import BadInput

TEXT = "one\n\ttwo\r\n\n\N{PILE OF POO}e\u0301\n"


@pytest.mark.parametrize(
    ("written", "place"),
    [
        ("a.py:3", CursorPlace("a.py", 3, None)),
        ("a.py:3:1", CursorPlace("a.py", 3, 1)),
        ("C:\\a b.py:3:14", CursorPlace("C:\\a b.py", 3, 14)),
        ("-:2", CursorPlace("-", 2, None)),
        ("a:b.py:3", CursorPlace("a:b.py", 3, None)),
    ],
)
def test_a_cursor_is_read(written: str, place: CursorPlace) -> None:
    """The file may hold colons; the column may be left out."""
    assert parse_cursor(written) == place


@pytest.mark.parametrize(
    "written",
    ["", "a.py", "-", "a.py:", ":3", "a.py:0", "a.py:3:0", "a.py:-1", "a.py:x", "a:1:2:x", "a.py:9999999999"],
)
def test_no_cursor(written: str) -> None:
    """What is none is wrong usage, before anything is read."""
    with pytest.raises(typer.BadParameter, match="FILE:LINE"):
        parse_cursor(written)


@pytest.mark.parametrize(
    ("written", "place"),
    [
        ("a.py:3-5", LinesPlace("a.py", (3, 5))),
        ("a.py:3", LinesPlace("a.py", (3, 3))),
        ("C:\\a.py:3-3", LinesPlace("C:\\a.py", (3, 3))),
        ("-", LinesPlace("-", None)),
        ("-:2-3", LinesPlace("-", (2, 3))),
    ],
)
def test_lines_are_read(written: str, place: LinesPlace) -> None:
    """One line, several, or all of the standard input."""
    assert parse_lines(written) == place


@pytest.mark.parametrize(
    "written", ["", "a.py", "a.py:", "a.py:5-3", "a.py:0-3", "a.py:3-", "a.py:-3", "a.py:3:5-"]
)
def test_no_lines(written: str) -> None:
    """What are none is wrong usage."""
    with pytest.raises(typer.BadParameter, match="lines"):
        parse_lines(written)


@pytest.mark.parametrize(
    ("line", "column", "before", "after"),
    [
        (1, None, "one", "\n"),
        (1, 1, "", "one"),
        (1, 4, "one", "\n"),
        (2, None, "\ttwo", "\r\n"),
        (2, 2, "\t", "two"),
        (3, None, "\r\n", "\n\N{PILE OF POO}"),
        (4, 2, "\N{PILE OF POO}", "e\u0301"),
        (5, None, "\n", ""),
    ],
)
def test_where_a_cursor_is(line: int, column: int | None, before: str, after: str) -> None:
    """Columns are characters, whatever they are; no column is the line's end, before its line break."""
    offset = offset_of(TEXT, CursorPlace("a", line, column))
    assert TEXT[:offset].endswith(before)
    assert TEXT[offset:].startswith(after)


@pytest.mark.parametrize(
    ("line", "column", "said"),
    [
        (6, None, "no line 6 in a: it has 4 lines"),
        (9, 1, "no line 9 in a: it has 4 lines"),
        (1, 5, "line 1 of a has 3 characters"),
        (3, 2, "line 3 of a has 0 characters"),
    ],
)
def test_past_the_end(line: int, column: int | None, said: str) -> None:
    """A place that is not there is an error which says what is there."""
    with pytest.raises(BadInput, match=said):
        offset_of(TEXT, CursorPlace("a", line, column))


def test_an_empty_file_has_one_place() -> None:
    """Its first line, which is empty; there is no second."""
    assert offset_of("", CursorPlace("a", 1, None)) == 0
    with pytest.raises(BadInput, match="no line 2 in the standard input: it has 0 lines"):
        offset_of("", CursorPlace("-", 2, None))


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        ((1, 1), "one"),
        ((1, 2), "one\n\ttwo"),
        ((2, 3), "\ttwo\r\n"),
        (None, TEXT),
        ((4, 5), "\N{PILE OF POO}e\u0301\n"),
    ],
)
def test_where_lines_are(lines: tuple[int, int] | None, text: str) -> None:
    """Both ends are included, the last line break is not."""
    span = span_of(TEXT, LinesPlace("a", lines))
    assert TEXT[span.start : span.end] == text


@given(st.lists(st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]))), st.data())
def test_any_line_of_any_text(lines: list[str], data: st.DataObject) -> None:
    """The numbered line is the line of that number, with any line break."""
    ends = data.draw(
        st.lists(st.sampled_from(["\n", "\r\n", "\r"]), min_size=len(lines), max_size=len(lines))
    )
    text = "".join(line + end for line, end in zip(lines, ends, strict=True))
    merged = any(one == "\r" and not two for one, two in zip(ends, lines[1:], strict=False))
    if merged:  # a carriage return and the line feed of the empty line behind it are one line break
        return
    for number, line in enumerate(lines, 1):
        span = span_of(text, LinesPlace("a", (number, number)))
        assert text[span.start : span.end] == line
