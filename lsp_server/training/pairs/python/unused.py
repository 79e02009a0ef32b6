"""Code that does nothing, put in and removed."""

from __future__ import annotations

import ast
import random
from collections.abc import Callable

from lsp_server.core.types import Edit, Span
from lsp_server.training.pairs.pair import Pair
from lsp_server.training.pairs.python.source import Source, chosen

VARIABLE = (
    "Remove the unused variable",
    "Remove unused variables",
    "Remove `{}`, it is never used",
    "Remove unused code",
)
UNREACHABLE = ("Remove the unreachable code", "Remove dead code", "Remove the code that never runs")
PRINTS = (
    "Remove the debug prints",
    "Remove the debug output",
    "Remove the print statements",
    "Clean up the debug code",
)
GENERAL = ("Remove dead code", "Remove unused code", "Delete what is never used", "Clean this up")
_VALUES = ("None", "0", "[]", "{}", "False", '""', "True", "1")
_NAMES = (
    "tmp",
    "unused",
    "counter",
    "flag",
    "temp",
    "debug",
    "status",
    "start",
    "old",
    "index",
    "total",
    "cache",
    "done",
)
_LABELS = ("DEBUG", "here", ">>>", "debug:", "***", "value")


def make(text: str, language: str, rng: random.Random) -> Pair | None:
    """Code with something that does nothing, and as it was written."""
    source = Source.of(text, language)
    if source is None:
        return None
    ways: list[tuple[_Way, tuple[str, ...]]] = [
        (_variable, VARIABLE + GENERAL[:1]),
        (_unreachable, UNREACHABLE + GENERAL[:2]),
        (_never, UNREACHABLE + GENERAL),
        (_print, PRINTS),
    ]
    for way, words in chosen(rng, ways):
        made = way(source, rng)
        if made is not None:
            before, name = made
            return Pair(before, text, rng.choice(words).format(name), language, "unused-remove")
    return None


_Way = Callable[[Source, random.Random], "tuple[str, str] | None"]


def _places(source: Source, rng: random.Random) -> list[tuple[ast.stmt, Span]]:
    """Statements of functions in a random order, with their lines; docstrings left out."""
    found = []
    for function in source.functions():
        for node in ast.walk(function):
            for block in (getattr(node, "body", None), getattr(node, "orelse", None)):
                if isinstance(block, list):
                    found += [each for each in block if isinstance(each, ast.stmt) and not _docstring(each)]
    rng.shuffle(found)
    pairs = ((each, source.whole_lines(each, each)) for each in found if not _is_elif(source, each))
    return [(each, lines) for each, lines in pairs if lines is not None]


def _docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _is_elif(source: Source, node: ast.stmt) -> bool:
    return source.text.startswith("elif", source.span(node).start)


def _variable(source: Source, rng: random.Random) -> tuple[str, str] | None:
    names = [each for each in _NAMES if each not in source.names()]
    for statement, lines in _places(source, rng):
        if not names:
            return None
        name, value = rng.choice(names), rng.choice(_VALUES)
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            own = statement.targets[0].id
            derived = [
                each for each in (f"old_{own}", f"{own}_copy", f"last_{own}") if each not in source.names()
            ]
            if derived and rng.random() < 0.5:
                name, value = rng.choice(derived), own
                return _inserted(source, lines.end, f"\n{source.indent(statement)}{name} = {value}"), name
        return _inserted(source, lines.start, f"{source.indent(statement)}{name} = {value}\n"), name
    return None


def _inserted(source: Source, at: int, text: str) -> str:
    return source.text[:at] + text + source.text[at:]


def _unreachable(source: Source, rng: random.Random) -> tuple[str, str] | None:
    """A copy of a statement behind a return or raise."""
    places = _places(source, rng)
    copied = [
        each
        for each, _lines in places
        if isinstance(each, ast.Assign | ast.Expr | ast.AugAssign) and each.lineno == each.end_lineno
    ]
    for statement, lines in places:
        if isinstance(statement, ast.Return | ast.Raise) and copied:
            other = rng.choice(copied)
            return _inserted(source, lines.end, f"\n{source.indent(statement)}{source.part(other)}"), ""
    return None


def _never(source: Source, rng: random.Random) -> tuple[str, str] | None:
    """A copy of a statement below a condition that is never true."""
    places = _places(source, rng)
    copied = [
        each
        for each, _lines in places
        if isinstance(each, ast.Assign | ast.Expr) and each.lineno == each.end_lineno
    ]
    for statement, lines in places:
        if copied:
            head = rng.choice(("if False:", "if False:", "if 0:", "while False:"))
            indent, other = source.indent(statement), source.part(rng.choice(copied))
            return _inserted(source, lines.start, f"{indent}{head}\n{indent}{source.unit}{other}\n"), ""
    return None


def _print(source: Source, rng: random.Random) -> tuple[str, str] | None:
    """Prints of a variable behind where it is assigned."""
    if "print(" in source.text:
        return None
    edits = []
    for statement, lines in _places(source, rng):
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            name = statement.targets[0].id
            label = rng.choice((*_LABELS, name))
            said = rng.choice((f'print("{label}", {name})', f"print({name})", f'print(f"{{{name}=}}")'))
            edits.append(Edit(Span(lines.end, lines.end), f"\n{source.indent(statement)}{said}"))
        if len(edits) == 1 + (rng.random() < 0.5):
            break
    before = source.edited(edits) if edits else None
    return (before, "") if before is not None else None
