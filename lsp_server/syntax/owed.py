"""What the brackets and quotes around a hole ask of its fill."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lsp_server.core.text import WINDOW, indent_width, line_start
from lsp_server.core.types import Span
from lsp_server.syntax.languages import Language, Style
from lsp_server.syntax.lexer import CLOSERS, Bracket, lex, string_end
from lsp_server.syntax.parse import Parsed
from lsp_server.syntax.places import enclosing_text, in_comment_or_string

_DEEPEST = 4
"""How many brackets may be out of balance around a hole before they are taken to match after all."""

_MOST = 16
"""How many brackets that reach over a hole are compared."""

_FAR = 1 << 20
"""Columns; stands for the indentation of no line at all."""


@dataclass(frozen=True, slots=True)
class Owed:
    """What a fill has to close, may leave open, and must not end.

    `missing` are openers before the hole without a closer after it, which the
    fill may close; `surplus` are closers after the hole that nothing before it
    opens, which the fill may open; both innermost first. `quote` is the
    delimiter of the string the hole begins inside, `quote_closed` whether that
    string ends behind the hole; `orphans` are delimiters of strings over several
    lines that end behind the hole and begin nowhere. In a comment (`in_comment`)
    brackets mean nothing.
    """

    missing: tuple[str, ...] = ()
    surplus: tuple[str, ...] = ()
    quote: str | None = None
    quote_closed: bool = False
    orphans: tuple[str, ...] = ()
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

    def meets(self, closer: _Side, *, strict: bool) -> bool:
        """Whether `closer` may be this opener's: right kind and, at the start of a line, rightly indented.

        That is no further left than the opener's line, and if `strict` just there.
        """
        if CLOSERS[self.char] != closer.char:
            return False
        if closer.near:
            return True
        if closer.first and strict:
            return closer.indent == self.indent
        return closer.indent >= self.indent


def owed_at(parsed: Parsed, hole: Span) -> Owed:
    """Read a window around `hole`."""
    start = _window_start(parsed, hole.start)
    before, after = parsed.text[start : hole.start], parsed.text[hole.end : hole.end + WINDOW]
    language = parsed.language
    read = lex(before, language)
    if (read.quote or read.comment is not None) and not in_comment_or_string(parsed, hole.start):
        # a quote in what the lexer does not know, such as a regular expression, misled it
        start = line_start(parsed.text, hole.start)
        before = parsed.text[start : hole.start]
        read = lex(before, language)
    if read.comment is not None:
        return Owed(in_comment=True)
    quote = read.quote
    if quote is not None and (code := _code_in_string(before[read.inside :], after)) is not None:
        start, before, quote = hole.start - len(code), code, None
        read = lex(before, language)
    closed = quote is not None and _ends_behind(parsed, hole.end, quote)
    orphans = tuple(mark for mark in language.long_strings if parsed.text.count(mark, hole.end) % 2)
    entered = quote if closed else _orphan(after, orphans, language) if quote is None else None
    read_after = lex(after, language, entered)
    at_end = hole.end + len(after) == len(parsed.text)
    openers, closers = read.unclosed()[::-1][:_MOST], read_after.unopened()[:_MOST]
    around = _Around(before, after, openers, closers, language)
    missing, surplus = around.unmatched(at_start=start == 0, at_end=at_end)
    return Owed(missing, surplus, quote, closed, orphans)


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


def _orphan(after: str, orphans: tuple[str, ...], language: Language) -> str | None:
    """The delimiter of a string that ends on the rest of the hole's line without having begun."""
    quote = lex(after.partition("\n")[0], language).quote
    return quote if quote in orphans or quote not in language.long_strings else None


def _code_in_string(content: str, after: str) -> str | None:
    """The code in a string that the hole lies in, as in `f"{here`: from the last open brace on."""
    if content.count("{") <= content.count("}") or "}" not in after.partition("\n")[0]:
        return None
    return content[content.rfind("{") :]


