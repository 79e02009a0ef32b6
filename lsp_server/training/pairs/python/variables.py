"""A value given a name, and the name inlined."""

from __future__ import annotations

import ast
import random
from itertools import pairwise

from lsp_server.core.types import Edit
from lsp_server.training.pairs.pair import Pair
from lsp_server.training.pairs.python.source import Function, Source, chosen, used

INLINE = ("Inline `{}`", "Inline the variable `{}`", "Inline the temporary variable")
NAME = (
    "Introduce a variable `{}` for `{}`",
    "Extract `{1}` into a variable `{0}`",
    "Extract a variable `{}`",
)
LONGEST = 50
_VALUES = (ast.Call, ast.Attribute, ast.Subscript, ast.Constant)


def make(text: str, language: str, rng: random.Random) -> Pair | None:
    """A variable that is used once, in the next statement, and its value in its place; or the reverse."""
    source = Source.of(text, language)
    # what a run of statements assigns may be used behind it
    if source is None or len(source.tree.body) != 1 or not isinstance(source.tree.body[0], Function):
        return None
    for block in chosen(rng, source.blocks()):
        for assigned, user in pairwise(block):
            made = _inlined(source, assigned, user)
            if made is None:
                continue
            inlined, name, value = made
            if rng.random() < 0.5:
                return Pair(text, inlined, rng.choice(INLINE).format(name), language, "inline-variable")
            return Pair(inlined, text, rng.choice(NAME).format(name, value), language, "extract-variable")
    return None


def _inlined(source: Source, assigned: ast.stmt, user: ast.stmt) -> tuple[str, str, str] | None:
    """The text without the variable, its name and value."""
    if not isinstance(assigned, ast.Assign) or not isinstance(user, ast.Return | ast.Assign | ast.Expr):
        return None
    target, lines = assigned.targets[0], source.whole_lines(assigned, assigned)
    value = source.flat(assigned.value)
    if not isinstance(target, ast.Name) or len(assigned.targets) != 1 or lines is None:
        return None
    if value is None or len(value) > LONGEST or not isinstance(assigned.value, _VALUES):
        return None
    # twice in all: where it is bound and where it is used
    place = _first_evaluated(user) if used([source.tree], target.id) == 2 else None
    if (
        not isinstance(place, ast.Name)
        or place.id != target.id
        or "#" in source.text[lines.start : lines.end]
    ):
        return None
    inlined = source.edited([source.without_lines(lines), Edit(source.span(place), value)])
    return (inlined, target.id, value) if inlined is not None else None


def _first_evaluated(user: ast.Return | ast.Assign | ast.Expr) -> ast.expr | None:
    """The name that a statement evaluates before anything with effects."""
    node: ast.expr | None = user.value
    # `x.append(1)` alone: with the value in its place the effect would be lost from sight
    if isinstance(user, ast.Expr) and isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return None
    while node is not None and not isinstance(node, ast.Name):
        if isinstance(node, ast.Call):
            plain = isinstance(node.func, ast.Name)
            node = node.args[0] if plain and node.args else node.func
        elif isinstance(node, ast.Attribute | ast.Subscript | ast.Await):
            node = node.value
        elif isinstance(node, ast.BinOp | ast.Compare):
            node = node.left
        elif isinstance(node, ast.BoolOp):
            node = node.values[0]
        elif isinstance(node, ast.Tuple | ast.List) and node.elts:
            node = node.elts[0]
        else:
            return None
    return node
