"""Whether a pair is right: both sides parse, they differ in more than layout, and neither is gigantic."""

from __future__ import annotations

import ast
import warnings
from functools import lru_cache

from lsp_server.syntax.languages import language_for
from lsp_server.syntax.parse import Parsed, parse
from lsp_server.training.pairs.pair import Pair

LARGEST = 3_000
"""Characters of one side."""
MOST_LINES = 60
WIDEST = 160
"""Characters of a line."""
BROKEN_BEFORE = frozenset({"syntax"})
"""Kinds whose `before` does not parse, on purpose."""


def sound(pair: Pair) -> bool:
    """Whether `pair` may be learnt from."""
    if pair.before == pair.after or not pair.instruction.strip() or not _fits(pair.before, pair.after):
        return False
    if "".join(pair.before.split()) == "".join(pair.after.split()):
        return False
    broken = pair.kind in BROKEN_BEFORE
    return parses(pair.after, pair.language) and parses(pair.before, pair.language) is not broken


def parses(text: str, language: str) -> bool:
    """Whether `text` is in order by itself: by `ast` for Python, else by its grammar.

    Methods of a class and statements stand alone here, which some grammars
    accept only inside one; then they are tried there.
    """
    if language == "python":
        return tree_of(text) is not None
    return parsed_alone(text, language) is not None


@lru_cache(maxsize=16)
def parsed_alone(text: str, language: str) -> tuple[Parsed, int] | None:
    """The tree of a piece, and how far into the parsed text the piece begins; None if it does not parse."""
    known = language_for(language)
    for around in _AROUND.get(language, ("{}",)):
        parsed = parse(around.replace("{}", text, 1), known)
        if parsed.root is not None and not parsed.root.has_error:
            return parsed, around.index("{}")
    return None


_AROUND = {
    "javascript": ("{}", "class A {\n{}\n}", "async function* f() {\n{}\n}"),
    "javascriptreact": ("{}", "class A {\n{}\n}", "async function* f() {\n{}\n}"),
    "typescript": ("{}", "class A {\n{}\n}", "async function* f() {\n{}\n}"),
    "typescriptreact": ("{}", "class A {\n{}\n}", "async function* f() {\n{}\n}"),
    "java": ("class A {\n{}\n}", "{}"),
    "csharp": ("class A {\n{}\n}", "{}"),
    "kotlin": ("class A {\n{}\n}", "{}"),
    "php": ("<?php class A {\n{}\n}", "<?php {}", "{}"),
    "swift": ("class A {\n{}\n}", "{}"),
    "scala": ("class A {\n{}\n}", "{}"),
    "dart": ("class A {\n{}\n}", "{}"),
}
"""What a piece may stand in, for languages whose functions may be methods."""


@lru_cache(maxsize=64)
def tree_of(text: str) -> ast.Module | None:
    """The Python tree of `text`, shared: not to be changed; None if it does not parse."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def same(one: str, other: str) -> bool:
    """Whether two Python texts have the same tree, that is, differ in layout and comments alone."""
    first, second = tree_of(one), tree_of(other)
    return first is not None and second is not None and ast.dump(first) == ast.dump(second)


def _fits(*texts: str) -> bool:
    return all(
        text.strip()
        and len(text) <= LARGEST
        and text.count("\n") < MOST_LINES
        and max(map(len, text.split("\n"))) <= WIDEST
        for text in texts
    )
