"""The parts of a text that people write in one go: expressions, arguments, conditions, bodies, comments."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from enum import StrEnum

from tree_sitter import Node

from lsp_server.core.types import Span
from lsp_server.syntax import kinds
from lsp_server.syntax.bodies import inside, is_docstring
from lsp_server.syntax.languages import Style
from lsp_server.syntax.parse import Parsed, span_of


class Part(StrEnum):
    """What a part is."""

    EXPRESSION = "expression"
    ARGUMENTS = "arguments"
    """What stands between the brackets of a call or of a function's head."""
    CONDITION = "condition"
    """Of a branch or a loop, without brackets around it."""
    BODY = "body"
    """The statements of a function, behind its docstring."""
    BLOCK = "block"
    """The statements of any other block."""
    STATEMENT = "statement"
    COMMENT = "comment"
    """A comment or docstring with its marks."""
    WORDS = "words"
    """The inside of a comment or docstring."""


_EXPRESSIONS = frozenset(
    {
        "array",
        "array_creation_expression",
        "attribute",
        "await",
        "binary",
        "binary_operator",
        "boolean_operator",
        "call",
        "comparison_operator",
        "composite_literal",
        "concatenated_string",
        "conditional",
        "dictionary",
        "dictionary_comprehension",
        "function_call",
        "generator_expression",
        "hash",
        "interpreted_string_literal",
        "lambda",
        "list",
        "list_comprehension",
        "macro_invocation",
        "method_invocation",
        "not_operator",
        "object",
        "set",
        "set_comprehension",
        "string",
        "string_literal",
        "subscript",
        "table_constructor",
        "template_string",
        "tuple",
        "unary_operator",
    }
)
_NO_EXPRESSIONS = frozenset({"parenthesized_expression"})
_COMMENT_INSIDE = re.compile(
    r"(?:/\*+!?|//[/!]?|#+!?|--\[\[|--+|;+|<!--)[ \t]?(.*?)[\s*]*(?:\*/|\]\]|-->)?\s*$", re.DOTALL
)
_DOCSTRING_INSIDE = re.compile(r"""[rRuUbB]{0,2}(?:\"{3}|'{3}|["'])(.*?)(?:\"{3}|'{3}|["'])$""", re.DOTALL)


def parts(parsed: Parsed, within: Span) -> Mapping[Part, tuple[Span, ...]]:
    """The parts that lie in `within`, of each kind in the order of the text; empty ones are left out.

    Only what `within` touches is visited, so a small span is cheap in a large text.
    """
    found: dict[Part, list[Span]] = {part: [] for part in Part}
    root = parsed.root
    for node in _nodes(root, within) if root is not None else ():
        for part, span in _parts_of(parsed, node):
            if within.contains(span) and parsed.text[span.start : span.end].strip():
                found[part].append(span)
    return {part: tuple(sorted(set(spans))) for part, spans in found.items()}


def _nodes(root: Node, within: Span) -> Iterator[Node]:
    """The named nodes that touch `within`; nothing below an error, nor inside a string or comment."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        span = span_of(node)
        if span.end <= within.start or span.start >= within.end or node.is_error:
            continue
        yield node
        if not (kinds.is_string(node.type) or kinds.is_comment(node.type)):
            waiting.extend(node.named_children)


def _parts_of(parsed: Parsed, node: Node) -> Iterator[tuple[Part, Span]]:
    kind = node.type
    if kinds.is_comment(kind):
        yield from _words(parsed, span_of(node), _COMMENT_INSIDE)
        return
    if kind in _EXPRESSIONS or (kind.endswith("_expression") and kind not in _NO_EXPRESSIONS):
        if not _is_statement(node):
            yield Part.EXPRESSION, span_of(node)
    elif "argument" in kind or "parameter" in kind:
        yield from _bracketed(parsed, Part.ARGUMENTS, span_of(node))
    condition = node.child_by_field_name("condition")
    if condition is not None:
        yield from _condition(parsed, span_of(condition))
    if kind in kinds.FUNCTIONS:
        yield Part.BODY, inside(parsed, node)
    elif kind in kinds.BLOCKS:
        yield from _block(parsed, node)


def _is_statement(node: Node) -> bool:
    parent = node.parent
    return parent is None or parent.type in kinds.BLOCKS or parent.type == "expression_statement"


def _block(parsed: Parsed, block: Node) -> Iterator[tuple[Part, Span]]:
    statements = [node for node in block.named_children if not kinds.is_comment(node.type)]
    for node in statements:
        yield Part.STATEMENT, _trimmed(parsed.text, span_of(node))
    parent = block.parent
    if not statements or parent is None:
        return
    if parsed.language.style is Style.INDENT and is_docstring(statements[0]):
        yield from _words(parsed, span_of(statements[0]), _DOCSTRING_INSIDE)
    if parent.type not in kinds.FUNCTIONS and block.type != "statement_list":
        whole = Span(span_of(statements[0]).start, span_of(statements[-1]).end)
        yield Part.BLOCK, _trimmed(parsed.text, whole)


def _words(parsed: Parsed, span: Span, pattern: re.Pattern[str]) -> Iterator[tuple[Part, Span]]:
    span = _trimmed(parsed.text, span)
    yield Part.COMMENT, span
    match = pattern.match(parsed.text, span.start, span.end)
    if match is not None:
        yield Part.WORDS, _trimmed(parsed.text, Span(*match.span(1)))


def _condition(parsed: Parsed, span: Span) -> Iterator[tuple[Part, Span]]:
    bracketed = tuple(_bracketed(parsed, Part.CONDITION, span))
    yield from bracketed or ((Part.CONDITION, span),)


def _bracketed(parsed: Parsed, part: Part, span: Span) -> Iterator[tuple[Part, Span]]:
    text = parsed.text
    if len(span) > 1 and text[span.start] in "([<" and text[span.end - 1] in ")]>":
        inner = text[span.start + 1 : span.end - 1]
        blanks = len(inner) - len(inner.lstrip(" "))
        yield part, _trimmed(text, Span(span.start + 1 + blanks, span.end - 1))


def _trimmed(text: str, span: Span) -> Span:
    """Without blanks and line breaks at its end."""
    return Span(span.start, span.start + len(text[span.start : span.end].rstrip()))
