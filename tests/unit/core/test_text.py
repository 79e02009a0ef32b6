"""Helpers for lines, indentation and newlines."""

import pytest

from lsp_server.core.text import (
    WINDOW,
    indent_unit,
    indent_width,
    indentation,
    leading,
    line_end,
    line_start,
    newline_of,
    plain_newlines,
    retab,
)


@pytest.mark.parametrize(
    ("text", "offset", "start", "end"),
    [
        ("", 0, 0, 0),
        ("abc", 3, 0, 3),
        ("a\nbc\nd", 3, 2, 4),
        ("a\nbc\nd", 2, 2, 4),
        ("a\r\nbc\r\n", 4, 3, 5),
        ("a\n", 2, 2, 2),
    ],
)
def test_line_bounds(text: str, offset: int, start: int, end: int) -> None:
    """A line lies between line breaks, and a carriage return belongs to the break."""
    assert (line_start(text, offset), line_end(text, offset)) == (start, end)


def test_line_bounds_stay_in_the_window() -> None:
    """One line of five million characters is not scanned to its ends."""
    text = "x" * 5_000_000
    assert line_start(text, 2_000_000) == 2_000_000 - WINDOW
    assert line_end(text, 2_000_000) == 2_000_000 + WINDOW


@pytest.mark.parametrize(
    ("text", "offset", "newline"),
    [
        ("a\r\nb", 3, "\r\n"),
        ("a\nb", 2, "\n"),
        ("ab", 1, "\n"),
        ("ab\r\n", 0, "\r\n"),
        ("\n", 0, "\n"),
        ("", 0, "\n"),
    ],
)
def test_newline_of(text: str, offset: int, newline: str) -> None:
    """The nearest line break decides, and a plain one stands in where there is none."""
    assert newline_of(text, offset) == newline


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("a\n  b\n    c\n", "  "),
        ("a\n    b\n        c\n", "    "),
        ("a\n\tb\n", "\t"),
        ("a\nb\n", ""),
        ("", ""),
        ("a\n\t", "\t"),
    ],
)
def test_indent_unit(text: str, unit: str) -> None:
    """The smallest step is found, a tab wins, and nothing is claimed without evidence."""
    assert indent_unit(text, 0) == unit


@pytest.mark.parametrize(
    ("text", "unit", "expected"),
    [
        ("a\n    b\n        c", "\t", "a\n\tb\n\t\tc"),
        ("a\n  b\n    c", "\t", "a\n\tb\n\t\tc"),
        ("a\n\tb", "    ", "a\n    b"),
        ("a\n    b", "    ", "a\n    b"),
        ("a  b", "\t", "a  b"),
    ],
)
def test_retab(text: str, unit: str, expected: str) -> None:
    """Leading blanks change their kind, blanks inside lines do not."""
    assert retab(text, unit) == expected


def test_indentation_of_lines() -> None:
    """A tab counts as one column, as the engine counts it."""
    assert leading(" \tx ") == " \t"
    assert indent_width("\t\tx") == 2
    assert indentation(2, "\t") == "\t\t"
    assert indentation(-1, " ") == ""
    assert plain_newlines("a\r\nb\rc\n") == "a\nb\nc\n"
