"""Where a name is spoken of in what is no code: comments, docstrings and strings."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from tree_sitter import Node

from lsp_server.core.types import Span
from lsp_server.syntax import kinds
from lsp_server.syntax.bodies import is_docstring
from lsp_server.syntax.parse import Parsed, span_of

MOST_MENTIONS = 60
"""Of one name in one text; a word used more often is a word of the language."""


class Text(StrEnum):
    """What kind of text a mention stands in."""

    COMMENT = "comment"
    DOCSTRING = "docstring"
    STRING = "string"
    """Part of a longer string."""
    KEY = "key"
    """All of a string."""
    EXPORT = "export"
    """A name that a module says it gives to others."""


@dataclass(frozen=True, slots=True)
class Mention:
    """One place where a name is spoken of."""

    span: Span
    text: Text


def mentions(parsed: Parsed, name: str, within: Span | None = None) -> tuple[Mention, ...]:
    """The places in order; none in a text without a tree, or in one that has too many."""
    if parsed.root is None:
        return ()
    low, high = (within.start, within.end) if within else (0, len(parsed.text))
    found: list[Mention] = []
    pattern = re.compile(rf"(?<![\w$]){re.escape(name)}(?![\w$])")
    for match in pattern.finditer(parsed.text, low, high):
        kind = _kind(parsed, Span(match.start(), match.end()))
        if kind is None:
            continue
        if len(found) == MOST_MENTIONS:
            return ()
        found.append(Mention(Span(match.start(), match.end()), kind))
    return tuple(found)


def _kind(parsed: Parsed, span: Span) -> Text | None:
    node, string = parsed.node_at(span), None
    while node is not None:
        if kinds.is_comment(node.type):
            return Text.COMMENT
        if kinds.is_inserted(node.type):
            return None
        if kinds.is_string(node.type):
            string = node
        elif string is not None:
            break
        node = node.parent
    if string is None:
        return None
    parent = string.parent
    if parent is not None and (parent.type in kinds.BLOCKS or is_docstring(parent)):
        return Text.DOCSTRING
    whole = parsed.text[slice(*_ends(string))].lstrip("rRbBuU").strip("\"'`")
    if whole != parsed.text[span.start : span.end]:
        return Text.STRING
    return Text.EXPORT if _exports(parsed, string) else Text.KEY


def _ends(node: Node) -> tuple[int, int]:
    span = span_of(node)
    return span.start, span.end


def _exports(parsed: Parsed, string: Node) -> bool:
    """Whether it stands in Python's `__all__`."""
    node: Node | None = string
    while node is not None and node.type not in {"assignment", "augmented_assignment"}:
        node = node.parent
    left = node.child_by_field_name("left") if node is not None else None
    return left is not None and parsed.text[slice(*_ends(left))] == "__all__"
