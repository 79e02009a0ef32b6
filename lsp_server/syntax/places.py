"""What surrounds an offset: its line, the lines next to it, and the syntax it stands in."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from tree_sitter import Node

from lsp_server.core.text import WINDOW, indent_unit, indent_width, line_end, line_start
from lsp_server.core.types import Span
from lsp_server.syntax import kinds
from lsp_server.syntax.languages import Style
from lsp_server.syntax.lexer import lex, without_comment
from lsp_server.syntax.parse import Parsed, span_of

_BRACKET_OPENER = re.compile(r"[(\[{]$")
_QUOTES = "\"'`"
_CLOSER = re.compile(r"\s*(?:[)\]}]|</)")


@dataclass(frozen=True, slots=True)
class Place:
    """The neighbourhood of a span. Lines carry no line break; a long line is cut to a window."""

    prefix: str
    """The line left of the span."""
    rest: str
    """The line right of the span."""
    above: str
    """The nearest non-blank line before; empty if there is none near."""
    below: tuple[str, ...]
    """The non-blank lines after, nearest first, as far as the window reaches."""
    unit: str
    """One level of indentation as used near; empty if nothing near is indented."""

    @property
    def on_blank_line(self) -> bool:
        """Whether nothing but blanks stands on the line."""
        return not self.prefix.strip() and not self.rest.strip()


def place_at(parsed: Parsed, span: Span) -> Place:
    """What surrounds `span`."""
    text = parsed.text
    start, end = line_start(text, span.start), line_end(text, span.end)
    before = text[max(0, start - WINDOW) : start].splitlines()
    after = text[end : end + WINDOW].splitlines()[1:]
    above = next((line for line in reversed(before) if line.strip()), "")
    below = tuple(line for line in after if line.strip())
    return Place(text[start : span.start], text[span.end : end], above, below, indent_unit(text, span.start))


def opens_block(parsed: Parsed, line: str) -> bool:
    """Whether a block begins after `line`."""
    code = without_comment(line, parsed.language)
    return bool(re.search(parsed.language.opener, code) or _ends_in_bracket(parsed, code))


def _ends_in_bracket(parsed: Parsed, code: str) -> bool:
    return not parsed.language.prose and bool(_BRACKET_OPENER.search(code))


def closes_block(parsed: Parsed, line: str) -> bool:
    """Whether `line` begins with what ends a block."""
    if _CLOSER.match(line):
        return True
    first = re.match(r"\s*([\w;]+)", line)
    return first is not None and first[1] in parsed.language.block_ends


def lacks_closer(parsed: Parsed, place: Place, opener: str) -> bool:
    """Whether the block that the line `opener` begins has no end yet."""
    by_indent = parsed.language.style in {Style.INDENT, Style.NONE} and not _BRACKET_OPENER.search(opener)
    if by_indent or closes_block(parsed, place.rest):
        return False
    following = next(iter(place.below), "")
    return not (closes_block(parsed, following) and indent_width(following) == indent_width(opener))


def in_comment_or_string(parsed: Parsed, offset: int) -> bool:
    """Whether what is typed at `offset` belongs to a comment or to the inside of a string."""
    if _enclosing(parsed, offset, _is_text) is not None:
        return True
    root = parsed.root
    if root is not None and not root.has_error:
        return False
    if _enclosing(parsed, offset, _is_code_in_string) is not None:
        return False
    # a half-typed string or comment is no node yet
    read = lex(parsed.text[line_start(parsed.text, offset) : offset], parsed.language)
    return read.quote is not None or read.comment is not None


def enclosing_text(parsed: Parsed, offset: int) -> Span | None:
    """The comment or string that `offset` lies inside, if there is a tree to tell."""
    node = _enclosing(parsed, offset, _is_text)
    return span_of(node) if node is not None else None


def _enclosing(parsed: Parsed, offset: int, wanted: Callable[[Parsed, Node, int], bool]) -> Node | None:
    """The innermost `wanted` node at `offset`, not looking out of code in a string."""
    node = parsed.node_at(Span(offset - 1, offset)) if offset > 0 else None
    while node is not None:
        if node.is_named and wanted(parsed, node, offset):
            return node
        node = None if kinds.is_inserted(node.type) else node.parent
    return None


def _is_code_in_string(_parsed: Parsed, node: Node, _offset: int) -> bool:
    return kinds.is_inserted(node.type)


def _is_text(parsed: Parsed, node: Node, offset: int) -> bool:
    span, parent = span_of(node), node.parent
    if not span.start < offset:
        return False
    if kinds.is_comment(node.type):
        whole = parent is None or not kinds.is_comment(parent.type)
        return offset < span.end or (whole and _runs_to_line_end(parsed, span))
    if parent is not None and kinds.is_string(parent.type):
        return False
    if kinds.is_string(node.type) or (node.type == "literal" and parsed.text[span.start] in _QUOTES):
        return offset < span.end or parsed.text[span.end - 1] not in _QUOTES + "]#"
    return False


def _runs_to_line_end(parsed: Parsed, span: Span) -> bool:
    return any(parsed.text.startswith(mark, span.start) for mark in parsed.language.comments)