@dataclass(frozen=True, slots=True)
class _Around:
    """The text on both sides of a hole and the brackets that reach over it, innermost first."""

    before: str
    after: str
    openers: tuple[Bracket, ...]
    closers: tuple[Bracket, ...]
    language: Language

    def unmatched(self, *, at_start: bool, at_end: bool) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The openers without a closer, and the closers without an opener.

        `at_start` and `at_end`: whether the two texts reach to the document's ends.
        """
        openers = [self._opener(bracket) for bracket in self.openers]
        closers = [self._closer(bracket) for bracket in self.closers]
        missing: list[str] = []
        surplus: list[str] = []
        while openers or closers:
            below = self._floor_below(len(self.closers) - len(closers))
            above = self._floor_above(len(self.openers) - len(openers))
            if openers and self._ends_before(openers[0], below):
                missing.append(openers.pop(0).char)
            elif closers and not closers[0].near and self._ends_before(closers[0], above):
                surplus.append(closers.pop(0).char)
            elif openers and closers:
                skipped = _skip(openers, closers)
                if skipped is None:
                    break
                missing += [side.char for side in openers[: skipped[0]]]
                surplus += [side.char for side in closers[: skipped[1]]]
                del openers[: skipped[0] + 1], closers[: skipped[1] + 1]
            else:
                break
        below = self._floor_below(len(self.closers) - len(closers))
        missing += [side.char for side in openers if at_end or (side.near and not side.indent < below < _FAR)]
        surplus += [side.char for side in closers if at_start or side.near]
        return tuple(missing), tuple(surplus)

    def _ends_before(self, side: _Side, floor: int) -> bool:
        """Whether a bracket cannot reach over the hole, because a line between is indented too little.

        What a bracket encloses is indented deeper than the bracket's line, except
        that labels and namespaces may stand level with their braces.
        """
        if floor != side.indent:
            return floor < side.indent
        if side.char in CLOSERS:
            return side.char != "{" or self.language.style is Style.INDENT
        headed = any(indent_width(self.before[opener.line :]) == side.indent for opener in self.openers)
        return side.first and not (side.char == "}" and headed)

    def _opener(self, bracket: Bracket) -> _Side:
        near = "\n" not in self.before[bracket.at :]
        return _Side(bracket.char, indent_width(self.before[bracket.line :]), near, first=False)

    def _closer(self, bracket: Bracket) -> _Side:
        start = self.after.rfind("\n", 0, bracket.at) + 1
        first = start > 0 and not self.after[start : bracket.at].strip()
        return _Side(bracket.char, indent_width(self.after[start:]), start == 0, first)

    def _floor_below(self, closer: int) -> int:
        """The least indentation of the lines behind the hole up to a closer, by index."""
        end = self.closers[closer].at if closer < len(self.closers) else len(self.after)
        return self._floor(self.after[:end].split("\n")[1:])

    def _floor_above(self, opener: int) -> int:
        """The least indentation of the lines before the hole down from an opener, by index."""
        if opener >= len(self.openers):
            return self._floor(self.before.split("\n"))
        return self._floor(self.before[self.openers[opener].at :].split("\n")[1:])

    def _floor(self, lines: Iterable[str]) -> int:
        ignored = (")", "]", "}") if "#" in self.language.comments else (")", "]", "}", "#")
        code = (line for line in lines if line.strip() and not line.lstrip().startswith(ignored))
        return min((indent_width(line) for line in code), default=_FAR)


def _skip(openers: Sequence[_Side], closers: Sequence[_Side]) -> tuple[int, int] | None:
    """How many brackets to leave out on each side, as few as can be, until two meet."""
    for strict, most in ((True, 2), (False, _DEEPEST)):
        for skipped in range(most + 1):
            for missing in range(skipped + 1):
                surplus = skipped - missing
                if missing >= len(openers) or surplus >= len(closers):
                    continue
                if openers[missing].meets(closers[surplus], strict=strict):
                    return missing, surplus
    return None
