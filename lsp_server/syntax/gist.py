"""What code is about: the names that mean something beyond it, its texts, and what it defines."""

from __future__ import annotations

from dataclasses import dataclass

from tree_sitter import Node

from lsp_server.core.types import Span
from lsp_server.syntax import kinds
from lsp_server.syntax.locks import is_name, is_variable_name, nodes
from lsp_server.syntax.parse import Parsed, span_of
from lsp_server.syntax.uses import is_parameter, uses


@dataclass(frozen=True, slots=True)
class Gist:
    """What code names.

    `names` are all that it does not bind for itself, `texts` its strings; `defined` are its functions,
    classes and parameters.
    """

    names: frozenset[str]
    texts: frozenset[str]
    defined: frozenset[str]

    def kept_in(self, other: Gist, *, aside: str = "") -> float:
        """The share of names and texts that `other` has as well; what `aside` mentions does not count."""
        held = {each for each in self.names | self.texts if each not in aside}
        return len(held & (other.names | other.texts | other.defined)) / len(held) if held else 1.0


def gist_of(parsed: Parsed, within: Span) -> Gist:
    """The gist of a part of a text; an empty one without a tree."""
    names: set[str] = set()
    texts: set[str] = set()
    defined: set[str] = set()
    for node in nodes(parsed, within, _whole):
        span = span_of(node)
        text = parsed.text[span.start : span.end]
        if kinds.is_string(node.type) and _whole(node) and not _is_statement(node):
            texts |= {text.strip("\"'`")} - {"", "f", "r", "b"}
        elif is_name(node):
            names.add(text)
            if _defines(node) or is_parameter(parsed, span.start):
                defined.add(text)
    local = {name for name in names - defined if _is_local(parsed, name, within)}
    return Gist(frozenset(names - local), frozenset(texts), frozenset(defined))


def leaves(parsed: Parsed, within: Span) -> list[tuple[str, str]]:
    """The tokens of a part of a text with their kinds, comments aside: "name", "member" or their own kind.

    A member is known by its name elsewhere too: behind a dot, or as that of an argument or a property.
    """
    found = []
    for node in nodes(parsed, within, _whole):
        span = span_of(node)
        if (
            kinds.is_comment(node.type)
            or (node.child_count and not (kinds.is_string(node.type) and not _has_code(node)))
            or not len(span)
        ):
            continue
        kind = ("name" if is_variable_name(node) else "member") if is_name(node) else node.type
        found.append((kind, parsed.text[span.start : span.end]))
    return found


def _whole(node: Node) -> bool:
    """Whether a node is taken as it is: names, comments, and strings without code in them."""
    return (
        is_name(node) or kinds.is_comment(node.type) or (kinds.is_string(node.type) and not _has_code(node))
    )


def _has_code(node: Node) -> bool:
    return any(kinds.is_inserted(child.type) or _has_code(child) for child in node.named_children)


def _is_statement(node: Node) -> bool:
    parent = node.parent
    return parent is not None and (parent.type == "expression_statement" or parent.type in kinds.BLOCKS)


def _defines(node: Node) -> bool:
    parent = node.parent
    if parent is None or not (parent.type in kinds.FUNCTIONS or parent.type in kinds.DEFINITIONS):
        return parent is not None and "declarator" in parent.type and _in_header(parent)
    return parent.child_by_field_name("name") == node


def _in_header(node: Node) -> bool:
    """Whether a declarator names a function, as in C."""
    return node.type == "function_declarator"


def _is_local(parsed: Parsed, name: str, within: Span) -> bool:
    found = uses(parsed, name, within)
    return any(use.binds and not (use.member or use.keyword or use.imports) for use in found)
