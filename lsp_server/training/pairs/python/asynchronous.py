"""Asynchronous code written synchronously, and back."""

from __future__ import annotations

import ast
import io
import random
import tokenize
from typing import Any

from lsp_server.core.types import Edit, Span
from lsp_server.training.pairs.check import tree_of
from lsp_server.training.pairs.pair import Pair
from lsp_server.training.pairs.python.source import Source

ADD = (
    "Make this async",
    "Convert to async/await",
    "Make this function asynchronous",
    "Use async/await",
    "Turn this into a coroutine",
)
REMOVE = (
    "Make this synchronous",
    "Convert this to synchronous code",
    "Remove async/await",
    "Make a blocking version of this",
)
BACK = 0.3


def make(text: str, language: str, rng: random.Random) -> Pair | None:
    """A function without `async` and `await`, and with them; it needs one that is awaited."""
    source = Source.of(text, language)
    if (
        source is None
        or len(source.tree.body) != 1
        or not isinstance(source.tree.body[0], ast.AsyncFunctionDef)
    ):
        return None
    if "asyncio" in text or not any(isinstance(each, ast.Await) for each in source.walk()):
        return None
    if any(isinstance(each, ast.comprehension) and each.is_async for each in source.walk()):
        return None
    words = _words(source)
    blocking = source.edited([Edit(span, "") for span in words]) if words is not None else None
    if blocking is None or _dump(blocking) != _dump(text):
        return None
    if rng.random() < BACK:
        return Pair(text, blocking, rng.choice(REMOVE), language, "async-to-sync")
    return Pair(blocking, text, rng.choice(ADD), language, "sync-to-async")


def _words(source: Source) -> list[Span] | None:
    """Where `async` and `await` stand, with the blank behind them."""
    starts = [0]
    for line in source.lines:
        starts.append(starts[-1] + len(line) + 1)
    found = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(source.text).readline):
            if token.string in {"async", "await"} and token.type == tokenize.NAME:
                start, end = (
                    starts[token.start[0] - 1] + token.start[1],
                    starts[token.end[0] - 1] + token.end[1],
                )
                found.append(Span(start, end + (source.text[end : end + 1] == " ")))
    except (tokenize.TokenError, SyntaxError):
        return None
    return found


class _Blocking(ast.NodeTransformer):
    def visit_Await(self, node: ast.Await) -> ast.AST:
        return self.visit(node.value)  # type: ignore[no-any-return]

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        self.generic_visit(node)
        return ast.FunctionDef(**_fields(node))

    def visit_AsyncFor(self, node: ast.AsyncFor) -> ast.AST:
        self.generic_visit(node)
        return ast.For(**_fields(node))

    def visit_AsyncWith(self, node: ast.AsyncWith) -> ast.AST:
        self.generic_visit(node)
        return ast.With(**_fields(node))


def _fields(node: ast.AST) -> dict[str, Any]:
    return {name: getattr(node, name, None) for name in node._fields}


def _dump(text: str) -> str | None:
    return ast.dump(_Blocking().visit(ast.parse(text))) if tree_of(text) is not None else None
