"""Type annotations taken off and put back."""

from __future__ import annotations

import ast
import random
import re
from collections.abc import Iterator

from lsp_server.core.types import Edit, Span
from lsp_server.training.pairs.check import tree_of
from lsp_server.training.pairs.pair import Pair
from lsp_server.training.pairs.python.source import Function, Source

ADD = (
    "Add type annotations",
    "Add type hints",
    "Annotate this function",
    "Add types",
    "Add type hints to the parameters and the return value",
    "Make this fully typed",
)
REMOVE = ("Remove the type annotations", "Strip the type hints", "Remove types", "Drop the annotations")
BACK = 0.2
"""How often the types are taken off."""


def make(text: str, language: str, rng: random.Random) -> Pair | None:
    """A function without its types, and with them, as they were written."""
    source = Source.of(text, language)
    if source is None:
        return None
    functions = source.functions()
    if not functions or not all(_annotated(each) for each in functions):
        return None
    edits = [edit for each in functions for edit in _bare(source, each)]
    bare = source.edited([*edits, *_bare_variables(source)])
    if bare is None or not edits or _dump(bare) != _dump(text):
        return None
    if rng.random() < BACK:
        return Pair(text, bare, rng.choice(REMOVE), language, "types-remove")
    return Pair(bare, text, rng.choice(ADD), language, "types-add")


def _arguments(function: Function) -> list[ast.arg]:
    given = function.args
    several = [each for each in (given.vararg, given.kwarg) if each is not None]
    return [*given.posonlyargs, *given.args, *given.kwonlyargs, *several]


def _annotated(function: Function) -> bool:
    own = [each for each in _arguments(function) if each.arg not in {"self", "cls"}]
    return function.returns is not None and all(each.annotation is not None for each in own)


def _bare(source: Source, function: Function) -> Iterator[Edit]:
    for argument in _arguments(function):
        if argument.annotation is None:
            continue
        span = source.span(argument)
        default = re.compile(r"\s*=\s*").match(source.text, source.span(argument.annotation).end)
        start = span.start + len(argument.arg)
        yield Edit(Span(start, default.end()), "=") if default else Edit(Span(start, span.end), "")
    if function.returns is not None:
        end = source.span(function.returns).end
        arrow = source.text.rfind("->", 0, source.span(function.returns).start)
        start = len(source.text[:arrow].rstrip())
        yield Edit(Span(start, end), "")


def _bare_variables(source: Source) -> Iterator[Edit]:
    for function in source.functions():
        for node in ast.walk(function):
            if isinstance(node, ast.AnnAssign) and node.value is not None and node.simple:
                target, value = source.span(node.target), source.span(node.value)
                found = source.text.rfind("=", target.end, value.start)
                if found > 0:
                    yield Edit(Span(target.end, found), " ")


class _Bare(ast.NodeTransformer):
    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.returns = None
        return self.generic_visit(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        node.returns = None
        return self.generic_visit(node)

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.annotation = None
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        if node.value is None or not node.simple:
            return node
        return ast.Assign(targets=[node.target], value=node.value, type_comment=None)


def _dump(text: str) -> str | None:
    """The tree without annotations, as text."""
    tree = ast.parse(text) if tree_of(text) is not None else None
    return ast.dump(_Bare().visit(tree)) if tree is not None else None
