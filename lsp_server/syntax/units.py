"""Parts of code that can be written anew by themselves: names in use, literals, expressions, statements."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tree_sitter import Node

from lsp_server.core.types import Edit, Span
from lsp_server.syntax import kinds
from lsp_server.syntax.lexer import lex
from lsp_server.syntax.locks import header_of, is_documentation, is_literal
from lsp_server.syntax.parse import Parsed, span_of
from lsp_server.syntax.uses import uses

_LINE = re.compile(r"\S(?:[^\n]*\S)?")
_NAME = re.compile(r"[^\W\d]\w*")
MOST_OF = 0.6
"""Share of a part's characters that must be wanted for the part to be written anew as a whole."""
SHORT = 40
"""Characters of an expression that may be written anew as a whole however little may change."""
_EXPRESSIONS = frozenset(
    {"attribute", "call", "subscript", "await", "list", "tuple", "set", "dictionary", "array", "object"}
)
_SEVERAL = frozenset({"expression_list"})
_OPERATORS = frozenset(
    {
        *("+", "-", "*", "/", "%", "**", "//", "==", "!=", "===", "!==", "<", ">", "<=", ">=", "&&", "||"),
        *("&", "|", "^", "<<", ">>", "+=", "-=", "*=", "/=", "%=", "|=", "&=", "!", "~", "??"),
        *("and", "or", "not", "in", "is"),
    }
)


@dataclass(frozen=True, slots=True)
class _Atom:
    """The smallest part that is chosen; a `fixed` one changes only together with what is around it."""

    node: Node
    span: Span
    fixed: bool


@dataclass(frozen=True, slots=True)
class _Found:
    """What of a node is chosen: units, the characters in them, and those that could be."""

    units: tuple[Span, ...] = ()
    wanted: int = 0
    of: int = 0


def least_likely(
    parsed: Parsed,
    within: Span,
    locked: Sequence[Span],
    likelihood: Callable[[Span], float],
    share: float,
) -> tuple[Span, ...]:
    """The units in `within` that a rewrite of so large a share of it writes anew, in order, none in another.

    The least likely parts are wanted, each with the expression that it belongs to, until the share of the
    characters that may change is reached; where most of a statement is wanted, all of it is. What is
    `locked` is in none, nor are names where they are bound unless the whole statement is written anew:
    others would lose their meaning. Lines without a tree; nothing if there is nothing that could change.
    """
    if parsed.root is None:
        return _lines(parsed, within, locked, likelihood, share)
    atoms = [atom for atom in _atoms(parsed, within, locked) if not atom.fixed]
    left = share * sum(len(atom.span) for atom in atoms)
    wanted: set[Span] = set()
    for atom in sorted(atoms, key=lambda atom: likelihood(atom.span)):
        if atom.span in wanted:
            continue
        around = _expression_around(atom.node, within, locked, max(left, SHORT))
        new = {each.span for each in atoms if around.contains(each.span)} - wanted
        size = sum(map(len, new))
        if wanted and size > left:
            break
        wanted |= new
        left -= size
    most = max(share * len(within), SHORT)
    return _Chooser(parsed, within, locked, wanted, {atom.span for atom in atoms}, most).of(parsed.root).units


def _lines(
    parsed: Parsed, within: Span, locked: Sequence[Span], likelihood: Callable[[Span], float], share: float
) -> tuple[Span, ...]:
    spans = (Span(*match.span()) for match in _LINE.finditer(parsed.text, within.start, within.end))
    free = [span for span in spans if not any(_meet(span, lock) for lock in locked)]
    left = share * sum(map(len, free))
    wanted: list[Span] = []
    for span in sorted(free, key=likelihood):
        if wanted and len(span) > left:
            break
        wanted.append(span)
        left -= len(span)
    return tuple(sorted(wanted))


def fits(parsed: Parsed, edit: Edit) -> bool:
    """Whether the text of `edit`, in the place of a unit, is what the unit is.

    That is the same part of what is around it, or statements where there were some; names that it bound
    for others are bound still.
    """
    if not edit.text or lex(edit.text, parsed.language).unclosed():
        return False
    after, now = parsed.edited([edit]), Span(edit.span.start, edit.span.start + len(edit.text))
    return _role(after, now) == _role(parsed, edit.span) and not _loses_bound(parsed, edit)


def _role(parsed: Parsed, span: Span) -> str | None:
    """The type of node that has one child, or several behind one another, at `span`; None if none has."""
    node = parsed.node_at(span)
    while node is not None and node.parent is not None and span_of(node.parent) == span:
        node = node.parent
    if node is not None and span_of(node) == span and node.parent is not None:
        node = node.parent
    if node is None or node.has_error:
        return None
    spans = [span_of(child) for child in node.children]
    whole = any(each.start == span.start for each in spans) and any(each.end == span.end for each in spans)
    return node.type if whole else None


