"""Conditional expressions and statements, early returns."""

from __future__ import annotations

import ast
import random

from lsp_server.core.types import Edit, Span
from lsp_server.training.pairs.pair import Pair
from lsp_server.training.pairs.python.source import Source, chosen, negated

SHRINK = (
    "Use a conditional expression",
    "Use a ternary",
    "Write the if/else as one line",
    "Simplify this",
    "Use a conditional expression instead of if/else",
)
GROW = (
    "Write the conditional expression as if/else",
    "Use an if statement instead of the ternary",
    "Expand the ternary",
)
EARLY = ("Return early", "Use an early return", "Reduce the nesting", "Use a guard clause", "Flatten this")
NEEDLESS = (
    "Remove the needless else",
    "Reduce the nesting",
    "Remove the superfluous else",
    "Flatten this",
    "Simplify this",
)
BACK = 0.25
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_LEAVING = (ast.Return, ast.Raise, ast.Continue, ast.Break)


def make_ternary(text: str, language: str, rng: random.Random) -> Pair | None:
    """An if statement, and the conditional expression that was written for it."""
    source = Source.of(text, language)
    if source is None:
        return None
    for statement in chosen(rng, (each for block in source.blocks() for each in block)):
        if not isinstance(statement, ast.Assign | ast.Return | ast.AugAssign):
            continue
        value = statement.value
        lines = source.whole_lines(statement, statement)
        if not isinstance(value, ast.IfExp) or lines is None or "#" in source.text[lines.start : lines.end]:
            continue
        parts = [source.flat(each) for each in (value.test, value.body, value.orelse)]
        start = source.text[source.span(statement).start : source.span(value).start].rstrip("( \n") + " "
        if None in parts or "\n" in start or isinstance(value.orelse, ast.IfExp):
            continue
        test, then, other = parts
        indent, unit = source.indent(statement), source.unit
        inner = (f"if {test}:", f"{unit}{start}{then}", "else:", f"{unit}{start}{other}")
        long = source.edited([Edit(lines, "\n".join(indent + line for line in inner))])
        if long is None:
            continue
        if rng.random() < BACK:
            return Pair(text, long, rng.choice(GROW), language, "ternary-to-if")
        return Pair(long, text, rng.choice(SHRINK), language, "if-to-ternary")
    return None


def make_guard(text: str, language: str, rng: random.Random) -> Pair | None:
    """Nested code, and the early return, raise or continue that was written for it."""
    source = Source.of(text, language)
    if source is None:
        return None
    for block in chosen(rng, source.blocks()):
        for index, statement in enumerate(block[:-1]):
            if not isinstance(statement, ast.If) or statement.orelse or len(block) - index > 9:
                continue
            if not isinstance(statement.body[-1], _LEAVING):
                continue
            bare = _is_bare(statement.body) and _ends_its_parent(source, statement, block)
            nested = _inverted(source, statement, block[index + 1 :]) if bare else None
            words: tuple[str, ...] = EARLY
            if nested is None:
                nested, words = _with_else(source, statement, block[index + 1 :]), NEEDLESS
            if nested is not None:
                said = words
                if not isinstance(statement.body[-1], ast.Return):
                    said = tuple(each for each in words if "eturn" not in each)
                return Pair(nested, text, rng.choice(said), language, "early-return")
    return None


def _is_bare(body: list[ast.stmt]) -> bool:
    only = body[0]
    return len(body) == 1 and (
        isinstance(only, ast.Continue) or (isinstance(only, ast.Return) and only.value is None)
    )


def _ends_its_parent(source: Source, statement: ast.If, block: list[ast.stmt]) -> bool:
    """Whether after the block comes what the bare return or continue in `statement` goes to."""
    wanted = (ast.For, ast.AsyncFor, ast.While) if isinstance(statement.body[0], ast.Continue) else _FUNCTIONS
    return any(isinstance(node, wanted) and node.body is block for node in source.walk())


def _inverted(source: Source, statement: ast.If, rest: list[ast.stmt]) -> str | None:
    test, own = negated(source, statement.test), source.whole_lines(statement, statement)
    if test is None or own is None or "#" in source.text[own.start : own.end]:
        return None
    return _nested(source, statement, rest, own, f"{source.indent(statement)}if {test}:")


def _with_else(source: Source, statement: ast.If, rest: list[ast.stmt]) -> str | None:
    own = source.whole_lines(statement, statement)
    if own is None:
        return None
    head = f"{source.text[own.start : own.end]}\n{source.indent(statement)}else:"
    return _nested(source, statement, rest, own, head)


def _nested(source: Source, statement: ast.If, rest: list[ast.stmt], own: Span, head: str) -> str | None:
    """The text with `rest` one level deeper below `head`; None where long strings would change."""
    lines = source.whole_lines(rest[0], rest[-1])
    # an `elif` begins where no statement of its own would
    if lines is None or _long_string(rest) or not source.text.startswith("if", source.span(statement).start):
        return None
    indent = source.indent(statement)
    # with the comments above the first statement
    below = Span(own.end + 1, lines.end)
    moved = source.reindented(below, indent, indent + source.unit)
    if moved is None:
        return None
    return source.edited([Edit(Span(own.start, lines.end), head + "\n" + moved.lstrip("\n"))])


def _long_string(statements: list[ast.stmt]) -> bool:
    return any(
        isinstance(each, ast.Constant | ast.JoinedStr) and each.end_lineno != each.lineno
        for statement in statements
        for each in ast.walk(statement)
    )
