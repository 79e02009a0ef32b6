"""Names that hold an object of a class, as far as the text says so by itself."""

from __future__ import annotations

from dataclasses import dataclass

from tree_sitter import Node

from lsp_server.core.types import Span
from lsp_server.syntax.parse import Parsed, span_of
from lsp_server.syntax.uses import scope_at, uses

_MADE = frozenset({"call", "new_expression", "call_expression"})
_TYPED = frozenset({"typed_parameter", "typed_default_parameter", "required_parameter", "optional_parameter"})
_BOUND = frozenset({"assignment", "variable_declarator"})
_TYPES = frozenset({"type", "type_annotation"})


@dataclass(frozen=True, slots=True)
class Holding:
    """`name`, as known in `scope` (None: outside of all functions), holds an object."""

    name: str
    scope: Span | None


def instances(parsed: Parsed, class_name: str) -> frozenset[Holding]:
    """The names to which `class_name(...)` is assigned, or that are declared to be of that type.

    A name that is bound to something else as well in its scope is none.
    """
    found: dict[Holding, int] = {}
    for use in uses(parsed, class_name):
        held = _held(parsed.node_at(use.span)) if not use.binds else None
        if held is not None:
            span = span_of(held)
            holding = Holding(parsed.text[span.start : span.end], scope_at(parsed, span.start))
            found[holding] = found.get(holding, 0) + 1
    return frozenset(each for each, count in found.items() if _bindings(parsed, each) == count)


def _bindings(parsed: Parsed, holding: Holding) -> int:
    """How often the name is bound in its scope."""
    bound = (use for use in uses(parsed, holding.name) if use.binds and not use.member)
    return sum(scope_at(parsed, use.span.start) == holding.scope for use in bound)


def _held(node: Node | None) -> Node | None:
    """The name that what is made or typed at `node` goes to."""
    parent = node.parent if node is not None else None
    if node is None or parent is None:
        return None
    if parent.type in _MADE and node in (
        parent.child_by_field_name("function"),
        parent.child_by_field_name("constructor"),
    ):
        return _target(parent)
    while parent is not None and parent.type in _TYPES:
        node, parent = parent, parent.parent
    if parent is None or node.type not in _TYPES:
        return None
    if parent.type in _TYPED:
        named = parent.child_by_field_name("name") or parent.child_by_field_name("pattern")
        return _name(named or next(iter(parent.named_children), None))
    return _name(parent.child_by_field_name("left") or parent.child_by_field_name("name"))


def _target(made: Node) -> Node | None:
    parent = made.parent
    if parent is None or parent.type not in _BOUND:
        return None
    if made not in (parent.child_by_field_name("right"), parent.child_by_field_name("value")):
        return None
    return _name(parent.child_by_field_name("left") or parent.child_by_field_name("name"))


def _name(node: Node | None) -> Node | None:
    return node if node is not None and node.type == "identifier" else None
