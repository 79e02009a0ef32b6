"""Docstrings taken out and put back."""

from __future__ import annotations

import ast
import random
import re

from lsp_server.training.pairs.pair import Pair
from lsp_server.training.pairs.python.source import Function, Source

SHORT = ("Add a docstring", "Add a one-line docstring", "Document this function", "Write a short docstring")
LONG = ("Add a docstring", "Document this function", "Write a docstring")
STYLES = (
    (re.compile(r"^\s*(?:Args|Returns):\s*$", re.MULTILINE), "Google-style docstring"),
    (re.compile(r"^\s*(?:Parameters|Returns)\n\s*-{3,}\s*$", re.MULTILINE), "NumPy-style docstring"),
    (re.compile(r"^\s*:(?:param|returns?|rtype)\b", re.MULTILINE), "Sphinx-style docstring"),
)
WITH_STYLE = ("Add a {}", "Write a {}", "Document the parameters in a {}")
REMOVE = ("Remove the docstring", "Delete the docstring", "Drop the docstring")
BACK = 0.15
MOST_LINES = 14
_SENTENCE = re.compile(r"[A-Z][\w'`*\"()-]*(?:[ ,]+\S+){2,}[.:]?$")
_UNFINISHED = re.compile(r"TODO|FIXME|XXX|_summary_|lorem", re.IGNORECASE)


def make(text: str, language: str, rng: random.Random) -> Pair | None:
    """A function without its docstring, and with it, if that is a real sentence."""
    source = Source.of(text, language)
    if source is None or len(source.tree.body) != 1:
        return None
    node = source.tree.body[0]
    if not isinstance(node, Function) or len(node.body) < 2:
        return None
    said = ast.get_docstring(node)
    statement = node.body[0]
    if not said or not _real(said) or statement.lineno == node.lineno:
        return None
    lines = source.whole_lines(statement, statement)
    bare = source.edited([source.without_lines(lines)]) if lines is not None else None
    if bare is None or not _only_docstring_gone(node, bare):
        return None
    if rng.random() < BACK:
        return Pair(text, bare, rng.choice(REMOVE), language, "docstring-remove")
    return Pair(bare, text, _words(said, rng), language, "docstring-add")


def _real(said: str) -> bool:
    lines = said.strip().split("\n")
    first = lines[0].strip()
    paragraph = " ".join(line.strip() for line in lines[: [*lines, ""].index("") or 1])
    return (
        len(lines) <= MOST_LINES
        and said.isascii()
        and bool(_SENTENCE.match(first))
        and paragraph.endswith((".", ":"))
        and not _UNFINISHED.search(said)
    )


def _words(said: str, rng: random.Random) -> str:
    style = next((name for pattern, name in STYLES if pattern.search(said)), None)
    if style is not None and rng.random() < 0.7:
        return rng.choice(WITH_STYLE).format(style)
    return rng.choice(LONG if "\n" in said else SHORT)


def _only_docstring_gone(node: Function, bare: str) -> bool:
    try:
        after = ast.parse(bare).body[0]
    except SyntaxError:
        return False
    body = getattr(after, "body", [])
    return [ast.dump(each) for each in body] == [ast.dump(each) for each in node.body[1:]]
