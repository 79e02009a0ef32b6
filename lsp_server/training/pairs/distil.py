"""Answers of the base model taken as pairs where they can be shown to be right."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from lsp_server.training.pairs.check import same, sound, tree_of
from lsp_server.training.pairs.pair import Pair

Answer = Callable[[str, str, str], str]
"""What a model writes for an instruction, a selection and its language."""

EXACT = frozenset(
    {
        *(
            "rename",
            "docstring-remove",
            "types-remove",
            "comments-remove",
            "unused-remove",
            "commented-out-remove",
        ),
        *(
            "sort-imports",
            "print-to-logging",
            "default-add",
            "try-remove",
            "async-to-sync",
            "syntax",
            "early-return",
        ),
        *(
            "f-string",
            "if-to-ternary",
            "loop-to-comprehension",
            "simplify",
            "inline-variable",
            "extract-variable",
        ),
    }
)
"""Kinds whose answer is right if its tree is that of `after`."""


def distilled(pairs: Iterable[Pair], answer: Answer) -> Iterator[Pair]:
    """The pairs for which the model's own answer is right, with that answer as `after`.

    Right is, for kinds of `EXACT`, what has the same tree as the known answer; for
    docstrings, what leaves the code as it was and says something. Other kinds and
    languages without a tree to compare are left out. The gain is the model's own way of
    writing: layout and words it is sure of.
    """
    for pair in pairs:
        if pair.language != "python" or (pair.kind not in EXACT and pair.kind != "docstring-add"):
            continue
        text = answer(pair.instruction, pair.before, pair.language).strip("\n")
        made = replace(pair, after=text, kind=f"distilled:{pair.kind}")
        right = _documents(pair.before, text) if pair.kind == "docstring-add" else same(text, pair.after)
        if right and sound(made):
            yield made


def _documents(before: str, text: str) -> bool:
    """Whether `text` is `before` with a docstring of some words in its only function."""
    tree, known = tree_of(text), tree_of(before)
    if tree is None or known is None or len(tree.body) != 1 or len(known.body) != 1:
        return False
    function, bare = tree.body[0], known.body[0]
    if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef) or type(function) is not type(bare):
        return False
    said = ast.get_docstring(function)
    if said is None or len(said.split()) < 3:
        return False
    mine = ast.parse(text).body[0]
    mine.body = mine.body[1:]  # type: ignore[attr-defined]
    return ast.dump(mine) == ast.dump(bare)
