"""Error handling and checks of arguments taken out and put back."""

from __future__ import annotations

import ast
import random

from lsp_server.core.types import Edit, Span
from lsp_server.training.pairs.pair import Pair
from lsp_server.training.pairs.python.source import Source, chosen

REMOVE = ("Remove the error handling", "Remove the try/except", "Let the exception through")
BACK = 0.1
MOST_BODY = 8


def make_try(text: str, language: str, rng: random.Random) -> Pair | None:
    """Code without a try statement, and with it, as it was written."""
    source = Source.of(text, language)
    if source is None:
        return None
    tries = [each for each in source.walk() if isinstance(each, ast.Try)]
    for node in chosen(rng, tries):
        bare = _bare(source, node)
        said = _asked(source, node, rng) if bare is not None else None
        if bare is None or said is None:
            continue
        if rng.random() < BACK:
            return Pair(text, bare, rng.choice(REMOVE), language, "try-remove")
        return Pair(bare, text, said, language, "try-add")
    return None


def _bare(source: Source, node: ast.Try) -> str | None:
    lines = source.whole_lines(node, node)
    body = source.whole_lines(node.body[0], node.body[-1])
    if lines is None or body is None or node.orelse or node.finalbody or len(node.handlers) != 1:
        return None
    imports = any(isinstance(each, ast.Import | ast.ImportFrom) for each in node.body)
    if len(node.body) > MOST_BODY or imports or _long_string(node.body):
        return None
    inner = source.reindented(body, source.indent(node.body[0]), source.indent(node))
    return source.edited([Edit(lines, inner)]) if inner is not None else None


def _long_string(statements: list[ast.stmt]) -> bool:
    return any(
        isinstance(each, ast.Constant | ast.JoinedStr) and each.end_lineno != each.lineno
        for statement in statements
        for each in ast.walk(statement)
    )


def _asked(source: Source, node: ast.Try, rng: random.Random) -> str | None:
    """Words that say what is caught and what is done about it, so that the answer can be known."""
    handler = node.handlers[0]
    name = source.flat(handler.type) if handler.type is not None else None
    last = handler.body[-1]
    if name is None or len(handler.body) > 3:
        return None
    caught = " or ".join(f"`{each.strip()}`" for each in name.strip("()").split(",") if each.strip())
    said = _done(source, last, caught) if len(handler.body) == 1 else ()
    return rng.choice(said or (f"Handle {caught}", f"Catch {caught}", f"Add error handling for {caught}"))


def _done(source: Source, last: ast.stmt, caught: str) -> tuple[str, ...]:
    """Words for a handler of one statement."""
    if isinstance(last, ast.Pass):
        return (f"Ignore {caught}", f"Ignore {caught} here", f"Suppress {caught}")
    if isinstance(last, ast.Continue):
        return (f"Skip what raises {caught}", f"Continue on {caught}")
    if isinstance(last, ast.Return):
        value = source.flat(last.value) if last.value is not None else "None"
        return (f"Return `{value}` on {caught}", f"Catch {caught} and return `{value}`") if value else ()
    if isinstance(last, ast.Raise) and isinstance(last.exc, ast.Call):
        raised = source.flat(last.exc.func)
        return (f"Raise `{raised}` instead of {caught}", f"Turn {caught} into `{raised}`")
    if isinstance(last, ast.Assign) and len(last.targets) == 1:
        value = source.flat(last.value)
        return (f"Set `{source.flat(last.targets[0])}` to `{value}` on {caught}",) if value else ()
    return ()


def make_check(text: str, language: str, rng: random.Random) -> Pair | None:
    """A function without a check that raises, and with it; the words say which."""
    source = Source.of(text, language)
    if source is None:
        return None
    found = [(block, each) for block in source.blocks() for each in block if isinstance(each, ast.If)]
    for block, node in chosen(rng, found):
        only = node.body[0]
        if node.orelse or len(node.body) != 1 or len(block) < 2 or not isinstance(only, ast.Raise):
            continue
        lines = source.whole_lines(node, node)
        test = source.flat(node.test)
        if lines is None or test is None or not isinstance(only.exc, ast.Call) or not _own_line(source, node):
            continue
        bare = source.edited([source.without_lines(lines)])
        raised = source.flat(only.exc.func)
        if bare is None or raised is None:
            continue
        whole = source.flat(only.exc)
        said = [
            f"Raise `{raised}` if `{test}`",
            f"Raise {raised} when `{test}`",
            f"Check for `{test}` and raise `{raised}`",
        ]
        if whole is not None and len(whole) < 70:
            said += [f"Raise `{whole}` if `{test}`"] * 2
        return Pair(bare, text, rng.choice(said), language, "check-add")
    return None


def _own_line(source: Source, node: ast.If) -> bool:
    """Whether `node` is no `elif`, and no comment above it speaks of it."""
    above = source.lines[node.lineno - 2].strip() if node.lineno > 1 else ""
    return source.text.startswith("if", source.span(node).start) and not above.startswith("#")


def make_default(text: str, language: str, rng: random.Random) -> Pair | None:
    """A function with a parameter that is required, and with the default it has."""
    source = Source.of(text, language)
    if source is None or len(source.tree.body) != 1:
        return None
    function = source.tree.body[0]
    if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
        return None
    given = function.args
    count = len(given.defaults)
    if not count or len(given.args) < count:
        return None
    # the leftmost default can go without touching the others
    argument, default = given.args[-count], given.defaults[0]
    value, end = source.flat(default), source.span(argument).end
    between = source.text[end : source.span(default).start]
    if value is None or len(value) > 30 or between.strip() != "=":
        return None
    bare = source.edited([Edit(Span(end, source.span(default).end), "")])
    if bare is None:
        return None
    name = argument.arg
    said = (
        f"Make `{name}` optional with a default of `{value}`",
        f"Give `{name}` the default `{value}`",
        f"Default `{name}` to `{value}`",
        f"Make `{name}` optional, `{value}` by default",
    )
    return Pair(bare, text, rng.choice(said), language, "default-add")
