"""Names of a document that types may be made of."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from lsp_server.core.types import Span
from lsp_server.syntax.locks import is_name, nodes
from lsp_server.syntax.parse import Parsed, span_of

_DEFINES = frozenset(
    {
        "class_definition",
        "class_declaration",
        "abstract_class_declaration",
        "interface_declaration",
        "enum_declaration",
        "type_alias_declaration",
    }
)
_WITHIN = frozenset(
    {
        "type",
        "type_annotation",
        "type_arguments",
        "type_parameter",
        "type_alias_statement",
        "import_statement",
        "import_from_statement",
    }
)


def type_names(parsed: Parsed) -> frozenset[str]:
    """What is defined as a type or imported, what stands in annotations, and what a module assigns in Python.

    Neither parameters nor variables of functions: a small model takes `width: width` for an annotation.
    """
    found = nodes(parsed, Span(0, len(parsed.text)), is_name)
    spans = (span_of(node) for node in found if is_name(node) and _may_be_type(node))
    return frozenset(parsed.text[span.start : span.end] for span in spans)


def _may_be_type(node: Node) -> bool:
    parent = node.parent
    if node.type == "type_identifier":
        return True
    if parent is None or parent.type in _DEFINES:
        return parent is not None and parent.child_by_field_name("name") == node
    above = list(_ancestors(node))
    if parent.type == "assignment":
        outer = [each.type for each in above[1:] if each.type != "expression_statement"]
        return parent.child_by_field_name("left") == node and outer == ["module"]
    return any(each.type in _WITHIN for each in above)


def _ancestors(node: Node) -> Iterator[Node]:
    while node.parent is not None:
        node = node.parent
        yield node
