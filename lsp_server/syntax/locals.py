"""Local variables that can be called otherwise: everywhere they stand at once, and nothing else by mistake.

All that have one name in a function get the new one together, whether or not they are one variable: as long
as each of them is the function's own, and the new name is none there, the code means the same.
"""

from __future__ import annotations

import re
import symtable
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from tree_sitter import Node

from lsp_server.core.text import line_start
from lsp_server.core.types import Span
from lsp_server.syntax import kinds
from lsp_server.syntax.locks import is_name, is_variable_name, nodes
from lsp_server.syntax.parse import Parsed, span_of
from lsp_server.syntax.uses import Use, is_parameter, uses

_SCRIPT = ("javascript", "javascriptreact", "typescript", "typescriptreact")
LANGUAGES = frozenset({"python", *_SCRIPT, "go"})
"""Languages in which it is known where a variable is declared."""

_DECLARING = {
    "variable_declarator": "name",
    "short_var_declaration": "left",
    "range_clause": "left",
    "var_spec": "name",
}
_PATTERNS = frozenset({"array_pattern", "object_pattern", "pair_pattern", "expression_list"})
_BLOCKS = frozenset(
    {
        "statement_block",
        "block",
        "for_statement",
        "for_in_statement",
        "if_statement",
        "switch_body",
        "switch_case",
    }
    | {"expression_switch_statement", "type_switch_statement", "expression_case", "default_case", "type_case"}
    | {"communication_case", "catch_clause"}
)
_OTHERWISE = frozenset(
    {"class_definition", "class_declaration", "global_statement", "nonlocal_statement", "dotted_name"}
    | {
        "keyword_pattern",
        "case_pattern",
        "class_pattern",
        "literal_element",
        "keyed_element",
        "labeled_statement",
    }
    | {"type_switch_statement", "aliased_import", "type", "type_parameter"}
)
"""Nodes in which a name may be something other than a variable."""
_NO_VARIABLES = frozenset(
    {"property_identifier", "field_identifier", "type_identifier", "statement_identifier"}
)
_SEEN = re.compile(r"\b(?:locals|vars|dir|eval|exec|globals|Function)\s*\(|\bwith\s*\([^()]*\)\s*\{")
"""What may see variables by their names."""


@dataclass(frozen=True, slots=True)
class Local:
    """A name of local variables of the function at `scope`, and everywhere it stands there, in order."""

    name: str
    places: tuple[Span, ...]
    scope: Span


def functions_in(parsed: Parsed, within: Span) -> tuple[Span, ...]:
    """The functions that begin in `within`, none in another; else the innermost one around it."""
    found: list[Span] = []
    for node in nodes(parsed, within, lambda _: False):
        span = span_of(node)
        inner = any(each.contains(span) for each in found)
        if _is_function(node) and within.start <= span.start and not inner:
            found.append(span)
    if found:
        return tuple(found)
    around = parsed.node_at(within)
    while around is not None and not _is_function(around):
        around = around.parent
    return (span_of(around),) if around is not None else ()


def locals_of(parsed: Parsed, function: Span) -> tuple[Local, ...]:
    """The variables of a function that can be renamed, in the order in which they first stand there.

    Left out are parameters, and what may be known by its name elsewhere: in texts, remarks, patterns.
    """
    text = parsed.text[function.start : function.end]
    if parsed.language.id not in LANGUAGES or _SEEN.search(text):
        return ()
    names = dict.fromkeys(_text(parsed, node) for node in nodes(parsed, function, is_name) if is_name(node))
    own = _own_in_python(parsed, function) if parsed.language.id == "python" else names.keys()
    found = (_local(parsed, function, name) for name in names if name in own)
    return tuple(sorted((each for each in found if each is not None), key=lambda each: each.places))


def names_in(parsed: Parsed, function: Span) -> frozenset[str]:
    """Names that a variable of the function cannot have: all there, and those that are known around it."""

    def apart(node: Node) -> bool:
        return _is_function(node) and not span_of(node).contains(function)

    found = {_text(parsed, node) for node in nodes(parsed, function, is_name) if is_variable_name(node)}
    for node in nodes(parsed, Span(0, len(parsed.text)), lambda node: is_name(node) or apart(node)):
        named = node if is_variable_name(node) else node.child_by_field_name("name") if apart(node) else None
        found |= {_text(parsed, named)} if named is not None else set()
    return frozenset(found)


