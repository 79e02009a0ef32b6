"""What of a fill repeats the text behind its hole."""

from __future__ import annotations

import re

from lsp_server.core.text import indent_width
from lsp_server.syntax.balance import closes_earlier
from lsp_server.syntax.owed import Owed
from lsp_server.syntax.parse import Parsed
from lsp_server.syntax.places import Place

_SHORTEST = 4
"""Characters that a part of the rest of the line must have to count as repeated."""

_LONG_LINE = 12
"""Characters that make one line unlikely to stand there twice by chance."""


def cut_rest(fill: str, parsed: Parsed, place: Place, owed: Owed) -> str:
    """`fill` before the place from which it repeats the rest of the hole's line."""
    rest = place.rest.strip()
    if not rest:
        return fill
    for at in _repeats(fill, rest):
        if not closes_earlier(fill, at, parsed, owed):
            kept = fill[:at]
            return kept if kept.strip() else ""
    return fill


def _repeats(fill: str, rest: str) -> list[int]:
    """Where `fill` may begin to repeat `rest`, surest first."""
    body = fill.rstrip()
    found = [len(body) - len(rest)] if body.endswith(rest) and _parts(body, len(body) - len(rest)) else []
    if len(rest) >= _SHORTEST and re.search(r"\w", rest):
        found += [at for at in _occurrences(fill, rest) if _parts(fill, at)]
    for length in range(min(len(body), len(rest) - 1), 0, -1):
        at = len(body) - length
        if rest.startswith(body[at:]) and (_long(body, at, rest) or _doubled(body, at)):
            found.append(at)
    return found


def _occurrences(fill: str, rest: str) -> list[int]:
    return [match.start() for match in re.finditer(re.escape(rest), fill)]


def _long(body: str, at: int, rest: str) -> bool:
    """Whether ``body[at:]`` is long enough, and made of whole words on both sides."""
    length = len(body) - at
    whole = not (rest[length - 1].isalnum() and rest[length].isalnum())
    return length >= _SHORTEST and whole and _parts(body, at)


def _doubled(body: str, at: int) -> bool:
    """Whether the tail is one mark that never stands twice: a comma, a semicolon, a closing quote."""
    tail = body[at:]
    return tail in {",", ";"} or (tail in {'"', "'", "`"} and body.count(tail) % 2 == 1)


def _parts(text: str, at: int) -> bool:
    """Whether `at` lies between two words rather than inside one."""
    return at == 0 or not (text[at - 1].isalnum() and text[at : at + 1].isalnum())


def cut_repeated_lines(fill: str, place: Place) -> str:
    """`fill` before the line from which it repeats the lines behind the hole."""
    if not place.below:
        return fill
    lines = fill.split("\n")
    for index, line in enumerate(lines):
        if index == 0 and place.prefix.strip():
            continue
        here = (
            line if index or indent_width(line) > indent_width(place.prefix) else place.prefix + line.lstrip()
        )
        if here.strip() and _repeats_below([here, *lines[index + 1 :]], place.below):
            return "\n".join(lines[:index])
    return fill


def _repeats_below(lines: list[str], below: tuple[str, ...]) -> bool:
    """Whether `lines`, the end of the fill, begin like the lines below, or stand there as a whole."""
    code = [line for line in lines if line.strip()]
    alike = [one.strip() == other.strip() for one, other in zip(code, below, strict=False)]
    if all(alike[:2]) and indent_width(code[0]) == indent_width(below[0]):
        return True
    letters = sum(len(re.findall(r"\w", line)) for line in code)
    return len(code) <= len(below) and all(alike) and letters >= (_SHORTEST if len(code) > 1 else _LONG_LINE)
