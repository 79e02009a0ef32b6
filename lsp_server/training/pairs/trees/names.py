"""Local variables and parameters renamed."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable

from lsp_server.core.types import Edit
from lsp_server.syntax.parse import Node
from lsp_server.training.pairs.pair import Pair
from lsp_server.training.pairs.trees.local_names import LANGUAGES, locals_of
from lsp_server.training.pairs.trees.source import TreeSource

RENAME = (
    "Rename `{}` to `{}`",
    "Rename {} to {}",
    "Rename the variable `{}` to `{}`",
    "Call `{}` `{}` instead",
    "rename {} to {}",
)
CLEARER = (
    "Use clearer names",
    "Use better variable names",
    "Use descriptive names",
    "Rename the variables so that they say what they are",
    "Improve the names",
)
POOR = (
    "x",
    "y",
    "a",
    "b",
    "tmp",
    "val",
    "foo",
    "v",
    "obj",
    "var",
    "p",
    "q",
    "n",
    "s",
    "thing",
    "aa",
    "x1",
    "temp",
    "z",
    "t",
)
OTHER = (
    *(
        "item",
        "value",
        "entry",
        "current",
        "source",
        "target",
        "first",
        "node",
        "record",
        "element",
        "content",
    ),
    *(
        "payload",
        "options",
        "settings",
        "buffer",
        "length",
        "size",
        "position",
        "prefix",
        "label",
        "message",
        "count",
    ),
    *(
        "total",
        "limit",
        "offset",
        "key",
        "name",
        "path",
        "line",
        "text",
        "parts",
        "output",
        "data",
        "args",
        "config",
    ),
)
_TAKEN = frozenset(
    {
        *(
            "as",
            "if",
            "in",
            "is",
            "or",
            "do",
            "go",
            "fn",
            "for",
            "var",
            "let",
            "def",
            "del",
            "end",
            "int",
            "new",
        ),
        *(
            "try",
            "use",
            "mod",
            "ref",
            "map",
            "len",
            "str",
            "max",
            "min",
            "set",
            "dir",
            "id",
            "any",
            "all",
            "sum",
        ),
        *("not", "and", "pub", "get", "impl", "list", "dict", "type"),
    }
)
"""Words that some language has a meaning for."""


def make_rename(text: str, language: str, rng: random.Random) -> Pair | None:
    """One name before and another after; the words give both."""
    source = TreeSource.of(text, language) if language in LANGUAGES else None
    names = locals_of(source) if source is not None else {}
    if source is None or not names:
        return None
    old = rng.choice(sorted(names))
    pool = POOR + OTHER if len(old) > 3 else OTHER
    new = rng.choice([each for each in (*pool, *_near(old)) if not source.words(each)] or [""])
    renamed = _renamed(source, {old: new}, names) if new else None
    if renamed is None:
        return None
    # towards the name that was written, but where that is the poorer one
    if new in POOR or rng.random() < 0.5:
        return Pair(renamed, text, rng.choice(RENAME).format(new, old), language, "rename")
    return Pair(text, renamed, rng.choice(RENAME).format(old, new), language, "rename")


def make_clearer(text: str, language: str, rng: random.Random) -> Pair | None:
    """Names that say nothing, and the good ones that were written."""
    source = TreeSource.of(text, language) if language in LANGUAGES else None
    names = locals_of(source) if source is not None else {}
    good = sorted(
        name for name in names if len(name) > 4 and re.fullmatch(r"[a-z]+(?:_[a-z]+|[A-Z][a-z]+)*", name)
    )
    if source is None or not good:
        return None
    several = rng.sample(good, min(len(good), rng.randint(1, 3)))
    free = [each for each in POOR if not source.words(each)]
    if len(free) < len(several):
        return None
    renamed = _renamed(source, dict(zip(several, rng.sample(free, len(several)), strict=True)), names)
    return (
        Pair(renamed, text, rng.choice(CLEARER), language, "clearer-names") if renamed is not None else None
    )


def _near(name: str) -> Iterable[str]:
    """Names that mean about the same."""
    yield name[0]
    if len(name) > 4:
        yield name[0] + re.sub(r"[aeiou_]", "", name[1:])
        yield name[:3]
    yield from (f"{name}_value", f"new_{name}") if "_" in name or name.islower() else (f"{name}Value",)


def _renamed(source: TreeSource, to: dict[str, str], names: dict[str, list[Node]]) -> str | None:
    if any(new in _TAKEN for new in to.values()):
        return None
    return source.edited([Edit(source.span(node), new) for old, new in to.items() for node in names[old]])