def _local(parsed: Parsed, function: Span, name: str) -> Local | None:
    if not name.isidentifier() or _mentioned(parsed, function, name):
        return None
    places = [use for use in uses(parsed, name, function) if not (use.member or use.keyword)]
    at = [(use, node) for use in places if (node := parsed.node_at(use.span)) is not None]
    at = [(use, node) for use, node in at if node.type not in _NO_VARIABLES]
    if not at or not all(_is_variable(parsed, use, node) for use, node in at):
        return None
    if parsed.language.id == "python":
        known = any(use.binds for use, _ in at)
    else:
        scopes = [scope for _, node in at if (scope := _declared_in(node, function)) is not None]
        known = bool(scopes) and all(any(scope.contains(use.span) for scope in scopes) for use, _ in at)
    return Local(name, tuple(use.span for use, _ in at), function) if known else None


def _is_variable(parsed: Parsed, use: Use, node: Node) -> bool:
    parent = node.parent
    if parent is None or node.type != "identifier" or use.imports or is_parameter(parsed, use.span.start):
        return False
    if parent.type in _OTHERWISE or parent.type.startswith("jsx"):
        return False
    if parent.type in kinds.FUNCTIONS and parent.child_by_field_name("body") != node:
        return False
    if parent.type == "catch_clause" and parent.child_by_field_name("parameter") == node:
        return False
    return not _shows_its_name(node)


def _shows_its_name(node: Node | None) -> bool:
    """Whether it stands in something like `f"{name=}"`, which is printed as it is written."""
    while node is not None and not kinds.is_string(node.type):
        if kinds.is_inserted(node.type):
            return any(child.type == "=" for child in node.children)
        node = node.parent
    return False


def _mentioned(parsed: Parsed, function: Span, name: str) -> bool:
    """Whether a remark tells of it, or a text may use it; a single letter is too often a word."""
    pattern = re.compile(rf"(?<![\w$]){re.escape(name)}(?![\w$])")
    for match in pattern.finditer(parsed.text, function.start, function.end):
        span = Span(*match.span())
        node = parsed.node_at(span)
        if node is None or "shorthand" in node.type:
            return True
        if kinds.is_comment(node.type) and len(name) > 1:
            return True
        if kinds.is_string(node.type) and parsed.text[span.start - 1] in "@{$:":
            return True
    return False


def _declared_in(node: Node, function: Span) -> Span | None:
    """Where a variable that is declared at `node` is known; None if it is not declared there."""
    child, parent = node, node.parent
    while parent is not None and parent.type in _PATTERNS:
        if parent.type == "pair_pattern" and parent.child_by_field_name("value") != child:
            return None
        child, parent = parent, parent.parent
    if parent is None:
        return None
    looped = parent.type == "for_in_statement" and parent.child_by_field_name("kind") is not None
    field = "left" if looped else _DECLARING.get(parent.type)
    if field is None or parent.child_by_field_name(field) != child:
        return None
    around: Node | None = parent if looped else parent.parent
    wide = not looped and around is not None and around.type == "variable_declaration"
    while around is not None and span_of(around) != function:
        if around.type in kinds.FUNCTIONS or (around.type in _BLOCKS and not wide):
            return span_of(around)
        around = around.parent
    return function


def _own_in_python(parsed: Parsed, function: Span) -> frozenset[str]:
    """The names that are variables of the function and of what is in it, wherever they stand there."""
    start = line_start(parsed.text, function.start)
    text = parsed.text[start : function.end]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about escapes in somebody else's strings
            top = symtable.symtable(f"if 1:\n{text}" if text[:1].isspace() else text, "<function>", "exec")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return frozenset()
    functions = [table for table in top.get_children() if table.get_type() == "function"]
    own, others = set[str](), set[str]()
    for table in chain.from_iterable(map(_tables, functions)):
        for symbol in table.get_symbols():
            fine = symbol.is_free() or (symbol.is_local() and table.get_type() == "function")
            taken = (
                symbol.is_parameter() or symbol.is_imported() or symbol.is_namespace() or symbol.is_nonlocal()
            )
            (own if fine and not taken else others).add(symbol.get_name())
    return frozenset(own - others)


def _tables(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    yield table
    for child in table.get_children():
        yield from _tables(child)


def _is_function(node: Node) -> bool:
    return node.is_named and node.type in kinds.FUNCTIONS and node.child_by_field_name("body") is not None


def _text(parsed: Parsed, node: Node) -> str:
    span = span_of(node)
    return parsed.text[span.start : span.end]
