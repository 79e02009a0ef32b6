"""Places of code where a slip is easily made, and what else might stand there: a closed list for each."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from tree_sitter import Node

from lsp_server.core.types import Span
from lsp_server.syntax import kinds
from lsp_server.syntax.parse import Parsed, span_of
from lsp_server.syntax.slips import INTEGERS, OPERATIONS, OPERATORS, TRUTHS, SiteKind

__all__ = ["LANGUAGES", "MOST_NAMES", "Site", "SiteKind", "sites"]

MOST_NAMES = 12
"""Other names that are proposed for one: those that were used or declared last before it."""
LONGEST = 60
"""Characters of an argument that is looked at."""
LARGEST_NUMBER = 16


LANGUAGES = frozenset(
    {
        *("python", "javascript", "javascriptreact", "typescript", "typescriptreact", "go", "rust", "java"),
        *("c", "cpp", "csharp", "php", "ruby", "kotlin", "swift", "scala", "lua"),
    }
)
"""Languages in which there are such places; what is no program has none."""


@dataclass(frozen=True, slots=True)
class Site:
    """A place, and the texts that might stand there instead of what does."""

    span: Span
    kind: SiteKind
    alternatives: tuple[str, ...]


_ARGUMENTS = frozenset({"argument_list", "arguments", "value_arguments", "call_suffix"})
_NO_ARGUMENT = ("keyword", "splat", "spread", "comment", "lambda", "function", "named", "block", "type")
_NAMED = re.compile(r"\w+\s*(?:=(?!=)|:(?!:))")
"""An argument that says which it is."""
_DECLARING = (
    *("parameter", "declarator", "for_", "_for", "range_clause", "let_declaration", "pattern"),
    *("short_var", "var_spec", "as_pattern", "assignment"),
)
_DECLARED_BY = frozenset({"left", "name", "pattern", "declarator", "parameter", "alias", "argument", None})
_NO_EXPRESSION = (
    "type",
    "import",
    "annotation",
    "decorator",
    "attribute_item",
    "preproc",
    "label",
    "shorthand",
)
_NOT_AFTER = (".", "->", "::", "@", "goto", "global", "nonlocal", "import", "fn", "function", "def", "class")
_NOT_NAMES = frozenset({"self", "cls", "this", "super", "_", "None", "nil", "null", "undefined"})


def sites(parsed: Parsed, within: Span) -> tuple[Site, ...]:
    """The sites inside `within`, in the order of the text.

    Comments, strings, imports, types and definitions have none, nor what does not parse. Names that are
    proposed were declared before the site, in the same function.
    """
    root = parsed.root
    if root is None or parsed.language.id not in LANGUAGES:
        return ()
    found = _Finder(parsed, within)
    found.walk(root)
    return tuple(sorted(found.sites, key=lambda site: site.span))


class _Scope:
    """The names declared so far in a function, latest last, those of the functions around it included."""

    def __init__(self, around: _Scope | None = None) -> None:
        self.names: dict[str, None] = dict(around.names) if around else {}

    def declare(self, name: str) -> None:
        """A name was declared, or used."""
        self.names.pop(name, None)
        self.names[name] = None

    def others(self, name: str) -> tuple[str, ...]:
        """Names other than this, latest first."""
        return tuple(each for each in reversed(self.names) if each != name)[:MOST_NAMES]


class _Finder:
    def __init__(self, parsed: Parsed, within: Span) -> None:
        self._parsed = parsed
        self._within = within
        self.sites: list[Site] = []

    def walk(self, root: Node) -> None:
        """Visit all nodes, in the order of the text."""
        waiting = [(root, _Scope())]
        while waiting:
            node, scope = waiting.pop()
            if self._closed(node):
                continue
            if node.type in kinds.FUNCTIONS:
                scope = _Scope(scope)
            self._visit(node, scope)
            waiting += [(child, scope) for child in reversed(_inside(node))]

    def _closed(self, node: Node) -> bool:
        """Whether nothing in a node is a site."""
        kind = node.type
        if node.is_error or kinds.is_comment(kind) or kind in kinds.IMPORTS:
            return True
        if span_of(node).start >= self._within.end:
            return True
        return node.is_named and any(word in kind for word in _NO_EXPRESSION)

    def _visit(self, node: Node, scope: _Scope) -> None:
        text = self._text(node)
        if node.type in _ARGUMENTS:
            self._arguments(node)
        elif text in TRUTHS and (node.type in {"true", "false"} or "bool" in node.type):
            if node.child_count == 0:
                self._add(span_of(node), SiteKind.TRUTH, (TRUTHS[text],))
        elif node.type in INTEGERS and text.isdecimal():
            self._number(node, int(text))
        elif node.type in {"identifier", "simple_identifier", "variable_name"}:
            self._name(node, text, scope)
        elif not node.is_named and text in OPERATORS and self._operates(node):
            kind, alternatives = OPERATORS[text]
            self._add(span_of(node), kind, alternatives)

    def _operates(self, node: Node) -> bool:
        """Whether an operator stands between two operands."""
        parent = node.parent
        return (
            parent is not None
            and node.prev_sibling is not None
            and any(word in parent.type for word in OPERATIONS)
        )

    def _number(self, node: Node, value: int) -> None:
        parent = node.parent
        if value > LARGEST_NUMBER or parent is None or "unary" in parent.type:
            return
        near = (value + 1, value - 1) if value else (1,)
        self._add(span_of(node), SiteKind.NUMBER, tuple(str(each) for each in near))

    def _name(self, node: Node, name: str, scope: _Scope) -> None:
        parent = node.parent
        if name in _NOT_NAMES or parent is None or self._elsewhere(node, parent):
            return
        if _declares(node, parent):
            scope.declare(name)
        elif name in scope.names:
            self._add(span_of(node), SiteKind.NAME, scope.others(name))
            scope.declare(name)

    def _elsewhere(self, node: Node, parent: Node) -> bool:
        """Whether an identifier is something other than a variable: a field, a key, a called function."""
        span, text = span_of(node), self._parsed.text
        before, after = text[max(0, span.start - 12) : span.start].rstrip(), text[span.end : span.end + 12]
        if before.endswith(_NOT_AFTER) and not before.endswith("..."):
            return True
        if parent.type == "keyword_argument" or "field" in parent.type or "member" in parent.type:
            return parent.children[0] != node or parent.type == "keyword_argument"
        called = after.lstrip().startswith("(")
        key = after.lstrip().startswith(":") and parent.type in {
            "pair",
            "value_argument",
            "labeled_statement",
        }
        return called or key or parent.type in kinds.DEFINITIONS or parent.type in kinds.FUNCTIONS

    def _arguments(self, node: Node) -> None:
        given = [_bare(child) for child in node.named_children if not kinds.is_comment(child.type)]
        for one, two in pairwise(given):
            first, second = self._argument(one), self._argument(two)
            if first and second and first != second:
                between = self._parsed.text[span_of(one).end : span_of(two).start]
                span = Span(span_of(one).start, span_of(two).end)
                self._add(span, SiteKind.ARGUMENTS, (second + between + first,))

    def _argument(self, node: Node) -> str:
        """The text of an argument whose place tells what it is; empty for others."""
        span = span_of(node)
        text = self._parsed.text[span.start : span.end] if len(span) <= LONGEST else ""
        named = any(word in node.type for word in _NO_ARGUMENT) or _NAMED.match(text)
        return "" if named or "\n" in text else text

    def _add(self, span: Span, kind: SiteKind, alternatives: tuple[str, ...]) -> None:
        if alternatives and self._within.contains(span):
            self.sites.append(Site(span, kind, alternatives))

    def _text(self, node: Node) -> str:
        span = span_of(node)
        return self._parsed.text[span.start : span.end] if len(span) <= LONGEST else ""


def _bare(argument: Node) -> Node:
    """An argument without the node that some grammars put around it."""
    wrapped = argument.type in {"argument", "value_argument"} and argument.child_count == 1
    return argument.children[0] if wrapped else argument


def _inside(node: Node) -> list[Node]:
    """The nodes of a node; of a string only code in it."""
    if kinds.is_string(node.type):
        return [child for child in node.children if kinds.is_inserted(child.type)]
    return node.children


def _declares(node: Node, parent: Node) -> bool:
    """Whether an identifier is a new variable's name, also inside a list of several."""
    while parent.type in {"expression_list", "pattern_list", "tuple_pattern", "array_pattern"}:
        if parent.parent is None:
            return False
        node, parent = parent, parent.parent
    if not any(word in parent.type for word in _DECLARING) or "compound" in parent.type:
        return False
    if "augmented" in parent.type:
        return False
    index = next((i for i, each in enumerate(parent.children) if each == node), 0)
    return parent.field_name_for_child(index) in _DECLARED_BY and (
        "assignment" not in parent.type or index == 0
    )
