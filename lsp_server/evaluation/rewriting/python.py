"""What a rewrite did to a function of Python, told by its syntax tree."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterator

Function = ast.FunctionDef | ast.AsyncFunctionDef


def function_of(text: str) -> Function | None:
    """The first function of `text`, or None if it does not parse or has none."""
    try:
        tree = ast.parse(textwrap.dedent(text))
    except (SyntaxError, ValueError):
        return None
    return next((node for node in ast.walk(tree) if isinstance(node, Function)), None)


def parses(text: str) -> bool:
    """Whether `text` is Python."""
    try:
        ast.parse(textwrap.dedent(text))
    except (SyntaxError, ValueError):
        return False
    return True


def typed_places(function: Function) -> int:
    """How many parameters and results have a type."""
    types = [each.annotation for each in parameters(function)]
    return sum(each is not None for each in (*types, function.returns))


def room(function: Function) -> int:
    """How many parameters could have one, the object's own aside, and the result."""
    return sum(each.arg not in {"self", "cls"} for each in parameters(function)) + 1


def documented(function: Function) -> bool:
    """Whether it has a docstring."""
    return bool(ast.get_docstring(function))


def bare(text: str) -> str:
    """The code without annotations, docstrings, and how it is laid out; empty if it does not parse."""
    try:
        tree = ast.parse(textwrap.dedent(text))
    except (SyntaxError, ValueError):
        return ""
    tree.body = [each for each in tree.body if not isinstance(each, ast.Import | ast.ImportFrom)]
    return ast.unparse(_Bare().visit(tree))


def renamed(before: str, after: str) -> bool:
    """Whether the two are alike but for the names of local variables, and some differ."""
    one, other = bare(before), bare(after)
    return bool(one) and one != other and _numbered(one) == _numbered(other)


def handles(text: str) -> int:
    """How often errors are caught or raised."""
    function = function_of(text)
    return (
        sum(isinstance(node, ast.ExceptHandler | ast.Raise) for node in ast.walk(function)) if function else 0
    )


def called(text: str) -> set[str]:
    """The names of what is called."""
    try:
        tree = ast.parse(textwrap.dedent(text))
    except (SyntaxError, ValueError):
        return set()
    return {name for node in ast.walk(tree) if isinstance(node, ast.Call) for name in _name(node.func)}


def asserts(text: str) -> bool:
    """Whether anything is asserted."""
    return "assert" in text and parses(text)


def _name(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Name):
        yield node.id
    elif isinstance(node, ast.Attribute):
        yield node.attr


def parameters(function: Function) -> list[ast.arg]:
    """All that have a name of their own."""
    given = function.args
    return [*given.posonlyargs, *given.args, *given.kwonlyargs]


def _numbered(code: str) -> str:
    """`code` with the names that it binds itself numbered, parameters aside."""
    tree = ast.parse(code)
    function = next((node for node in ast.walk(tree) if isinstance(node, Function)), None)
    kept = {each.arg for each in ast.walk(function) if isinstance(each, ast.arg)} if function else set()
    bound = [
        node.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id not in kept
    ]
    numbers = {name: f"v{number}" for number, name in enumerate(dict.fromkeys(bound))}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            node.id = numbers.get(node.id, node.id)
    return ast.unparse(tree)


class _Bare(ast.NodeTransformer):
    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        return self._function(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        return self._function(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        self.generic_visit(node)
        if node.value is None:
            return node
        return ast.copy_location(ast.Assign([node.target], node.value), node)

    def _function(self, node: Function) -> ast.AST:
        self.generic_visit(node)
        node.returns = None
        for each in ast.walk(node.args):
            if isinstance(each, ast.arg):
                each.annotation = None
        if ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
        return node
