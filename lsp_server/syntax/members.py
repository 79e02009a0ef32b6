"""What belongs to a class: who is asked behind a dot, and which names are known behind one only."""

from __future__ import annotations

from tree_sitter import Node

from lsp_server.core.types import Span
from lsp_server.syntax import kinds
from lsp_server.syntax.parse import Parsed, span_of

_CLASS = "class"
_SHORTHAND = frozenset({"shorthand_property_identifier", "shorthand_property_identifier_pattern"})


def class_around(parsed: Parsed, offset: int) -> Node | None:
    """The class whose method or body holds `offset`."""
    node = parsed.node_at(Span(offset, offset))
    while node is not None and not is_class(node):
        node = node.parent
    return node


def is_class(node: Node) -> bool:
    """Whether it is a class, not the word `class`."""
    return node.is_named and kinds.DEFINITIONS.get(node.type) == _CLASS


def name_of(parsed: Parsed, node: Node | None) -> str:
    """The name that a class has, or nothing."""
    named = node.child_by_field_name("name") if node is not None else None
    return _text(parsed, span_of(named)) if named is not None else ""


def named_at(node: Node | None) -> Span | None:
    """Where a class has its name."""
    named = node.child_by_field_name("name") if node is not None else None
    return span_of(named) if named is not None else None


def class_of_name(parsed: Parsed, span: Span) -> Node | None:
    """The class in whose body the name at `span` is bound itself, as a method or a field."""
    node = parsed.node_at(span)
    if node is None or node.parent is None:
        return None
    around: Node | None = node.parent
    if node.parent.child_by_field_name("name") == node and _defines(node.parent):
        around = node.parent.parent
    while around is not None and around.type not in kinds.FUNCTIONS:
        if is_class(around):
            return around
        around = around.parent
    return None


def receiver_of(parsed: Parsed, span: Span) -> str:
    """What stands before the dot of the member at `span`, without blanks; nothing if there is no dot."""
    node = parsed.node_at(span)
    parent = node.parent if node is not None else None
    if node is None or parent is None:
        return ""
    held = parent.child_by_field_name("object")
    return "".join(_text(parsed, span_of(held)).split()) if held is not None and held != node else ""


def maker_of(parsed: Parsed, span: Span) -> str:
    """What was called to get what stands before the dot of the member at `span`; nothing if nothing was."""
    node = parsed.node_at(span)
    held = node.parent.child_by_field_name("object") if node is not None and node.parent is not None else None
    if held is None or held.type not in {"call", "new_expression"}:
        return ""
    made = held.child_by_field_name("function") or held.child_by_field_name("constructor")
    return "".join(_text(parsed, span_of(made)).split()) if made is not None else ""


def is_shorthand(parsed: Parsed, span: Span) -> bool:
    """Whether the name at `span` is both the key and the value, as in JavaScript's `{name}`."""
    node = parsed.node_at(span)
    return node is not None and node.type in _SHORTHAND


def _defines(node: Node) -> bool:
    return node.type in kinds.FUNCTIONS or node.type in kinds.DEFINITIONS


def _text(parsed: Parsed, span: Span) -> str:
    return parsed.text[span.start : span.end]
