"""What the brackets and quotes around a hole ask of its fill."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lsp_server.core.text import WINDOW, indent_width, line_start
from lsp_server.core.types import Span
from lsp_server.syntax.languages import Language, Style
from lsp_server.syntax.lexer import CLOSERS, Bracket, lex, string_end
from lsp_server.syntax.parse import Parsed
from lsp_server.syntax.places import enclosing_text

_DEEPEST = 4
"""How many brackets may be out of balance around a hole before they are taken to match after all."""

_FAR = 1 << 20
"""Columns; stands for the indentation of no line at all."""


@dataclass(frozen=True, slots=True)
class Owed:
    """What a fill has to close, may leave open, and must not end.

    `missing` are openers before the hole without a closer after it, which the
    fill may close; `surplus` are closers after the hole that nothing before it
    opens, which the fill may open; both innermost first. `quote` is the
    delimiter of the string the hole begins inside, `quote_closed` whether that
    string ends behind the hole. In a comment (`in_comment`) brackets mean nothing.
    """

    missing: tuple[str, ...] = ()
    surplus: tuple[str, ...] = ()
    quote: str | None = None
    quote_closed: bool = False
    in_comment: bool = False


@dataclass(frozen=True, slots=True)
class _Side:
    """A bracket beside the hole, with the indentation of its line."""

    char: str
    indent: int
    near: bool
    """Whether it stands on the hole's own line."""
    first: bool
    """Whether it is the first on its line."""

    def meets(self, closer: _Side) -> bool:
        """Whether `closer` may be this opener's: right kind, and no further left than its line."""
        left = closer.first and not closer.near and closer.indent < self.indent
        return CLOSERS[self.char] == closer.char and not left


def owed_at(parsed: Parsed, hole: Span) -> Owed:
    """Read a window around `hole`."""
    start = _window_start(parsed, hole.start)
    before, after = parsed.text[start : hole.start], parsed.text[hole.end : hole.end + WINDOW]
    language = parsed.language
    read = lex(before, language)
    if read.comment is not None:
        return Owed(in_comment=True)
    quote = read.quote
    if quote is not None and (code := _code_in_string(before[read.inside :])) is not None:
        start, before, quote = hole.start - len(code), code, None
        read = lex(before, language)
    closed = quote is not None and _ends_behind(parsed, hole.end, quote)
    unopened = lex(after, language, quote if closed else None).unopened()
    openers = [_opener(before, bracket) for bracket in reversed(read.unclosed())]
    closers = [_closer(after, bracket) for bracket in unopened]
    ended = _run(openers, _floor_below(after, unopened, language), language)
    begun = _run(closers, _floor_above(before, read.unclosed(), language), language)
    at_end = hole.end + len(after) == len(parsed.text)
    missing, surplus = _align(openers[ended:], closers[begun:], at_start=start == 0, at_end=at_end)
    return Owed(_chars(openers[:ended]) + missing, _chars(closers[:begun]) + surplus, quote, closed)


def _window_start(parsed: Parsed, offset: int) -> int:
    """A line start up to a window before `offset` that lies in no string or comment."""
    floor = max(0, line_start(parsed.text, offset) - WINDOW)
    if floor == 0:
        return 0
    start = parsed.text.find("\n", floor, offset) + 1 or floor
    around = enclosing_text(parsed, start)
    return around.end if around is not None and around.end <= offset else start


def _ends_behind(parsed: Parsed, offset: int, quote: str) -> bool:
    """Whether a string open at `offset` ends after it.

    What looks like the end of a string over several lines may begin another; an
    odd number of delimiters in the rest of the text means that one of them is its end.
    """
    after = parsed.text[offset : offset + WINDOW]
    end = string_end(after, parsed.language, quote)
    return end is not None and ("\n" not in after[:end] or parsed.text.count(quote, offset) % 2 == 1)


def _code_in_string(content: str) -> str | None:
    """The code after the last unclosed brace of a string's content, as in `f"{here`."""
    if content.count("{") <= content.count("}"):
        return None
    return content[content.rfind("{") :]


def _opener(text: str, bracket: Bracket) -> _Side:
    start = text.rfind("\n", 0, bracket.at) + 1
    first = not text[start : bracket.at].strip()
    return _Side(bracket.char, indent_width(text[start:]), "\n" not in text[bracket.at :], first)


def _closer(text: str, bracket: Bracket) -> _Side:
    start = text.rfind("\n", 0, bracket.at) + 1
    first = start > 0 and not text[start : bracket.at].strip()
    return _Side(bracket.char, indent_width(text[start:]), start == 0, first)


def _run(sides: Sequence[_Side], floor: int, language: Language) -> int:
    """How many of the first `sides` cannot reach over the hole: a line between is indented too little.

    What a bracket encloses is indented deeper than the bracket's line, except
    that labels and namespaces may stand level with their braces.
    """
    count = 0
    for side in sides:
        level_is_inside = side.char in "{}" and language.style is not Style.INDENT
        closes_line = side.char in CLOSERS.values() and not side.first
        if side.near and side.char in CLOSERS.values():
            break
        if floor > side.indent or (floor == side.indent and (level_is_inside or closes_line)):
            break
        count += 1
    return count


def _floor_below(after: str, unopened: Sequence[Bracket], language: Language) -> int:
    """The least indentation of the lines behind the hole, up to the first closer's."""
    end = unopened[0].at if unopened else len(after)
    lines = after[:end].split("\n")[1:]
    return _floor(lines[:-1] if lines and not lines[-1].strip() else lines, language)


def _floor_above(before: str, unclosed: Sequence[Bracket], language: Language) -> int:
    """The least indentation of the lines before the hole, down from the innermost opener's."""
    if not unclosed:
        return _floor(before.split("\n"), language)
    return _floor(before[unclosed[-1].at :].split("\n")[1:], language)


def _floor(lines: Iterable[str], language: Language) -> int:
    marks_code = "#" in language.comments
    code = (line for line in lines if line.strip() and (marks_code or not line.startswith("#")))
    return min((indent_width(line) for line in code), default=_FAR)


def _align(
    openers: list[_Side], closers: list[_Side], *, at_start: bool, at_end: bool
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The fewest brackets to leave out on both sides until the rest meets; all of them if nothing does."""
    for skipped in range(_DEEPEST + 1):
        for missing in range(skipped + 1):
            surplus = skipped - missing
            if missing < len(openers) and surplus < len(closers) and openers[missing].meets(closers[surplus]):
                return _chars(openers[:missing]), _chars(closers[:surplus])
    if not openers and not closers:
        return (), ()
    # beyond the window's edges lies what decides; the hole's own line tells enough
    return (
        _chars(side for side in openers if at_end or side.near),
        _chars(side for side in closers if at_start or side.near),
    )


def _chars(sides: Iterable[_Side]) -> tuple[str, ...]:
    return tuple(side.char for side in sides)
