"""Names in a text: what it defines, what it imports, and what is used near a place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tree_sitter import Node

from lsp_server.core.text import WINDOW
from lsp_server.core.types import Span
from lsp_server.syntax import kinds
from lsp_server.syntax.languages import Style
from lsp_server.syntax.parse import Parsed, span_of
from lsp_server.syntax.places import in_comment_or_string

__all__ = ["Definition", "definitions", "identifiers", "imported_names", "in_comment_or_string"]

LONGEST_SIGNATURE = 240
"""Code points of a signature."""

_NAME = re.compile(r"[^\W\d]\w*")
_NAME_FIELDS = ("name", "declarator", "type")
_WRAPPERS = frozenset({"decorated_definition", "export_statement", "template_declaration"})
_REQUIRE = re.compile(r"(?:(?:const|let|var|local)\b.*\b)?(?:require|require_relative|source)\b")
_IMPORT_WORDS = frozenset(
    {
        *("as", "const", "crate", "from", "import", "include", "let", "local", "pub", "require", "self"),
        *("require_relative", "source", "static", "super", "type", "use", "using", "var"),
    }
)
_METHOD_HOLDERS = frozenset({"class", "impl", "interface", "struct", "trait"})


@dataclass(frozen=True, slots=True)
class Definition:
    """A definition in a file.

    `signature` is its header on one line, followed by the first line of its
    docstring if it has one; `kind` is one word such as "function" or "class".
    """

    name: str
    kind: str
    span: Span
    signature: str


def definitions(parsed: Parsed) -> tuple[Definition, ...]:
    """The definitions of the text in order, methods included, functions inside functions left out."""
    root = parsed.root
    return tuple(_definitions(parsed, root, inside=None)) if root is not None else ()


def _definitions(parsed: Parsed, parent: Node, inside: str | None) -> Iterator[Definition]:
    for node in parent.named_children:
        if node.type in kinds.BINDINGS:
            yield from _bound_functions(parsed, node)
            continue
        kind = kinds.DEFINITIONS.get(node.type)
        name = _name(parsed, node) if kind is not None else None
        if kind is not None and name is not None:
            kind = "method" if kind == "function" and inside in _METHOD_HOLDERS else kind
            yield Definition(name, kind, _whole(node), _signature(parsed, node))
        body = _container(node)
        if body is not None:
            holder = "impl" if node.type == "impl_item" else kind
            yield from _definitions(parsed, body, holder or inside)


def _container(node: Node) -> Node | None:
    """What to look into for further definitions."""
    if node.type in kinds.FUNCTIONS:
        return None
    if node.type in kinds.DEFINITIONS:
        body = node.child_by_field_name("body")
        return body or next((child for child in node.named_children if child.type in kinds.CONTAINERS), None)
    return node if node.type in kinds.CONTAINERS else None


def _bound_functions(parsed: Parsed, node: Node) -> Iterator[Definition]:
    for declarator in node.named_children:
        name, value = declarator.child_by_field_name("name"), declarator.child_by_field_name("value")
        if name is not None and value is not None and value.type in kinds.FUNCTIONS:
            yield Definition(_text(parsed, name), "function", _whole(node), _signature(parsed, node, value))


def _name(parsed: Parsed, node: Node) -> str | None:
    """The name a definition gives, found through C's nested declarators and the like."""
    named: Node | None = node
    for field in _NAME_FIELDS:
        found = node.child_by_field_name(field)
        if found is not None:
            named = found
            break
    else:
        named = next((child for child in node.named_children if _is_name(child)), None)
    while named is not None and (inner := named.child_by_field_name("declarator")) is not None:
        named = inner
    if named is None:
        return None
    names = _NAME.findall(_text(parsed, named))
    return names[-1] if names else None


def _is_name(node: Node) -> bool:
    return node.type.endswith("identifier") or node.type == "object_reference"


def _whole(node: Node) -> Span:
    """The definition with its decorators or `export`."""
    parent = node.parent
    return span_of(parent if parent is not None and parent.type in _WRAPPERS else node)


def _signature(parsed: Parsed, node: Node, function: Node | None = None) -> str:
    body = (function or node).child_by_field_name("body") or next(
        (child for child in node.named_children if child.type in kinds.BLOCKS), None
    )
    span = span_of(node)
    end = span_of(body).start if body is not None else min(span.end, span.start + LONGEST_SIGNATURE)
    header = " ".join(parsed.text[span.start : min(end, span.start + 2 * LONGEST_SIGNATURE)].split())
    if body is None:
        header = header.partition(";")[0]
    docstring = _docstring(parsed, body) if body is not None else ""
    return f"{header.rstrip('{ ')} {docstring}".strip()[:LONGEST_SIGNATURE]


def _docstring(parsed: Parsed, body: Node) -> str:
    if parsed.language.style is not Style.INDENT:
        return ""
    first = next(iter(body.named_children), None)
    if first is not None and first.type == "expression_statement":
        first = next(iter(first.named_children), None)
    if first is None or first.type != "string":
        return ""
    text = _text(parsed, first).lstrip("rRbBuU")
    line = text.strip("\"'").strip().partition("\n")[0].strip()
    return f'"""{line}"""' if line and text.startswith(('"""', "'''", '"', "'")) else ""


def imported_names(parsed: Parsed) -> tuple[str, ...]:
    """The distinct names that the text's imports mention: modules, things imported, their new names."""
    root = parsed.root
    if root is None:
        return ()
    found: dict[str, None] = {}
    for node in root.named_children:
        if node.type in kinds.IMPORTS or _requires(parsed, node):
            found.update(dict.fromkeys(_imported(parsed, node)))
    return tuple(found)


def _requires(parsed: Parsed, node: Node) -> bool:
    return _REQUIRE.match(_text(parsed, node)) is not None


def _imported(parsed: Parsed, node: Node) -> Iterator[str]:
    return (name for name in _NAME.findall(_text(parsed, node)) if name not in _IMPORT_WORDS)


def identifiers(parsed: Parsed, span: Span) -> tuple[str, ...]:
    """The distinct names in the code of a window around `span`, nearest first; keywords are left out."""
    start, end = max(0, span.start - WINDOW // 2), min(len(parsed.text), span.end + WINDOW // 2)
    near = sorted(
        (match for match in _NAME.finditer(parsed.text, start, end) if _used(parsed, match.start())),
        key=lambda match: max(span.start - match.end(), match.start() - span.end, 0),
    )
    return tuple(dict.fromkeys(match[0] for match in near))


def _used(parsed: Parsed, offset: int) -> bool:
    if not parsed.has_tree:
        return True
    node = parsed.node_at(Span(offset, offset + 1))
    return (
        node is not None and node.is_named and not (kinds.is_comment(node.type) or kinds.is_string(node.type))
    )


def _text(parsed: Parsed, node: Node) -> str:
    span = span_of(node)
    return parsed.text[span.start : min(span.end, span.start + WINDOW)]
