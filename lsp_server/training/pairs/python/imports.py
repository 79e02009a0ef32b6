"""Import blocks out of order and sorted."""

from __future__ import annotations

import ast
import random

from lsp_server.training.pairs.pair import Pair
from lsp_server.training.pairs.python.source import Source

WORDS = (
    "Sort the imports",
    "Sort the imports alphabetically",
    "Put the imports in order",
    "Organise the imports",
)


def make(text: str, language: str, rng: random.Random) -> Pair | None:
    """Imports shuffled within their groups, and sorted as they were written."""
    source = Source.of(text, language)
    if source is None or not all(isinstance(each, ast.Import | ast.ImportFrom) for each in source.tree.body):
        return None
    if len(source.tree.body) < 4 or "#" in text:
        return None
    groups = [group.split("\n") for group in text.split("\n\n")]
    if any(line.startswith((" ", ")", "\t")) or not line for group in groups for line in group):
        return None
    if not all(group == sorted(group, key=_key) for group in groups):
        return None
    mixed = [rng.sample(group, len(group)) for group in groups]
    before = "\n\n".join("\n".join(group) for group in mixed)
    return Pair(before, text, rng.choice(WORDS), language, "sort-imports")


def _key(line: str) -> tuple[bool, str]:
    return line.startswith("from"), line.split()[1].lower()
