"""Functions whose local variables were given names that say nothing, and what became of these."""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence

from lsp_server.evaluation.rewriting import python
from lsp_server.evaluation.rewriting.pieces import Piece

UNCLEAR = ("tmp", "v", "res", "d", "val", "aa", "obj", "s1")
"""Names that say nothing."""
HOW_MANY = 2
"""Local variables of a function that get such a name."""
SHORTEST = 4
"""Letters of a name that is taken away."""
FEWEST = 3
"""Letters of a name that says something."""
_COMPREHENSIONS = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


def made_unclear(piece: Piece) -> Piece:
    """The function with its first local variables of a telling name called otherwise, always the same."""
    new = _names_for(piece)
    text = _with_names(piece.text, new) if len(new) == HOW_MANY else piece.text
    return piece.with_text(text) if python.renamed(piece.text, text) else piece


def can_be_made_unclear(piece: Piece) -> bool:
    """Whether that gives another function."""
    return made_unclear(piece) is not piece


def cleared(before: str, after: str) -> bool:
    """Whether nothing but names changed, and what said nothing has names that may say something."""
    left = [name for name, _, _ in became(before, before, after)]
    return python.renamed(before, after) and len(left) == HOW_MANY


def became(original: str, before: str, after: str) -> list[tuple[str, str, str]]:
    """Of each name that says nothing and was replaced: what it was once, then, and is now."""
    if not python.renamed(before, after):
        return []
    found = {
        then: (was, then, now) for was, then, now in zip(*map(_names, (original, before, after)), strict=True)
    }
    return [each for each in found.values() if each[1] in UNCLEAR and _says_something(each[2])]


def _says_something(name: str) -> bool:
    return len(re.sub(r"[\W\d_]", "", name)) >= FEWEST and name not in UNCLEAR


def _names(text: str) -> list[str]:
    tree = ast.parse(python.bare(text))
    return [node.id for node in ast.walk(tree) if isinstance(node, ast.Name)]


def _names_for(piece: Piece) -> dict[str, str]:
    """The new name of each old one."""
    function = python.function_of(piece.text)
    if function is None:
        return {}
    kept = {each.arg for each in ast.walk(function) if isinstance(each, ast.arg)}
    told = [name for name in _bound(function) if len(name) >= SHORTEST and name not in kept]
    document = piece.document.text
    free = [name for name in UNCLEAR if not re.search(rf"\b{name}\b", document)]
    start = len(piece.text) % max(1, len(free))
    pairs = zip(dict.fromkeys(told), (*free[start:], *free[:start]), strict=False)
    return dict(list(pairs)[:HOW_MANY])


def _bound(node: ast.AST) -> Iterator[str]:
    """Names that are bound, in order; comprehensions bind for themselves."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Name) and isinstance(child.ctx, ast.Store):
            yield child.id
        if not isinstance(child, _COMPREHENSIONS | python.Function | ast.ClassDef):
            yield from _bound(child)


def _with_names(text: str, new: Mapping[str, str]) -> str:
    plain = textwrap.dedent(text)
    margin = text.index(text.lstrip()[0]) if plain != text else 0
    lines = [line.encode() for line in text.split("\n")]
    for line, start, name in sorted(_places(plain, set(new)), reverse=True):
        at = start + margin
        lines[line] = lines[line][:at] + new[name].encode() + lines[line][at + len(name.encode()) :]
    return b"\n".join(lines).decode()


def _places(text: str, names: set[str]) -> Sequence[tuple[int, int, str]]:
    """(line, byte in it, name)."""
    found = ast.walk(ast.parse(text))
    return [
        (node.lineno - 1, node.col_offset, node.id)
        for node in found
        if isinstance(node, ast.Name) and node.id in names
    ]
