"""Which argument of a call each parameter gets, told by Python itself: `ast` reads, `inspect` binds.

None of it is shared with what is measured.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

Function = ast.FunctionDef | ast.AsyncFunctionDef
_KINDS = inspect.Parameter


@dataclass(frozen=True, slots=True)
class Calling:
    """A call as it is written; `line` from 1, `last` its last one."""

    node: ast.Call
    name: str
    line: int
    last: int


def functions(tree: ast.Module) -> Iterator[tuple[Function, str]]:
    """The functions of a module and the methods of its classes, each with its class or nothing."""
    for node in tree.body:
        if isinstance(node, Function):
            yield node, ""
        elif isinstance(node, ast.ClassDef):
            yield from ((each, node.name) for each in node.body if isinstance(each, Function))


def signature(function: Function, holder: str) -> inspect.Signature | None:
    """What calls have to give; defaults are their syntax. None if a decorator may say otherwise."""
    decorators = {ast.unparse(each) for each in function.decorator_list}
    if decorators - {"staticmethod", "classmethod"}:
        return None
    arguments = function.args
    by_place = [*arguments.posonlyargs, *arguments.args]
    defaults = [None] * (len(by_place) - len(arguments.defaults)) + [*arguments.defaults]
    kinds: list[inspect._ParameterKind] = [_KINDS.POSITIONAL_ONLY] * len(arguments.posonlyargs)
    kinds += [_KINDS.POSITIONAL_OR_KEYWORD] * len(arguments.args)
    found = [_parameter(*each) for each in zip(by_place, kinds, defaults, strict=True)]
    if arguments.vararg:
        found.append(_parameter(arguments.vararg, _KINDS.VAR_POSITIONAL, None))
    named = zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    found += [_parameter(each, _KINDS.KEYWORD_ONLY, default) for each, default in named]
    if arguments.kwarg:
        found.append(_parameter(arguments.kwarg, _KINDS.VAR_KEYWORD, None))
    if holder and "staticmethod" not in decorators:
        found = found[1:]
    return inspect.Signature(found)


def callings(tree: ast.Module, names: frozenset[str], holder: str = "") -> list[Calling]:
    """The calls of what has one of `names`, plainly or behind a dot, in order.

    If they are those of a class's constructor: also where what extends the class `holder` calls it.
    """
    found = [
        Calling(node, _called(node.func), node.lineno, node.end_lineno or node.lineno)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and _called(node.func) in names
    ]
    for extending in extensions(tree, holder) if holder else ():
        found += [
            Calling(node, "", node.lineno, node.end_lineno or node.lineno)
            for node in ast.walk(extending)
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "super().__init__"
        ]
    return sorted(found, key=lambda each: (each.line, each.node.col_offset, each.node.end_col_offset or 0))


def extensions(tree: ast.Module, name: str) -> Iterator[ast.ClassDef]:
    """The classes that say they extend one of that name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and name in map(_called, node.bases):
            yield node


def constructs(node: ast.ClassDef) -> bool:
    """Whether a class has a constructor of its own."""
    return any(isinstance(each, Function) and each.name in {"__init__", "__new__"} for each in node.body)


def named(tree: ast.Module, names: frozenset[str]) -> list[tuple[int, int, str]]:
    """Where one of `names` is used: line and column of its end, and which. What defines it is none."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Name | ast.Attribute) and _called(node) in names:
            found.append((node.end_lineno or 0, node.end_col_offset or 0, _called(node)))
        elif isinstance(node, ast.ImportFrom):
            found += [(each.lineno, each.col_offset, each.name) for each in node.names if each.name in names]
    return sorted(found)


def bound(call: ast.Call, of: inspect.Signature) -> Mapping[str, str] | None:
    """What each parameter gets, as text; None if the call does not fit, or hands arguments on."""
    if any(isinstance(each, ast.Starred) for each in call.args) or not all(
        each.arg for each in call.keywords
    ):
        return None
    given = {str(each.arg): ast.unparse(each.value) for each in call.keywords}
    try:
        arguments = of.bind(*map(ast.unparse, call.args), **given).arguments
    except TypeError:
        return None
    return {name: str(value) for name, value in arguments.items()}


def _parameter(
    argument: ast.arg, kind: inspect._ParameterKind, default: ast.expr | None
) -> inspect.Parameter:
    empty = inspect.Parameter.empty
    return inspect.Parameter(argument.arg, kind, default=empty if default is None else ast.unparse(default))


def _called(function: ast.expr) -> str:
    if isinstance(function, ast.Name):
        return function.id
    return function.attr if isinstance(function, ast.Attribute) else ""
