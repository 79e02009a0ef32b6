"""What the code around a variable calls the things that are put into it, or given from it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from lsp_server.syntax.locals import Local
from lsp_server.syntax.parse import Parsed, span_of

_VALUE = {
    "assignment": "right",
    "variable_declarator": "value",
    "for_statement": "right",
    "for_in_statement": "right",
}
_VALUE |= {
    "for_in_clause": "right",
    "short_var_declaration": "right",
    "var_spec": "value",
    "named_expression": "value",
}
_WRAPPED = frozenset({"expression_list"})
_NAMED = re.compile(r"(?:(?:await|new|yield|\*|&)\s*)*((?:[^\W\d]\w*\s*\??\.\s*)*)([^\W\d]\w*)")
_VERB = re.compile(
    r"(?:get|fetch|read|load|make|create|build|parse|compute|find|new|to|as|from|calculate|extract|open|collect)"
    r"_?(?=[A-Z_]|[a-z]{3})",
)
_NO_NAMES = frozenset(
    {"items", "values", "keys", "get", "copy", "strip", "split", "join", "encode", "decode", "format"}
)
_LAST_WORD = re.compile(r"[A-Z]?[a-z]+\d*$")


def hints(parsed: Parsed, local: Local) -> Iterator[str]:
    """Names as they are written there, likelier ones first; they need not suit the language's style."""
    for place in local.places:
        node = parsed.node_at(place)
        parent = node.parent if node is not None else None
        if node is None or parent is None:
            continue
        if parent.type in {"keyword_argument", "pair"}:
            named = parent.child_by_field_name("name") or parent.child_by_field_name("key")
            yield _text(parsed, named).strip("\"'`") if named is not None and named != node else ""
        if parent.type in _WRAPPED and parent.named_child_count == 1 and parent.parent is not None:
            node, parent = parent, parent.parent
        value = parent.child_by_field_name(_VALUE[parent.type]) if parent.type in _VALUE else None
        if value is not None and value != node:
            yield from _names_of(_text(parsed, value), each="for" in parent.type)


def _names_of(value: str, *, each: bool) -> Iterator[str]:
    """Names of what an expression gives, or of `each` thing in it."""
    match = _NAMED.match(value)
    if match is None:
        return
    called = value[match.end() :].lstrip().startswith("(")
    name = match[2]
    if name in _NO_NAMES:
        name = re.sub(r"[\s?.]+$", "", match[1]).rpartition(".")[2].strip()
    elif called:
        name = _VERB.sub("", name, count=1).lstrip("_")
    if each or value[match.end() :].lstrip().startswith("["):
        name = _singular(name)
    yield name
    if last := _LAST_WORD.search(name):
        yield last[0]


def _singular(name: str) -> str:
    """One of what an English plural names; empty if it is none."""
    if name.endswith("ies"):
        return name[:-3] + "y"
    if name.endswith(("sses", "ches", "xes")):
        return name[:-2]
    return name[:-1] if name.endswith("s") and not name.endswith("ss") else ""


def _text(parsed: Parsed, node: Node) -> str:
    span = span_of(node)
    return parsed.text[span.start : span.end]
