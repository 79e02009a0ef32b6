"""Holes that the user marked in the text: placeholders, TODO-only bodies and marker comments."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from lsp_server.core.text import indent_width, leading, line_end, line_start
from lsp_server.core.types import Span
from lsp_server.syntax import kinds
from lsp_server.syntax.bodies import body_at, node_around
from lsp_server.syntax.lexer import lex
from lsp_server.syntax.parse import LARGEST, Parsed
from lsp_server.syntax.places import Place, in_comment_or_string, opens_block, place_at

__all__ = ["MarkedHole", "body_at", "find_holes", "node_around"]

Kind = Literal["ellipsis", "todo", "marker"]

_PLACEHOLDER = (
    r"\.\.\.|pass\b|raise NotImplementedError\b[^\n]*|(?:todo|unimplemented)!\([^\n)]*\);?"
    r"|TODO\([^\n)]*\)|throw new \w*Error\([\"'][Nn]ot implemented[^\n]*"
)
_CANDIDATE = re.compile(
    rf"(?P<marker>\bremask:)|(?P<word>(?<!\w)___(?!\w))|(?P<placeholder>(?<![\w.])(?:{_PLACEHOLDER}))"
    r"|(?P<todo>\b(?:TODO|FIXME)\b)"
)
_ONLY_PLACEHOLDER = re.compile(rf"\s*(?:{_PLACEHOLDER})\s*;?\s*")
_INSTRUCTION = re.compile(r"\b(?:remask:|(?:TODO|FIXME)(?:\([^)\n]*\))?\s*[:\-]?)[ \t]*(?P<words>[^\n]*)")
_COMMENT_END = re.compile(r"\s*(?:\*/|-->|\]\])?\s*$")
_MARKER_LINE = re.compile(r"\s*(?:#|//|--|;|%|/\*|<!--)\s*remask:")


@dataclass(frozen=True, slots=True)
class MarkedHole:
    """A part of the text that the user wants written.

    `kind` is "ellipsis" for a body of ``...`` or the like, "todo" for a body of
    nothing but a TODO comment, "marker" for ``remask:`` comments and ``___``.
    `instruction` is what the comment asks for.
    """

    span: Span
    kind: Kind
    instruction: str | None = None


def find_holes(parsed: Parsed, within: Span | None = None) -> tuple[MarkedHole, ...]:
    """The marked holes of the text, or of the part `within`, in order; none overlaps another.

    A text too large for a tree is searched only within a part.
    """
    text = parsed.text
    if within is None and len(text) > LARGEST:
        return ()
    start, end = (within.start, min(within.end, len(text))) if within else (0, len(text))
    found: list[MarkedHole] = []
    for match in _CANDIDATE.finditer(text, min(start, end), end):
        hole = _hole(parsed, match)
        if hole is not None and not (found and hole.span.start < found[-1].span.end):
            found.append(hole)
    return tuple(found)


def _hole(parsed: Parsed, match: re.Match[str]) -> MarkedHole | None:
    span = Span(match.start(), match.end())
    if match.lastgroup == "word":
        return MarkedHole(span, "marker") if _is_code(parsed, span) else None
    if match.lastgroup == "placeholder" and not in_comment_or_string(parsed, span.start + 1):
        return _placeholder(parsed, span)
    return _comment(parsed, span, marker=match.lastgroup == "marker")


def _is_code(parsed: Parsed, span: Span) -> bool:
    return not parsed.language.prose and not in_comment_or_string(parsed, span.start + 1)


def _placeholder(parsed: Parsed, span: Span) -> MarkedHole | None:
    body = body_at(parsed, span)
    if body is None or not body.contains(Span(span.start, span.start + 1)):
        return None
    run = _run(parsed, span)
    if run is not None and _alone(parsed, run) and _in_function_itself(parsed, span):
        return _marked(parsed, run)
    if _ONLY_PLACEHOLDER.fullmatch(parsed.text, body.start, body.end):
        return MarkedHole(body, "ellipsis")
    return None


def _comment(parsed: Parsed, span: Span, *, marker: bool) -> MarkedHole | None:
    comment = _comment_span(parsed, span)
    if comment is None:
        return None
    run = _run(parsed, comment)
    if run is not None and _alone(parsed, run):
        return _marked(parsed, run)
    return _marked(parsed, comment) if marker else None


def _comment_span(parsed: Parsed, span: Span) -> Span | None:
    """The comment on one line that holds `span`, from its starter to its end."""
    text = parsed.text
    start, end = line_start(text, span.start), line_end(text, span.start)
    if not parsed.has_tree or parsed.language.prose:
        match = _MARKER_LINE.match(text, start, end)
        return Span(start + len(leading(text[start:end])), end) if match else None
    at = lex(text[start : span.end], parsed.language).comment
    if at is None or not in_comment_or_string(parsed, span.end):
        return None
    block = parsed.language.block_comment
    if block and text.startswith(block[0], start + at):
        close = text.find(block[1], span.end, end)
        end = close + len(block[1]) if close >= 0 else end
    return Span(start + at, end)


def _run(parsed: Parsed, span: Span) -> Span | None:
    """The lines around `span` that are all comments and placeholders, without the first one's indentation."""
    text = parsed.text
    start, end = line_start(text, span.start), line_end(text, span.end)
    if not _is_filler(parsed, text[start:end]):
        return None
    indent = indent_width(text[start:end])
    while start > 0:
        above = line_start(text, start - 1)
        line = text[above:start].rstrip("\r\n")
        if not _is_filler(parsed, line) or indent_width(line) != indent:
            break
        start = above
    for line in _lines_below(text, end):
        if not _is_filler(parsed, line) or indent_width(line) != indent:
            break
        end = line_end(text, text.index("\n", end) + 1)
    return Span(start + indent, end)


def _lines_below(text: str, end: int) -> Iterator[str]:
    while (newline := text.find("\n", end, end + 2)) >= 0:
        end = line_end(text, newline + 1)
        yield text[newline + 1 : end]


def _is_filler(parsed: Parsed, line: str) -> bool:
    code = line.strip()
    block = parsed.language.block_comment
    whole_block = block is not None and code.startswith(block[0]) and code.endswith(block[1])
    return (
        whole_block
        or code.startswith(parsed.language.comments or "\0")
        or bool(_ONLY_PLACEHOLDER.fullmatch(code))
    )


def _alone(parsed: Parsed, run: Span) -> bool:
    """Whether the lines of `run` are all there is in their block, a docstring aside."""
    place: Place = place_at(parsed, run)
    indent = indent_width(place.prefix)
    above = place.above.rstrip()
    headed = (opens_block(parsed, above) and indent_width(above) < indent) or above.endswith(('"""', "'''"))
    return headed and (not place.below or indent_width(place.below[0]) < indent)


def _in_function_itself(parsed: Parsed, span: Span) -> bool:
    """Whether the innermost block around `span` is a function's body, not that of a loop or a class."""
    node = parsed.node_at(span)
    while node is not None and node.type not in kinds.BLOCKS:
        node = node.parent
    while node is not None and node.parent is not None and node.parent.type in kinds.BLOCKS:
        node = node.parent
    return node is not None and node.parent is not None and node.parent.type in kinds.FUNCTIONS


def _marked(parsed: Parsed, span: Span) -> MarkedHole:
    text = parsed.text[span.start : span.end]
    match = _INSTRUCTION.search(text)
    words = _COMMENT_END.sub("", match["words"]) if match else ""
    kind: Kind = "marker" if "remask:" in text else "todo" if match else "ellipsis"
    return MarkedHole(span, kind, words or None)
