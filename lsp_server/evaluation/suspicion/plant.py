"""Bugs put into code that was right: what people exchange by mistake.

These know nothing of `syntax/sites.py`, which says where the server looks: a bug may well stand elsewhere.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from lsp_server.core.edits import apply_together
from lsp_server.core.types import Edit, Span
from lsp_server.syntax import kinds
from lsp_server.syntax.check import check_edits
from lsp_server.syntax.parse import Node, Parsed, span_of

LONGEST = 80
"""Characters of an argument."""
_OPPOSITES = ("== !=", "=== !==", "< >", "<= >=", "and or", "&& ||", "+ -")
_OPERATORS = {one: two for pair in _OPPOSITES for one, two in (pair.split(), pair.split()[::-1])}
_BOUNDS = {"<": "<=", "<=": "<", ">": ">=", ">=": ">"}
_TRUTHS = {"True": "False", "False": "True", "true": "false", "false": "true"}
_ASSIGNED = re.compile(r"\b([A-Za-z_]\w*)\s*(?::=|=(?![=>]))|\bfor\s+(?:\w+,\s*)?([A-Za-z_]\w*)\s+in\b")
_WORD = re.compile(r"[A-Za-z_]\w*")


@dataclass(frozen=True, slots=True)
class Bug:
    """A bug: `kind` of mistake, `text` with it, what stands at `span` of it, and what stood there."""

    kind: str
    text: str
    span: Span
    original: str


def planted(parsed: Parsed, kind: str, rng: random.Random) -> Bug | None:
    """The text with one bug of a kind in it, which parses as well as before; None if none fits."""
    found = list(KINDS[kind](parsed, rng))
    rng.shuffle(found)
    for edit in found[:8]:
        original = parsed.text[edit.span.start : edit.span.end]
        if edit.text != original and not check_edits(parsed, [edit]).worse:
            text = apply_together(parsed.text, [edit])
            span = Span(edit.span.start, edit.span.start + len(edit.text))
            return Bug(kind, text, span, original)
    return None


def _operator(parsed: Parsed, _rng: random.Random) -> Iterator[Edit]:
    yield from _exchanged(parsed, _OPERATORS)


def _truth(parsed: Parsed, _rng: random.Random) -> Iterator[Edit]:
    for node in _leaves(parsed):
        if _text(parsed, node) in _TRUTHS:
            yield Edit(span_of(node), _TRUTHS[_text(parsed, node)])


def _off_by_one(parsed: Parsed, rng: random.Random) -> Iterator[Edit]:
    yield from _exchanged(parsed, _BOUNDS)
    for node in _leaves(parsed):
        text = _text(parsed, node)
        if text.isdecimal() and len(text) < 3:
            value = int(text) + (rng.choice((-1, 1)) if int(text) else 1)
            yield Edit(span_of(node), str(value))


def _arguments(parsed: Parsed, _rng: random.Random) -> Iterator[Edit]:
    for node in _nodes(parsed):
        if "argument" not in node.type or node.child_count < 4:
            continue
        given = [child for child in node.named_children if not kinds.is_comment(child.type)]
        for one, two in pairwise(given):
            texts = [_text(parsed, each) for each in (one, two)]
            plain = all("=" not in text and 0 < len(text) <= LONGEST and "\n" not in text for text in texts)
            if plain and texts[0] != texts[1]:
                between = parsed.text[span_of(one).end : span_of(two).start]
                yield Edit(Span(span_of(one).start, span_of(two).end), texts[1] + between + texts[0])


def _variable(parsed: Parsed, rng: random.Random) -> Iterator[Edit]:
    """A use of a variable replaced by another one that the same function assigned or was given before."""
    for function in _nodes(parsed):
        if function.type not in kinds.FUNCTIONS or "\n" not in _text(parsed, function):
            continue
        span = span_of(function)
        head, _, _ = parsed.text[span.start : span.end].partition("\n")
        inside = head.partition("(")[2].rpartition(")")[0]
        names = {
            name: span.start for name in re.findall(r"(\w+)\s*(?:[,:=)]|$)", inside) if _WORD.match(name)
        }
        for match in _ASSIGNED.finditer(parsed.text, span.start, span.end):
            names.setdefault(match[1] or match[2], match.start())
        for node in _leaves(parsed, function):
            use, name = span_of(node), _text(parsed, node)
            before, after = parsed.text[: use.start].rstrip(), parsed.text[use.end :].lstrip(" ")
            if name not in names or use.start < span.start + len(head):
                continue
            if before.endswith((".", "->", "::", "let", "const", "var", "for")) or after[:1] in {
                "(",
                "=",
                ":",
            }:
                continue
            others = sorted(each for each, at in names.items() if each != name and at < use.start)
            if others and "identifier" in node.type:
                yield Edit(use, rng.choice(others))


KINDS: dict[str, Callable[[Parsed, random.Random], Iterator[Edit]]] = {
    "arguments": _arguments,
    "operator": _operator,
    "off by one": _off_by_one,
    "variable": _variable,
    "truth value": _truth,
}


def _exchanged(parsed: Parsed, table: dict[str, str]) -> Iterator[Edit]:
    for node in _leaves(parsed):
        text, parent = _text(parsed, node), node.parent
        if text in table and parent is not None and node.prev_sibling is not None and parent.child_count > 2:
            operands = node.prev_sibling.is_named and node.next_sibling is not None
            if operands and "type" not in parent.type and "template" not in parent.type:
                yield Edit(span_of(node), table[text])


def _leaves(parsed: Parsed, root: Node | None = None) -> Iterator[Node]:
    return (node for node in _nodes(parsed, root) if not node.child_count)


def _nodes(parsed: Parsed, root: Node | None = None) -> Iterator[Node]:
    """The nodes of code, without comments, strings and imports."""
    start = root or parsed.root
    waiting = [start] if start is not None else []
    while waiting:
        node = waiting.pop()
        if kinds.is_comment(node.type) or kinds.is_string(node.type) or node.type in kinds.IMPORTS:
            continue
        yield node
        waiting.extend(node.children)


def _text(parsed: Parsed, node: Node) -> str:
    span = span_of(node)
    return parsed.text[span.start : span.end]
