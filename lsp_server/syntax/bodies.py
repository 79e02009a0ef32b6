"""Bodies of functions and whole statements around a span."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from lsp_server.core.text import line_end, line_start
from lsp_server.core.types import Span
from lsp_server.syntax import kinds
from lsp_server.syntax.languages import Style
from lsp_server.syntax.parse import Parsed, byte_of, span_of

_LITERAL = "object"


def body_at(parsed: Parsed, span: Span) -> Span | None:
    """The inside of the innermost function that holds `span`: from its first statement to its end.

    A docstring stays outside. Of an empty body it is what lies between the
    braces, or the place behind the header. None outside of every function.
    """
    function = _function_around(parsed, span)
    if function is None and span.start:
        function = _function_around(parsed, span.shifted(-1))
    return inside(parsed, function) if function is not None else None


def _function_around(parsed: Parsed, span: Span) -> Node | None:
    node = parsed.node_at(span)
    while node is not None and not (node.is_named and node.type in kinds.FUNCTIONS):
        node = node.parent
    return node


def inside(parsed: Parsed, function: Node) -> Span:
    """The inside of a function's node, as `body_at` describes it."""
    body = function.child_by_field_name("body") or _last_block(function)
    if body is None:
        end = _before_end(function)
        return Span(end, end)
    statements = body.named_children
    if parsed.language.style is Style.INDENT and statements and is_docstring(statements[0]):
        docstring_end = span_of(statements[0]).end
        start = span_of(statements[1]).start if statements[1:] else docstring_end
        return _without_blanks(parsed.text, Span(start, span_of(body).end))
    if statements:
        return _without_blanks(parsed.text, Span(span_of(statements[0]).start, span_of(statements[-1]).end))
    span = span_of(body)
    if parsed.text[span.start : span.start + 1] == "{" and parsed.text[span.end - 1] == "}" and len(span) > 1:
        return Span(span.start + 1, span.end - 1)
    return span


def _without_blanks(text: str, span: Span) -> Span:
    return Span(span.start, span.start + len(text[span.start : span.end].rstrip()))


def _last_block(function: Node) -> Node | None:
    blocks = [child for child in function.named_children if child.type in kinds.BLOCKS]
    return blocks[-1] if blocks else None


def _before_end(function: Node) -> int:
    """Behind the header of a function that is closed by a word and has nothing in it."""
    children = function.children
    return span_of(children[-2] if len(children) > 1 else function).end


def is_docstring(node: Node) -> bool:
    """Whether a statement is a string and nothing else."""
    return node.type == "string" or (
        node.type == "expression_statement"
        and node.named_child_count == 1
        and node.named_children[0].type == "string"
    )


def node_around(parsed: Parsed, span: Span) -> Span:
    """`span` grown to the whole statements it touches, and to whole lines where only blanks are added.

    A span of blanks is grown to its lines alone, and so is any without a tree.
    """
    text = parsed.text
    span = Span(min(span.start, len(text)), min(span.end, len(text)))
    chosen = text[span.start : span.end]
    if chosen.strip():
        start = span.start + len(chosen) - len(chosen.lstrip())
        span = Span(start, start + len(chosen.strip()))
    elif not text[line_start(text, span.start) : line_end(text, span.end)].strip():
        return _whole_lines(text, span)
    if parsed.has_tree:
        statements = [span_of(node) for node in _statements(parsed, span)]
        if statements:
            span = Span(min(span.start, statements[0].start), max(span.end, statements[-1].end))
        return _blank_margins(text, span)
    return _whole_lines(text, span)


def _whole_lines(text: str, span: Span) -> Span:
    return Span(line_start(text, span.start), line_end(text, span.end))


def _blank_margins(text: str, span: Span) -> Span:
    """`span` with the blanks around it, up to whole lines."""
    lines = _whole_lines(text, span)
    start = span.start if text[lines.start : span.start].strip() else lines.start
    return Span(start, span.end if text[span.end : lines.end].strip() else lines.end)


def _statements(parsed: Parsed, span: Span) -> list[Node]:
    """The statements of the innermost block that `span` touches, or the functions of an object's literal."""
    node = parsed.node_at(span)
    while node is not None:
        if node.is_named and (node.type in kinds.BLOCKS or node.type == _LITERAL or node.parent is None):
            touched = list(_touched(node, span))
            if touched and (node.type != _LITERAL or all(map(_is_function, touched))):
                return touched
        node = node.parent
    return []


def _is_function(member: Node) -> bool:
    """Whether a member of an object's literal is one, as those of components written so are."""
    value = member.child_by_field_name("value") or member
    return value.type in kinds.FUNCTIONS


def _touched(block: Node, span: Span) -> Iterator[Node]:
    cursor = block.walk()
    if cursor.goto_first_child_for_byte(byte_of(span.start)) is None:
        return
    while cursor.node is not None and span_of(cursor.node).start < max(span.end, span.start + 1):
        if cursor.node.is_named:
            yield cursor.node
        if not cursor.goto_next_sibling():
            return
