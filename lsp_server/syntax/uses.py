"""Where a name is used and bound, and the calls of what has it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tree_sitter import Node

from lsp_server.core.types import Span
from lsp_server.syntax import kinds
from lsp_server.syntax.parse import Parsed, span_of

MOST_USES = 400
"""Of one name in one text; a name used more often is left alone."""

_CALLS = frozenset({"call", "call_expression", "method_invocation", "new_expression"})
_PATTERNS = frozenset(
    {"pattern_list", "tuple_pattern", "list_pattern", "object_pattern", "array_pattern", "expression_list"}
)
_TARGETS = frozenset({"as_pattern_target", "shorthand_property_identifier_pattern"})
_MEMBERS = frozenset({"attribute", "member_expression"})
_COMPARING = frozenset({"binary_operator", "binary_expression", "comparison_operator", "jsx_attribute"})
_SPREAD = frozenset({"list_splat", "dictionary_splat", "spread_element"})
_KEYWORD = "keyword_argument"


@dataclass(frozen=True, slots=True)
class Use:
    """One place of a name.

    `member`: behind a dot; `keyword`: names an argument of a call; `binds`: defines it; `imports`: so.
    """

    span: Span
    member: bool
    keyword: bool
    binds: bool
    imports: bool = False


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a call; `name` for one that is given by name."""

    span: Span
    name: str = ""
    spread: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """The arguments of a call; `span` includes the brackets."""

    span: Span
    arguments: tuple[Argument, ...]


def uses(parsed: Parsed, name: str, within: Span | None = None) -> tuple[Use, ...]:
    """The places of `name` in the code, in order; comments and strings have none. Empty without a tree."""
    if parsed.root is None:
        return ()
    start, end = (within.start, within.end) if within else (0, len(parsed.text))
    # the name first, which is searched for several times faster than what may stand before it
    pattern = re.compile(rf"{re.escape(name)}(?<![\w$]{re.escape(name)})(?![\w$])")
    found: list[Use] = []
    for match in pattern.finditer(parsed.text, start, end):
        if len(found) == MOST_USES:
            return ()
        use = _use(parsed, Span(match.start(), match.end()))
        if use is not None:
            found.append(use)
    return tuple(found)


def scope_at(parsed: Parsed, offset: int) -> Span | None:
    """The innermost function around `offset`, its header included; None outside of all."""
    node = _function_around(parsed.node_at(Span(offset, offset)))
    return span_of(node) if node is not None else None


def scope_of(parsed: Parsed, use: Use) -> Span | None:
    """Where the name bound at `use` is known: a function, or None for the whole text.

    A function's own name is known around it.
    """
    node = parsed.node_at(use.span)
    around = _function_around(node)
    if around is not None and node is not None and around.child_by_field_name("name") == node:
        around = _function_around(around.parent)
    return span_of(around) if around is not None else None


def is_parameter(parsed: Parsed, offset: int) -> bool:
    """Whether the name at `offset` is a parameter of a function."""
    node = parsed.node_at(Span(offset, offset + 1))
    while node is not None and node.type not in kinds.FUNCTIONS:
        if "parameter" in node.type:
            return True
        node = node.parent
    return False


def calls(parsed: Parsed, name: str) -> tuple[Call, ...]:
    """The calls of whatever is called `name`, in order."""
    found = []
    for use in uses(parsed, name):
        call = call_at(parsed, use.span) if not (use.binds or use.keyword) else None
        if call is not None:
            found.append(call)
    return tuple(found)


def call_at(parsed: Parsed, span: Span) -> Call | None:
    """The call whose function's last name stands at `span`; None if what stands there is not called."""
    node = parsed.node_at(span)
    while node is not None and (parent := node.parent) is not None:
        if parent.type in _CALLS:
            called = parent.child_by_field_name("function") or parent.child_by_field_name("constructor")
            held = parent.child_by_field_name("arguments")
            if called is None or held is None or span_of(called).end != span.end:
                return None
            return Call(span_of(held), tuple(_arguments(parsed, held)))
        node = parent
        if span_of(node).end != span.end:
            return None
    return None


def call_around(parsed: Parsed, offset: int) -> Call | None:
    """The innermost call whose brackets hold `offset`."""
    node = parsed.node_at(Span(offset, offset))
    while node is not None:
        held = node.child_by_field_name("arguments") if node.type in _CALLS else None
        if held is not None and span_of(held).start < offset < span_of(held).end:
            return Call(span_of(held), tuple(_arguments(parsed, held)))
        node = node.parent
    return None


def _use(parsed: Parsed, span: Span) -> Use | None:
    node = parsed.node_at(span)
    if node is None or span_of(node) != span or not node.is_named:
        return None
    if kinds.is_comment(node.type) or kinds.is_string(node.type):
        return None
    left = parsed.text[max(0, span.start - 8) : span.start].rstrip()
    member = left.endswith(".") and not left.endswith("..") and not _behind_comment(node)
    parent = node.parent
    keyword = parent is not None and parent.type == _KEYWORD and parent.child_by_field_name("name") == node
    return Use(span, member, keyword, not keyword and _binds(node), _imported(node))


def _behind_comment(node: Node) -> bool:
    """Whether a comment stands right before a name, whose full stop is none of the code."""
    while node.prev_sibling is None and node.parent is not None:
        node = node.parent
    return node.prev_sibling is not None and kinds.is_comment(node.prev_sibling.type)


def _imported(node: Node) -> bool:
    around = node.parent
    while around is not None and around.type not in kinds.IMPORTS and around.type not in kinds.FUNCTIONS:
        around = around.parent
    return around is not None and around.type in kinds.IMPORTS


def _binds(node: Node) -> bool:
    """Whether the name at `node` is defined there."""
    child, parent = node, node.parent
    while parent is not None and node.type not in _TARGETS:
        if parent.type in kinds.IMPORTS:
            return True
        if "parameter" in parent.type and parent.child_by_field_name("type") != child:
            return parent.child_by_field_name("value") != child
        fields = (parent.child_by_field_name(field) for field in ("name", "left", "alias", "pattern"))
        if child in fields:
            return parent.type not in _COMPARING
        held = parent.type in _MEMBERS and parent.child_by_field_name("object") == child
        if held or parent.type not in _PATTERNS | _TARGETS | _MEMBERS | {"dotted_name"}:
            return False
        child, parent = parent, parent.parent
    return node.type in _TARGETS


def _function_around(node: Node | None) -> Node | None:
    while node is not None and node.type not in kinds.FUNCTIONS:
        node = node.parent
    return node if node is not None and node.child_count else None


def _arguments(parsed: Parsed, held: Node) -> Iterator[Argument]:
    for node in held.named_children:
        if kinds.is_comment(node.type):
            continue
        named = node.child_by_field_name("name") if node.type == _KEYWORD else None
        name = _text(parsed, named) if named is not None else ""
        yield Argument(span_of(node), name, node.type in _SPREAD)


def _text(parsed: Parsed, node: Node) -> str:
    span = span_of(node)
    return parsed.text[span.start : span.end]
