"""Functions that have a name, with their parameters: at a place, or by that name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tree_sitter import Node

from lsp_server.core.types import Span
from lsp_server.syntax import kinds
from lsp_server.syntax.parse import Parsed, span_of
from lsp_server.syntax.uses import uses

_OWN = frozenset({"self", "cls", "this"})
_DECLARATOR = "variable_declarator"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a function; an `optional` one may be left out."""

    name: str
    optional: bool


@dataclass(frozen=True, slots=True)
class Function:
    """A function that has a name; a method's own object is none of its parameters."""

    name: str
    span: Span
    header: Span
    parameters: tuple[Parameter, ...]


def functions_at(parsed: Parsed, span: Span) -> tuple[Function, ...]:
    """The named functions whose header `span` touches, innermost first."""
    found = []
    node = parsed.node_at(span)
    while node is not None:
        held = node.child_by_field_name("value") if node.type == _DECLARATOR else node
        if held is not None and held.type in kinds.FUNCTIONS and (function := _function(parsed, held)):
            header = function.header
            if header.start <= span.end and span.start <= header.end:
                found.append(function)
        node = node.parent
    return tuple(found)


def function_named(parsed: Parsed, name: str, near: int) -> Function | None:
    """The function of that name that begins nearest to `near`."""
    places = (use.span.start for use in uses(parsed, name) if use.binds)
    for place in sorted(places, key=lambda start: abs(start - near)):
        for function in functions_at(parsed, Span(place, place)):
            if function.name == name:
                return function
    return None


def _function(parsed: Parsed, node: Node) -> Function | None:
    name, held = node.child_by_field_name("name"), node.child_by_field_name("parameters")
    if held is None:
        return None
    if name is None and node.parent is not None and node.parent.type == _DECLARATOR:
        name = node.parent.child_by_field_name("name")
    if name is None:
        return None
    found = tuple(_parameters(parsed, held))
    if found and found[0].name in _OWN:
        found = found[1:]
    start = span_of(name).start
    return Function(_text(parsed, name), span_of(node), Span(start, span_of(held).end), found)


def _parameters(parsed: Parsed, held: Node) -> Iterator[Parameter]:
    for node in held.named_children:
        if kinds.is_comment(node.type) or "separator" in node.type:
            continue
        text = _text(parsed, node)
        name = re.search(r"[^\W\d]\w*", text)
        spread = text.startswith(("*", "..."))
        if name:
            optional = spread or "=" in text or node.type == "optional_parameter"
            yield Parameter(name[0], optional)


def _text(parsed: Parsed, node: Node) -> str:
    span = span_of(node)
    return parsed.text[span.start : span.end]
