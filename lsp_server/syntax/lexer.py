"""Brackets and strings of a stretch of text, found without a grammar.

Fills and half-typed lines seldom parse. What matters there is only which
brackets lie outside strings and comments, and one regular expression per
language tells that in a single pass.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from lsp_server.syntax.languages import Language

CLOSERS = {"(": ")", "[": "]", "{": "}"}


@dataclass(frozen=True, slots=True)
class Bracket:
    """A bracket at code point `at` of the text that was read."""

    at: int
    char: str
    line: int = 0
    """Where its line begins; that of a bracketed part over several lines is its first one."""

    @property
    def opens(self) -> bool:
        """Whether it opens rather than closes."""
        return self.char in CLOSERS


@dataclass(frozen=True, slots=True)
class Lexed:
    """The brackets of a text, and what it ends in.

    `quote` is the delimiter of the string left open at the end and `inside`
    where that string's content begins; `comment` is where the comment left open
    at the end begins.
    """

    brackets: tuple[Bracket, ...]
    quote: str | None = None
    inside: int = 0
    comment: int | None = None

    def unclosed(self) -> tuple[Bracket, ...]:
        """Brackets that open and are not closed, outermost first."""
        stack: list[Bracket] = []
        for bracket in self.brackets:
            if bracket.opens:
                stack.append(bracket)
            elif stack and CLOSERS[stack[-1].char] == bracket.char:
                stack.pop()
        return tuple(stack)

    def unopened(self) -> tuple[Bracket, ...]:
        """Brackets that close nothing, in order, up to the first that closes the wrong one."""
        stack: list[Bracket] = []
        found: list[Bracket] = []
        for bracket in self.brackets:
            if bracket.opens:
                stack.append(bracket)
            elif not stack:
                found.append(bracket)
            elif CLOSERS[stack.pop().char] != bracket.char:
                break
        return tuple(found)


def lex(text: str, language: Language, quote: str | None = None) -> Lexed:
    """Read `text`, which begins inside a string if `quote` is its delimiter."""
    shift = len(quote) if quote else 0
    found: list[tuple[int, str]] = []
    open_quote, inside, comment = None, 0, None
    for match in _pattern(language).finditer((quote or "") + text):
        kind, start = match.lastgroup, match.start() - shift
        if kind == "bracket":
            found.append((start, match[0]))
        elif match.end() == len(text) + shift:
            if kind == "comment" and not _closed(match[0], language):
                comment = start
            elif kind is not None and kind != "comment" and match["end" + kind[1:]] is None:
                open_quote = language.strings[int(kind[1:])]
                inside = start + len(open_quote)
    return Lexed(_with_lines(text, found), open_quote, inside, comment)


def _with_lines(text: str, found: list[tuple[int, str]]) -> tuple[Bracket, ...]:
    """The brackets with the lines they belong to: behind a header in brackets, its first line."""
    stack: list[Bracket] = []
    begins: dict[int, int] = {}
    brackets = []
    for at, char in found:
        start = text.rfind("\n", 0, at) + 1
        bracket = Bracket(at, char, begins.get(start, start))
        brackets.append(bracket)
        if bracket.opens:
            stack.append(bracket)
        elif stack and CLOSERS[stack[-1].char] == char:
            begins[start] = min(stack.pop().line, begins.get(start, start))
    return tuple(brackets)


def string_end(text: str, language: Language, quote: str) -> int | None:
    """Where the string that `text` begins inside ends: the place of its closing `quote`, if any."""
    match = _pattern(language).match(quote + text)
    if match is None or match.lastgroup is None or match["end" + match.lastgroup[1:]] is None:
        return None
    return match.end() - 2 * len(quote)


def _closed(comment: str, language: Language) -> bool:
    block = language.block_comment
    return block is not None and comment.startswith(block[0]) and comment.endswith(block[1])


def without_comment(line: str, language: Language) -> str:
    """`line` without the comment at its end and without blanks there."""
    at = lex(line, language).comment
    return line[:at].rstrip()


@cache
def _pattern(language: Language) -> re.Pattern[str]:
    comments = [_line_comment(mark) for mark in language.comments]
    if language.block_comment:
        start, end = (re.escape(mark) for mark in language.block_comment)
        comments.insert(0, rf"{start}(?:(?!{end}).)*(?:{end})?")
    groups = [f"(?P<comment>{'|'.join(comments)})"] if comments else []
    groups += [_string(language, index, mark) for index, mark in enumerate(language.strings)]
    if language.char_quote:
        groups.append(r"(?:'(?:\\[^'\n]*|[^'\\\n])')")
    if language.pairs:
        groups.append(f"(?P<bracket>[{re.escape(language.pairs)}])")
    return re.compile("|".join(groups) or "(?!)", re.DOTALL)


def _line_comment(mark: str) -> str:
    # a `#` inside a word (bash's `${#x}`, a URL's fragment) begins no comment
    inside = r"(?<![\w$&{])" if mark == "#" else ""
    return rf"{inside}{re.escape(mark)}[^\n]*"


def _string(language: Language, index: int, mark: str) -> str:
    end = re.escape(mark)
    inside = rf"(?!{end})[^\\]" if mark in language.long_strings else rf"[^\\\n{end}]"
    return rf"(?P<s{index}>{end}(?:\\.|{inside})*\\?(?P<end{index}>{end})?)"
