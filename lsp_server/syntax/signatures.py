"""Headers of functions: what each parameter is called, how it is given, and what holds the function."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from tree_sitter import Node

from lsp_server.core.types import Span
from lsp_server.syntax import kinds
from lsp_server.syntax.members import is_class, name_of
from lsp_server.syntax.parse import Parsed, span_of

LANGUAGES = frozenset({"python", "javascript", "javascriptreact", "typescript", "typescriptreact"})
"""Those whose headers are understood."""
_OWN = frozenset({"self", "cls", "this", "mcs"})
_STATIC = re.compile(r"@staticmethod\b")
_BY_CLASS = re.compile(r"@(?:static|class)method\b")
_DECLARATOR = "variable_declarator"


class Way(StrEnum):
    """How a parameter is given."""

    EITHER = "either"
    """By its place; in Python by its name as well."""
    PLACE = "place"
    NAME = "name"
    REST = "rest"
    """Takes all further arguments without a name, or with one (`NAMED_REST`)."""
    NAMED_REST = "named-rest"


@dataclass(frozen=True, slots=True)
class Slot:
    """One parameter; `span` is all of it, with `type` and `default`, as they are written."""

    name: str
    way: Way
    optional: bool
    span: Span
    default: str = ""
    type: str = ""


@dataclass(frozen=True, slots=True)
class Signature:
    """A function that has a name. A method's own object is no slot; `holder` is its class.

    `brackets` are the parameters with their brackets, `span` all of the function. One called `by_class`
    needs no object.
    """

    name: str
    at: Span
    span: Span
    brackets: Span
    slots: tuple[Slot, ...]
    holder: str = ""
    by_class: bool = False

    @property
    def called(self) -> str:
        """What calls name: the class in place of its constructor."""
        return self.holder if self.holder and self.name in {"__init__", "constructor"} else self.name


def signature_at(parsed: Parsed, offset: int) -> Signature | None:
    """The function whose header holds `offset`: from its first word to the end of its parameters."""
    node = parsed.node_at(Span(offset, offset))
    while node is not None:
        held = node.child_by_field_name("value") if node.type == _DECLARATOR else node
        found = _signature(parsed, held) if held is not None and held.type in kinds.FUNCTIONS else None
        if found is not None:
            return found if found.span.start <= offset <= found.brackets.end else None
        node = node.parent
    return None


def signatures(parsed: Parsed) -> tuple[Signature, ...]:
    """Every function that has a name, in order."""
    return tuple(_below(parsed, parsed.root)) if parsed.root is not None else ()


def _below(parsed: Parsed, node: Node) -> Iterator[Signature]:
    waiting = [node]
    while waiting:
        each = waiting.pop()
        if each.is_named and each.type in kinds.FUNCTIONS and (found := _signature(parsed, each)):
            yield found
        waiting += reversed(each.named_children)


def _signature(parsed: Parsed, node: Node) -> Signature | None:
    held, named = node.child_by_field_name("parameters"), node.child_by_field_name("name")
    parent = node.parent
    if named is None and parent is not None and parent.type == _DECLARATOR:
        named = parent.child_by_field_name("name")
    if held is None or named is None:
        return None
    slots = tuple(_slots(parsed, held))
    holder = _holder(node)
    own = bool(slots) and holder is not None
    if own and (slots[0].name in _OWN or (parsed.language.id == "python" and not _is(_STATIC, parsed, node))):
        slots = slots[1:]
    whole, name = span_of(node), span_of(named)
    start = min(whole.start, name.start)
    at = Signature(_text(parsed, named), name, Span(start, whole.end), span_of(held), slots)
    by_class = _is(_BY_CLASS, parsed, node) or any(child.type == "static" for child in node.children)
    return replace(at, holder=name_of(parsed, holder), by_class=by_class)


def _is(decorator: re.Pattern[str], parsed: Parsed, node: Node) -> bool:
    around = node.parent
    if around is None or around.type != "decorated_definition":
        return False
    return bool(decorator.search(parsed.text, span_of(around).start, span_of(node).start))


def _holder(node: Node) -> Node | None:
    """The class that a method stands in; nothing for a function inside another."""
    around = node.parent
    while around is not None and around.type not in kinds.FUNCTIONS:
        if is_class(around):
            return around
        around = around.parent
    return None


def _slots(parsed: Parsed, held: Node) -> Iterator[Slot]:
    slots: list[Slot] = []
    by_name = False
    for node in held.named_children:
        if kinds.is_comment(node.type):
            continue
        text = _text(parsed, node)
        if "separator" in node.type:
            by_name = by_name or text.startswith("*")
            if text.startswith("/"):
                slots = [replace(each, way=Way.PLACE) for each in slots]
            continue
        pattern = node.child_by_field_name("pattern")
        name = re.search(r"[^\W\d]\w*", _text(parsed, pattern) if pattern is not None else text)
        way = Way.NAME if by_name else Way.EITHER
        if text.startswith("**"):
            way = Way.NAMED_REST
        elif text.startswith(("*", "...")):
            way, by_name = Way.REST, parsed.language.id == "python"
        optional = way in {Way.REST, Way.NAMED_REST} or _has_default(node)
        value = node.child_by_field_name("value") or node.child_by_field_name("right")
        default = _text(parsed, value) if value is not None else ""
        written = _type(parsed, node)
        slots.append(Slot(name[0] if name else "", way, optional, span_of(node), default, written))
    yield from slots


def declared_type(parsed: Parsed, span: Span) -> str:
    """The type that is written for the name bound at `span`; nothing if there is none."""
    node = parsed.node_at(span)
    parent = node.parent if node is not None else None
    return _type(parsed, parent) if parent is not None and parent.type not in kinds.FUNCTIONS else ""


def _type(parsed: Parsed, node: Node) -> str:
    found = node.child_by_field_name("type")
    return _text(parsed, found).lstrip(": ") if found is not None else ""


def _has_default(node: Node) -> bool:
    if node.type in {"optional_parameter", "default_parameter", "typed_default_parameter"}:
        return True
    return node.type == "assignment_pattern" or node.child_by_field_name("value") is not None


def _text(parsed: Parsed, node: Node) -> str:
    span = span_of(node)
    return parsed.text[span.start : span.end]