def _loses_bound(parsed: Parsed, edit: Edit) -> bool:
    """Whether a name that is bound in a unit is used outside of it, and not bound there any more."""
    unit, text = edit.span, parsed.text
    bound = {match[0] for match in _NAME.finditer(text, unit.start, unit.end)} - set(_NAME.findall(edit.text))
    outside = text[: unit.start] + " " + text[unit.end :]
    return any(
        re.search(rf"(?<![\w$]){re.escape(name)}(?![\w$])", outside)
        and any(use.binds and not use.member for use in uses(parsed, name, unit))
        for name in bound
    )


def _expression_around(node: Node, within: Span, locked: Sequence[Span], most: float) -> Span:
    """The largest expression of at most so many characters around a part; the part if there is none."""
    span = span_of(node)
    while (parent := node.parent) is not None and _is_expression(parent):
        around = span_of(parent)
        if len(around) > most or not within.contains(around) or any(_meet(around, lock) for lock in locked):
            break
        node, span = parent, around
    return span


def _is_expression(node: Node) -> bool:
    return node.type in _EXPRESSIONS or node.type.endswith(
        ("_expression", "_operator", "_literal", "_invocation")
    )


@dataclass(frozen=True, slots=True)
class _Chooser:
    parsed: Parsed
    within: Span
    locked: Sequence[Span]
    wanted: set[Span]
    free: set[Span]
    most: float

    def of(self, node: Node) -> _Found:
        span = span_of(node)
        if span.end <= self.within.start or self.within.end <= span.start:
            return _Found()
        if span in self.free:
            size = len(span)
            return _Found((span,), size, size) if span in self.wanted else _Found((), 0, size)
        if _is_atom(node):
            return _Found()
        inside = [self.of(child) for child in node.children]
        units = tuple(unit for found in inside for unit in found.units)
        wanted, of = sum(found.wanted for found in inside), sum(found.of for found in inside)
        if units and wanted >= MOST_OF * of and self._stands_alone(node, span):
            return _Found((span,), of, of)
        return _Found(units, wanted, of)

    def _stands_alone(self, node: Node, span: Span) -> bool:
        """Whether what is written in a node's place may be anything."""
        if len(span) > self.most:
            return False
        named = node.is_named and node.type not in kinds.BLOCKS and "parameter" not in node.type
        held = self.within.contains(span) and not any(_meet(span, lock) for lock in self.locked)
        return (
            named
            and held
            and not node.has_error
            and header_of(self.parsed, node) is None
            and not _in_string(node)
        )


def _atoms(parsed: Parsed, within: Span, locked: Sequence[Span]) -> list[_Atom]:
    found: list[_Atom] = []
    stack = [parsed.root] if parsed.root is not None else []
    while stack:
        node = stack.pop()
        span = span_of(node)
        if span.end <= within.start or within.end <= span.start:
            continue
        if not _is_atom(node):
            stack += node.children[::-1]
        elif (
            within.contains(span)
            and _says_something(parsed, node)
            and not any(_meet(span, lock) for lock in locked)
        ):
            found.append(_Atom(node, span, _is_bound(parsed, node)))
    return found


def _is_atom(node: Node) -> bool:
    return not node.child_count or kinds.is_comment(node.type) or is_literal(node)


def _says_something(parsed: Parsed, node: Node) -> bool:
    """Whether it is neither a keyword nor punctuation, which come with what is around them, nor a comment.

    What a comment should say better the model cannot know without being told.
    """
    span = span_of(node)
    text = parsed.text[span.start : span.end]
    operator = text in _OPERATORS and node.parent is not None and _is_expression(node.parent)
    said = bool(text.strip()) and (node.is_named or operator)
    return said and not (kinds.is_comment(node.type) or is_documentation(node))


def _is_bound(parsed: Parsed, node: Node) -> bool:
    span = span_of(node)
    text = parsed.text[span.start : span.end]
    if not text.isidentifier():
        return False
    several = node.parent if node.parent is not None and node.parent.type in _SEVERAL else node
    around = several.parent
    left = around is not None and around.child_by_field_name("left") == several and several is not node
    return left or any(use.binds or use.keyword for use in uses(parsed, text, span))


def _in_string(node: Node) -> bool:
    parent = node.parent
    return parent is not None and (kinds.is_string(parent.type) or kinds.is_inserted(node.type))


def _meet(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end
