"""Classes that extend others in one text, and where they call the constructor of what they extend."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from tree_sitter import Node

from lsp_server.syntax.members import class_around, class_of_name, name_of, receiver_of
from lsp_server.syntax.parse import Parsed, span_of
from lsp_server.syntax.uses import Use, call_at, uses

CONSTRUCTORS = frozenset({"__init__", "constructor"})
_NO_BASES = frozenset({"object", "ABC", "Generic", "Protocol"})


def heirs(parsed: Parsed, names: Collection[str], *, constructing: bool = False) -> Mapping[str, Node]:
    """By name, the classes that extend one of `names`, or one that does.

    If `constructing`, not those that extend one which has a constructor of its own.
    """
    found: dict[str, Node] = {}
    waiting = sorted(names)
    while waiting:
        name = waiting.pop()
        for use in uses(parsed, name):
            around = class_around(parsed, use.span.start)
            heir = name_of(parsed, around)
            if around is None or heir in {"", name, *found, *names} or not _is_base(parsed, around, use):
                continue
            found[heir] = around
            if not (constructing and constructs(parsed, around)):
                waiting.append(heir)
    return found


def constructs(parsed: Parsed, node: Node) -> bool:
    """Whether a class has a constructor of its own."""
    return any(
        class_of_name(parsed, use.span) == node
        for name in CONSTRUCTORS
        for use in uses(parsed, name, span_of(node))
        if use.binds or name == "constructor"
    )


def super_calls(parsed: Parsed, node: Node) -> tuple[Use, ...]:
    """Where a class that extends one other calls the constructor of that."""
    if _bases(parsed, node) != 1:
        return ()
    inside = span_of(node)
    found = [use for use in uses(parsed, "__init__", inside) if receiver_of(parsed, use.span) == "super()"]
    if parsed.language.id != "python":
        found = [use for use in uses(parsed, "super", inside) if call_at(parsed, use.span)]
    return tuple(use for use in found if class_around(parsed, use.span.start) == node)


def extends_others(parsed: Parsed, node: Node) -> bool:
    """Whether a class extends any."""
    return _bases(parsed, node) > 0


def _bases(parsed: Parsed, node: Node) -> int:
    held = node.child_by_field_name("superclasses")
    if held is None:
        return sum("heritage" in child.type for child in node.children)
    return sum(
        each.type not in {"keyword_argument", "comment"}
        and parsed.text[span_of(each).start : span_of(each).end].split("[")[0].split(".")[-1] not in _NO_BASES
        for each in held.named_children
    )


def _is_base(parsed: Parsed, node: Node, use: Use) -> bool:
    """Whether what is used in the class `node` is what it extends, not what its base is made of."""
    body = node.child_by_field_name("body")
    if use.binds or use.keyword or (body is not None and use.span.end > span_of(body).start):
        return False
    inner, around = None, parsed.node_at(use.span)
    while around is not None and around != node:
        made_of = around.type == "subscript" and around.child_by_field_name("value") != inner
        if around.type in {"type_arguments", "keyword_argument", "call"} or made_of:
            return False
        inner, around = around, around.parent
    return True
