"""Names that hold an object of a class, as far as the text says so by itself."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from tree_sitter import Node

from lsp_server.core.types import Span
from lsp_server.syntax.members import class_around
from lsp_server.syntax.parse import Parsed, span_of
from lsp_server.syntax.uses import scope_at, uses

_MADE = frozenset({"call", "new_expression", "call_expression"})
_TYPED = frozenset({"typed_parameter", "typed_default_parameter", "required_parameter", "optional_parameter"})
_BOUND = frozenset({"assignment", "variable_declarator", "assignment_expression"})
_ATTRIBUTES = frozenset({"attribute", "member_expression"})
_TYPES = frozenset({"type", "type_annotation"})
_WITHIN_TYPES = frozenset({"binary_operator", "union_type", "generic_type", "type_parameter", "subscript"})
_MAY_LACK = re.compile(r":?(?:Optional\[(?:\w+\.)?\w+\]|(?:\w+\.)?\w+\|(?:None|null|undefined))")
"""A type of one class, whose object may be absent."""
_OWN = re.compile(r"(?:self|this)\.[^\W\d]\w*")
_NOTHING = frozenset({"None", "null", "undefined"})


@dataclass(frozen=True, slots=True)
class Holding:
    """`name`, as known in `scope` (None: outside of all functions), holds an object.

    An attribute of an object itself, as `self.x`, is known in its class.
    """

    name: str
    scope: Span | None


def instances(parsed: Parsed, class_name: str) -> frozenset[Holding]:
    """The names to which `class_name(...)` is assigned, or that are declared to be of that type.

    A name that is bound to something else as well in its scope is none.
    """
    found: Counter[Holding] = Counter()
    for use in uses(parsed, class_name):
        held = _held(parsed, parsed.node_at(use.span)) if not use.binds else None
        if held is not None:
            found[_holding(parsed, held)] += 1
    sure = frozenset(each for each, count in found.items() if _bindings(parsed, each) <= count)
    for each in sure:
        # what a constructor was given and keeps
        for use in uses(parsed, each.name, each.scope) if "." not in each.name and each.scope else ():
            node = parsed.node_at(use.span)
            held = _target(parsed, node) if node is not None and not (use.binds or use.member) else None
            if held is not None and held.type in _ATTRIBUTES:
                found[_holding(parsed, held)] += 1
    return frozenset(each for each, count in found.items() if _bindings(parsed, each) <= count)


def _holding(parsed: Parsed, node: Node) -> Holding:
    span = span_of(node)
    return Holding(parsed.text[span.start : span.end], _scope(parsed, node))


def _bindings(parsed: Parsed, holding: Holding) -> int:
    """How often the name is bound in its scope; an attribute not counted where it is nothing yet."""
    if "." in holding.name:
        own, _, attribute = holding.name.partition(".")
        places = (use.span for use in uses(parsed, attribute, holding.scope) if use.binds and use.member)
        return sum(
            parsed.text[max(0, each.start - len(own) - 1) : each.start] == f"{own}."
            and not _is_nothing(parsed.node_at(each), parsed)
            for each in places
        )
    bound = (use for use in uses(parsed, holding.name) if use.binds and not use.member)
    return sum(scope_at(parsed, use.span.start) == holding.scope for use in bound)


def _held(parsed: Parsed, node: Node | None) -> Node | None:
    """The name that what is made or typed at `node` goes to."""
    parent = node.parent if node is not None else None
    if node is None or parent is None:
        return None
    if parent.type in _MADE and node in (
        parent.child_by_field_name("function"),
        parent.child_by_field_name("constructor"),
    ):
        return _target(parsed, parent)
    while parent is not None and (
        parent.type in _TYPES | _WITHIN_TYPES or parent.child_by_field_name("attribute") == node
    ):
        node, parent = parent, parent.parent
    within = span_of(node)
    written = "".join(parsed.text[within.start : within.end].split())
    if node.type in _TYPES and re.search(r"[\[|<]", written) and not _MAY_LACK.fullmatch(written):
        return None
    if parent is None or node.type not in _TYPES:
        return None
    if parent.type in _TYPED:
        named = parent.child_by_field_name("name") or parent.child_by_field_name("pattern")
        return _name(parsed, named or next(iter(parent.named_children), None))
    return _name(parsed, parent.child_by_field_name("left") or parent.child_by_field_name("name"))


def _target(parsed: Parsed, made: Node) -> Node | None:
    parent = made.parent
    if parent is None or parent.type not in _BOUND:
        return None
    if made not in (parent.child_by_field_name("right"), parent.child_by_field_name("value")):
        return None
    return _name(parsed, parent.child_by_field_name("left") or parent.child_by_field_name("name"))


def _name(parsed: Parsed, node: Node | None) -> Node | None:
    if node is None or node.type == "identifier":
        return node
    span = span_of(node)
    own = node.type in _ATTRIBUTES and _OWN.fullmatch(parsed.text[span.start : span.end])
    return node if own else None


def _scope(parsed: Parsed, node: Node) -> Span | None:
    start = span_of(node).start
    if node.type not in _ATTRIBUTES:
        return scope_at(parsed, start)
    around = class_around(parsed, start)
    return span_of(around) if around is not None else None


def _is_nothing(node: Node | None, parsed: Parsed) -> bool:
    """Whether what is bound at `node` is said to be nothing."""
    while node is not None and node.type not in _BOUND:
        node = node.parent
    value = (node.child_by_field_name("right") or node.child_by_field_name("value")) if node else None
    if node is None or value is None:
        return False
    span = span_of(value)
    return parsed.text[span.start : span.end] in _NOTHING
