"""What of a text can be locked by what it is: names, literals, signatures, comments."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from enum import StrEnum

from tree_sitter import Node

from lsp_server.core.types import Span
from lsp_server.syntax import kinds
from lsp_server.syntax.bodies import is_docstring
from lsp_server.syntax.parse import Parsed, span_of

_NUMBERS = ("integer", "float", "number", "decimal", "imaginary", "int_literal", "real_literal", "boolean")
_WORDS = frozenset({"true", "false", "none", "null", "nil", "undefined", "simple_symbol"})
_NAMES = frozenset({"constant", "name", "word", "property_name", "instance_variable", "global_variable"})
_MEMBERS = frozenset({"property_identifier", "field_identifier", "statement_identifier"})


class Lock(StrEnum):
    """Kinds of code that a rewrite can be kept from changing."""

    NAMES = "names"
    LITERALS = "literals"
    SIGNATURES = "signatures"
    """Of functions and classes: all before their bodies."""
    COMMENTS = "comments"
    """Docstrings too."""


def locked_spans(parsed: Parsed, within: Span, wanted: Collection[Lock]) -> tuple[Span, ...]:
    """Where code of the wanted kinds stands in `within`, in order; none overlaps another.

    Empty without a tree.
    """
    if parsed.root is None or not wanted:
        return ()
    found = (span for kind in wanted for span in _FINDERS[kind](parsed, within))
    clipped = (_clipped(span, within) for span in found)
    return merged(span for span in clipped if len(span))


def grown_to_locked(parsed: Parsed, span: Span, wanted: Collection[Lock]) -> Span:
    """`span` and all that it touches of the wanted kinds, also where it is an empty place inside."""
    near = Span(max(span.start - 1, 0), min(span.end + 1, len(parsed.text)))
    found = (each for kind in wanted for each in _FINDERS[kind](parsed, near))
    touched = [span, *(each for each in found if each.start <= span.end and span.start <= each.end)]
    return Span(min(each.start for each in touched), max(each.end for each in touched))


def merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Spans in order; those that overlap are one, those that only meet are not."""
    done: list[Span] = []
    for span in sorted(spans):
        if done and (span.start < done[-1].end or span == done[-1]):
            done[-1] = Span(done[-1].start, max(done[-1].end, span.end))
        else:
            done.append(span)
    return tuple(done)


def is_name(node: Node) -> bool:
    """Whether a node is a name, of whatever is named."""
    return node.is_named and not node.named_child_count and ("identifier" in node.type or node.type in _NAMES)


def is_variable_name(node: Node) -> bool:
    """Whether a node is a name, and neither behind a dot nor that of an argument or property."""
    before, parent = node.prev_sibling, node.parent
    if not is_name(node) or node.type in _MEMBERS or (before and before.type in {".", "?."}):
        return False
    named = parent is not None and parent.type == "keyword_argument"
    return not (named and parent is not None and parent.child_by_field_name("name") == node)


def token_at(parsed: Parsed, span: Span) -> Span | None:
    """The name that `span` covers, or None if that is something else."""
    node = parsed.node_at(span) if len(span) else None
    return span if node is not None and is_name(node) and span_of(node) == span else None


def is_literal(node: Node) -> bool:
    """Whether a node is a whole string, number, or truth value."""
    kind = node.type
    if kinds.is_string(kind) or kind.lower().removesuffix("_literal") in _WORDS:
        return True
    return node.is_named and not node.named_child_count and any(part in kind for part in _NUMBERS)


def nodes(parsed: Parsed, within: Span, stop: Callable[[Node], bool]) -> Iterator[Node]:
    """The nodes that touch `within`, in order; what is inside one at which to `stop` is left out."""
    stack = [parsed.root] if parsed.root is not None else []
    while stack:
        node = stack.pop()
        span = span_of(node)
        if span.end <= within.start or within.end <= span.start:
            continue
        yield node
        if not stop(node):
            stack += node.children[::-1]


def _names(parsed: Parsed, within: Span) -> Iterator[Span]:
    return (span_of(node) for node in nodes(parsed, within, is_name) if is_name(node))


def _literals(parsed: Parsed, within: Span) -> Iterator[Span]:
    found = (node for node in nodes(parsed, within, is_literal) if is_literal(node))
    return (span_of(node) for node in found if not is_documentation(node))


def _comments(parsed: Parsed, within: Span) -> Iterator[Span]:
    for node in nodes(parsed, within, _is_remark):
        if _is_remark(node):
            span = span_of(node)
            text = parsed.text[span.start : span.end]
            yield Span(span.start, span.start + len(text.rstrip()))


def _is_remark(node: Node) -> bool:
    return kinds.is_comment(node.type) or is_documentation(node)


def is_documentation(node: Node) -> bool:
    """Whether a node is a string that is a statement by itself."""
    parent = node.parent
    if parent is not None and parent.type == "expression_statement" and parent.named_child_count == 1:
        parent = parent.parent
    return is_docstring(node) and parent is not None and parent.type in kinds.BLOCKS


def _signatures(parsed: Parsed, within: Span) -> Iterator[Span]:
    for node in nodes(parsed, within, lambda _: False):
        header = header_of(parsed, node)
        if header is not None:
            yield header


def header_of(parsed: Parsed, node: Node) -> Span | None:
    """What stands before the body of a function or class that has a name; None of anything else."""
    defines = node.is_named and (node.type in kinds.FUNCTIONS or node.type in kinds.DEFINITIONS)
    body = node.child_by_field_name("body") if defines else None
    if body is None or not any(node.child_by_field_name(field) for field in ("name", "declarator")):
        return None
    start = span_of(node).start
    head = parsed.text[start : span_of(body).start]
    return Span(start, start + len(head.rstrip()))


_FINDERS: dict[Lock, Callable[[Parsed, Span], Iterator[Span]]] = {
    Lock.NAMES: _names,
    Lock.LITERALS: _literals,
    Lock.SIGNATURES: _signatures,
    Lock.COMMENTS: _comments,
}


def _clipped(span: Span, within: Span) -> Span:
    start = min(max(span.start, within.start), within.end)
    return Span(start, min(max(span.end, start), within.end))
