"""Lines, indentation and newlines of a text. Every look around an offset is bounded by a window."""

from __future__ import annotations

import re
from itertools import pairwise

WINDOW = 4096
"""How many code points any function here looks to one side of an offset."""

_LEADING_BLANKS = re.compile(r"^[ \t]+", re.MULTILINE)


def leading(line: str) -> str:
    """The blanks and tabs that `line` begins with."""
    return line[: len(line) - len(line.lstrip(" \t"))]


def indent_width(line: str) -> int:
    """The indentation of `line` in columns, where a tab counts as one, like a blank."""
    return len(leading(line))


def line_start(text: str, offset: int) -> int:
    """Where the line that holds `offset` begins, at most `WINDOW` code points before it."""
    floor = max(0, offset - WINDOW)
    return max(text.rfind("\n", floor, offset) + 1, floor)


def line_end(text: str, offset: int) -> int:
    """Where the line that holds `offset` ends, before its newline, at most `WINDOW` code points after it."""
    ceiling = min(len(text), offset + WINDOW)
    end = text.find("\n", offset, ceiling)
    if end < 0:
        return ceiling
    return end - 1 if end > offset and text[end - 1] == "\r" else end


def newline_of(text: str, offset: int = 0) -> str:
    r"""The newline used near `offset`, ``"\r\n"`` or ``"\n"``: by the line break before it, else the next."""
    at = text.rfind("\n", max(0, offset - 16 * WINDOW), offset)
    if at < 0:
        at = text.find("\n", offset, offset + 16 * WINDOW)
    return "\r\n" if at > 0 and text[at - 1] == "\r" else "\n"


def plain_newlines(text: str) -> str:
    r"""`text` with every line break as ``"\n"``."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def indent_unit(text: str, offset: int) -> str:
    """One level of indentation as used near `offset`: a tab, or the smallest step between two lines.

    Empty where nothing near is indented.
    """
    window = text[max(0, offset - WINDOW) : offset + WINDOW].split("\n")
    if any(line.startswith("\t") for line in window):
        return "\t"
    widths = [indent_width(line) for line in window if line.strip()]
    steps = [after - before for before, after in pairwise(widths)]
    return " " * min((step for step in steps if step > 1), default=0)


def retab(text: str, unit: str) -> str:
    """`text` with its lines indented in the way of `unit`: by tabs if that is a tab, else by blanks."""
    if unit != "\t":
        return _LEADING_BLANKS.sub(lambda match: match[0].replace("\t", unit), text)
    widths = [indent_width(line) for line in text.split("\n") if line.startswith(" ")]
    step = 2 if any(width % 4 for width in widths) else 4
    return _LEADING_BLANKS.sub(lambda match: match[0].replace(" " * step, "\t"), text)


def indentation(columns: int, unit: str) -> str:
    """Leading blanks of `columns` columns, tabs if `unit` is a tab; none if `columns` is negative."""
    return ("\t" if unit == "\t" else " ") * columns
