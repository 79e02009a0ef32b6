"""Printing and logging."""

from __future__ import annotations

import ast
import random
import re

from lsp_server.core.types import Edit
from lsp_server.training.pairs.pair import Pair
from lsp_server.training.pairs.python.source import Source

WORDS = (
    "Use logging instead of print",
    "Log with `{}` instead of printing",
    "Replace the prints by logging",
    "Use `{}` instead of `print`",
)
LEVELS = {"debug", "info", "warning", "error", "exception", "critical"}
_LOGGER = re.compile(r"(?:self\.)?_*(?:log|logger|logging|LOG|LOGGER)", re.ASCII)


def make(text: str, language: str, rng: random.Random) -> Pair | None:
    """Prints, and the calls of a logger that were written."""
    source = Source.of(text, language)
    if source is None or "print(" in text:
        return None
    edits, loggers, levels = [], set(), set()
    for node in source.walk():
        if not isinstance(node, ast.Expr) or not isinstance(node.value, ast.Call):
            continue
        function = node.value.func
        if not isinstance(function, ast.Attribute) or function.attr not in LEVELS:
            continue
        name = source.flat(function.value)
        printed = _printed(source, node.value)
        if name is None or not _LOGGER.fullmatch(name) or printed is None:
            return None
        edits.append(Edit(source.span(node), printed))
        loggers.add(name)
        levels.add(function.attr)
    before = source.edited(edits) if len(loggers) == 1 else None
    if before is None:
        return None
    said = rng.choice(WORDS).format(*loggers)
    if len(levels) == 1 and rng.random() < 0.5:
        said = rng.choice(("Use `{}.{}` instead of `print`", "Log this with `{}.{}`")).format(
            *loggers, *levels
        )
    return Pair(before, text, said, language, "print-to-logging")


def _printed(source: Source, call: ast.Call) -> str | None:
    """The call as a print."""
    if not call.args or any(each.arg not in {"exc_info", "stack_info"} for each in call.keywords):
        return None
    parts = [source.flat(each) for each in call.args]
    if None in parts or any(isinstance(each, ast.Starred) for each in call.args):
        return None
    message, *values = (each for each in parts if each is not None)
    if not values:
        return f"print({message})"
    given = (
        values[0]
        if len(values) == 1 and isinstance(call.args[1], ast.Name)
        else f"({', '.join(values)}{',' if len(values) == 1 else ''})"
    )
    return f"print({message} % {given})"
