"""Brackets of a fill against those around its hole: none closed twice, none left open."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lsp_server.core.text import WINDOW, indent_width, leading, line_start
from lsp_server.core.types import Span
from lsp_server.syntax.lexer import CLOSERS, Bracket, Lexed, lex, string_end
from lsp_server.syntax.parse import Parsed
from lsp_server.syntax.places import enclosing_text, opens_block

_DEEPEST = 4
"""How many brackets may be out of balance around a hole before they are taken to match after all."""


@dataclass(frozen=True, slots=True)
class Owed:
    """What the brackets around a hole ask of its fill, innermost first.

    `missing` are openers before the hole without a closer after it, which the
    fill may close; `surplus` are closers after the hole that nothing before it
    opens, which the fill may open. `quote` is the delimiter of the string the
    hole begins inside, `quote_closed` whether that string ends behind the hole.
    In a comment (`in_comment`) brackets mean nothing.
    """

    missing: tuple[str, ...] = ()
    surplus: tuple[str, ...] = ()
    quote: str | None = None
    quote_closed: bool = False
    in_comment: bool = False


@dataclass(frozen=True, slots=True)
class _Side:
    """A bracket beside the hole; `indent` is its line's, None for a closer with code left of it."""

    char: str
    indent: int | None
    near: bool
    """Whether it stands on the hole's own line."""

    def meets(self, closer: _Side) -> bool:
        """Whether `closer` may be this opener's: right kind, and no further left than its line."""
        left = closer.indent is not None and self.indent is not None and closer.indent < self.indent
        return CLOSERS[self.char] == closer.char and not left


def owed_at(parsed: Parsed, hole: Span) -> Owed:
    """What the brackets within a window around `hole` ask of its fill."""
    start = _window_start(parsed, hole.start)
    before = parsed.text[start : hole.start]
    after = parsed.text[hole.end : hole.end + WINDOW]
    read = lex(before, parsed.language)
    if read.comment is not None:
        return Owed(in_comment=True)
    quote = read.quote
    if quote is not None and (code := _code_in_string(before[read.inside :])) is not None:
        start, before, quote = hole.start - len(code), code, None
        read = lex(before, parsed.language)
    openers = [_opener(before, bracket.at, bracket.char) for bracket in reversed(read.unclosed())]
    closed = quote is not None and _ends_behind(parsed, after, quote)
    read_after = lex(after, parsed.language, quote if closed else None)
    closers = [_closer(after, bracket.at, bracket.char) for bracket in read_after.unopened()]
    at_end = hole.end + len(after) == len(parsed.text)
    missing, surplus = _align(openers, closers, at_start=start == 0, at_end=at_end)
    return Owed(missing, surplus, quote, closed)


def _window_start(parsed: Parsed, offset: int) -> int:
    """A line start up to a window before `offset` that lies in no string or comment."""
    floor = max(0, line_start(parsed.text, offset) - WINDOW)
    if floor == 0:
        return 0
    start = parsed.text.find("\n", floor, offset) + 1 or floor
    around = enclosing_text(parsed, start)
    return around.end if around is not None and around.end <= offset else start


def _ends_behind(parsed: Parsed, after: str, quote: str) -> bool:
    """Whether a string open at the start of `after` ends there.

    What looks like the end of a string over several lines may begin another; an
    odd number of delimiters means that one of them is its end.
    """
    end = string_end(after, parsed.language, quote)
    return end is not None and ("\n" not in after[:end] or after.count(quote) % 2 == 1)


def _code_in_string(content: str) -> str | None:
    """The code after the last unclosed brace of a string's content, as in `f"{here`."""
    if content.count("{") <= content.count("}"):
        return None
    return content[content.rfind("{") :]


def _opener(text: str, at: int, char: str) -> _Side:
    line = text[text.rfind("\n", 0, at) + 1 :]
    return _Side(char, indent_width(line), "\n" not in line)


def _closer(text: str, at: int, char: str) -> _Side:
    start = text.rfind("\n", 0, at) + 1
    first = start > 0 and not text[start:at].strip()
    return _Side(char, at - start if first else None, start == 0)


def cut_surplus(fill: str, parsed: Parsed, owed: Owed) -> str:
    """`fill` up to the first bracket that closes what the text behind the hole closes already.

    After the closer of a missing brace the fill ends with its line: the block is complete.
    """
    if owed.in_comment:
        return fill
    stack: list[str] = []
    missing = list(owed.missing)
    for bracket in lex(fill, parsed.language, owed.quote).brackets:
        if bracket.opens:
            stack.append(bracket.char)
        elif stack and CLOSERS[stack[-1]] == bracket.char:
            stack.pop()
        elif not stack and missing and CLOSERS[missing[0]] == bracket.char:
            missing.pop(0)
            if bracket.char == "}" and not missing:
                return _to_line_end(fill, bracket.at, parsed)
        else:
            return _before(fill, bracket.at)
    return fill


def closes_earlier(fill: str, at: int, parsed: Parsed, owed: Owed) -> bool:
    """Whether ``fill[at:]`` closes a bracket that ``fill[:at]`` opens, so that they cannot be parted."""
    head = lex(fill[:at], parsed.language, owed.quote)
    depth = lowest = len(head.unclosed())
    if head.quote is not None and head.quote != owed.quote:
        return True
    for bracket in lex(fill[at:], parsed.language, head.quote).brackets:
        depth += 1 if bracket.opens else -1
        lowest = min(lowest, depth)
    return lowest < len(head.unclosed()) and bool(head.unclosed())


def close_open(fill: str, parsed: Parsed, owed: Owed, indent: str) -> str:
    """`fill` with what it opens closed, unless the text behind the hole does so.

    Of several lines the unfinished ones at the end are dropped instead, if
    complete ones come before. `indent` is the indentation of the hole's line.
    """
    if owed.in_comment:
        return fill
    read = lex(fill, parsed.language, owed.quote)
    still_open = _unmet(read, owed)
    own_string = read.quote if read.quote != owed.quote else None
    if not still_open and own_string is None:
        return fill
    lines = fill.split("\n")
    for count in range(len(lines) - 1, 0, -1):
        head = "\n".join(lines[:count])
        if head.strip() and _complete(head, parsed, owed):
            return head
    closed = fill + (own_string or "")
    for bracket in reversed(still_open):
        line = fill[fill.rfind("\n", 0, bracket.at) + 1 :]
        below = "\n" in line
        own_indent = leading(line) if "\n" in fill[: bracket.at] else indent
        closed += ("\n" + own_indent if below else "") + CLOSERS[bracket.char]
    return closed


def _complete(head: str, parsed: Parsed, owed: Owed) -> bool:
    read = lex(head, parsed.language, owed.quote)
    return not _unmet(read, owed) and read.quote in {None, owed.quote}


def _unmet(read: Lexed, owed: Owed) -> list[Bracket]:
    """Brackets left open that the closers behind the hole do not close."""
    still_open = list(read.unclosed())
    for closer in owed.surplus:
        if still_open and CLOSERS[still_open[-1].char] == closer:
            still_open.pop()
    return still_open


def _before(fill: str, at: int) -> str:
    """`fill` before `at`, without a line begun there."""
    start = fill.rfind("\n", 0, at)
    return fill[:start] if start >= 0 and not fill[start:at].strip() else fill[:at]


def _to_line_end(fill: str, at: int, parsed: Parsed) -> str:
    end = fill.find("\n", at)
    line = fill[at:] if end < 0 else fill[at:end]
    return fill if end < 0 or opens_block(parsed, line) else fill[:end]


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
