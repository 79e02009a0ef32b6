"""Brackets of a fill against those around its hole: none closed twice, none left open."""

from __future__ import annotations

from lsp_server.core.text import indent_width, leading
from lsp_server.syntax.lexer import CLOSERS, Bracket, Lexed, lex, string_end
from lsp_server.syntax.owed import Owed
from lsp_server.syntax.parse import Parsed
from lsp_server.syntax.places import Place, opens_block


def cut_surplus(fill: str, parsed: Parsed, owed: Owed) -> str:
    """`fill` up to the first bracket that closes what the text behind the hole closes already.

    After the closer of a missing brace the fill ends with its line: the block is complete.
    """
    read = lex(fill, parsed.language, owed.quote)
    if owed.in_comment or _exchanges(fill, read):
        return fill
    stack: list[str] = []
    missing = list(owed.missing)
    for bracket in read.brackets:
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


def _exchanges(fill: str, read: Lexed) -> bool:
    """Whether a fill of one line opens again at its end what it closes at its start, as ``a) + (b`` does."""
    opened = [CLOSERS[bracket.char] for bracket in reversed(read.unclosed())]
    return bool(opened) and "\n" not in fill and opened == [bracket.char for bracket in read.unopened()]


def closes_earlier(fill: str, at: int, parsed: Parsed, owed: Owed) -> bool:
    """Whether ``fill[at:]`` closes a bracket that ``fill[:at]`` opens, so that they cannot be parted.

    As many as the text behind the hole closes itself may be parted.
    """
    if owed.in_comment:
        return False
    head = lex(fill[:at], parsed.language, owed.quote)
    if _exchanges(fill[:at], head):
        return False
    depth = lowest = len(head.unclosed())
    if head.quote is not None and head.quote != owed.quote and lex(fill[at:], parsed.language).quote is None:
        return True
    for bracket in lex(fill[at:], parsed.language, head.quote).brackets:
        depth += 1 if bracket.opens else -1
        lowest = min(lowest, depth)
    return len(head.unclosed()) - max(lowest, 0) > len(owed.surplus)


def close_open(fill: str, parsed: Parsed, owed: Owed, place: Place) -> str:
    """`fill` with what it opens closed, unless the text behind the hole does so.

    Of several lines the unfinished ones at the end are dropped instead, if
    complete ones come before.
    """
    read = lex(fill, parsed.language, owed.quote)
    if owed.in_comment or _exchanges(fill, read):
        return fill
    still_open = _unmet(fill, read, owed, place)
    own_string = read.quote if read.quote != owed.quote else None
    if own_string is not None and _ends_behind(own_string, parsed, owed, place):
        return fill
    if not still_open and own_string is None:
        return fill
    lines = fill.split("\n")
    for count in range(len(lines) - 1, 0, -1):
        head = "\n".join(lines[:count])
        if head.strip() and _complete(head, parsed, owed, place):
            return head
    closed = fill + (own_string or "")
    for bracket in reversed(still_open):
        line = fill[fill.rfind("\n", 0, bracket.at) + 1 :]
        below = "\n" in line
        own_indent = leading(line) if "\n" in fill[: bracket.at] else leading(place.prefix)
        closed += ("\n" + own_indent if below else "") + CLOSERS[bracket.char]
    return closed


def _ends_behind(quote: str, parsed: Parsed, owed: Owed, place: Place) -> bool:
    """Whether the text behind the hole ends a string that the fill begins."""
    return quote in owed.orphans or string_end(place.rest, parsed.language, quote) is not None


def _complete(head: str, parsed: Parsed, owed: Owed, place: Place) -> bool:
    read = lex(head, parsed.language, owed.quote)
    return not _unmet(head, read, owed, place) and read.quote in {None, owed.quote}


def _unmet(fill: str, read: Lexed, owed: Owed, place: Place) -> list[Bracket]:
    """Brackets left open that the text behind the hole does not close."""
    still_open = list(read.unclosed())
    for closer in owed.surplus:
        if still_open and CLOSERS[still_open[-1].char] == closer:
            still_open.pop()
    if still_open and not fill[still_open[-1].at + 1 :].strip() and not place.rest.strip() and place.below:
        start = fill.rfind("\n") + 1
        line = fill[start:] if start else place.prefix
        if indent_width(place.below[0]) > indent_width(line):
            # what the last line opens goes on in the lines below
            still_open = [bracket for bracket in still_open if bracket.at < start]
    return still_open


def _before(fill: str, at: int) -> str:
    """`fill` before `at`, without a line begun there."""
    start = fill.rfind("\n", 0, at)
    return fill[:start] if start >= 0 and not fill[start:at].strip() else fill[:at]


def _to_line_end(fill: str, at: int, parsed: Parsed) -> str:
    end = fill.find("\n", at)
    line = fill[at:] if end < 0 else fill[at:end]
    return fill if end < 0 or opens_block(parsed, line) else fill[:end]
