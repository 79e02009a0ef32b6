"""Mistakes put into code, to be mended: a wrong operator, variable or bracket."""

from __future__ import annotations

import random
from collections.abc import Iterator

from lsp_server.core.types import Edit, Span
from lsp_server.training.pairs.pair import Pair
from lsp_server.training.pairs.python.source import chosen
from lsp_server.training.pairs.trees.local_names import LANGUAGES, locals_of
from lsp_server.training.pairs.trees.source import TreeSource

MEND = (
    "Fix the bug",
    "There is a bug here, fix it",
    "Find and fix the mistake",
    "Fix this",
    "This does not work, correct it",
)
SYNTAX = (
    "Fix the syntax error",
    "Fix the syntax",
    "This does not parse, fix it",
    "Fix this",
    "Correct the syntax",
)
TYPO = ("Fix the typo", "Fix the misspelt name", "There is a typo, fix it", "Fix the spelling")
NOISE = ("Correct this", "Something is mixed up here, fix it", "Fix the mistakes", "Restore this")
HINTS = {
    "comparison": ("Fix the comparison", "The comparison is wrong, fix it", "Fix the condition"),
    "logic": ("Fix the condition", "Fix the logic", "The condition is wrong"),
    "arithmetic": ("Fix the arithmetic", "The calculation is wrong, fix it"),
    "value": ("Fix the wrong value", "This returns the wrong value"),
    "variable": (
        "Fix the wrong variable",
        "The wrong variable is used here",
        "A variable is mixed up, fix it",
    ),
}
_SWAPS = {
    "==": ("!=", "comparison"),
    "!=": ("==", "comparison"),
    "===": ("!==", "comparison"),
    "!==": ("===", "comparison"),
    "<": (">", "comparison"),
    ">": ("<", "comparison"),
    "<=": (">=", "comparison"),
    ">=": ("<=", "comparison"),
    "and": ("or", "logic"),
    "or": ("and", "logic"),
    "&&": ("||", "logic"),
    "||": ("&&", "logic"),
    "+": ("-", "arithmetic"),
    "-": ("+", "arithmetic"),
    "True": ("False", "value"),
    "False": ("True", "value"),
    "true": ("false", "value"),
    "false": ("true", "value"),
    "+=": ("-=", "arithmetic"),
}
_HOLDERS = (
    "binary",
    "comparison",
    "boolean",
    "augmented",
    "true",
    "false",
    "not_operator",
    "conditional",
    "infix",
)


def make_bug(text: str, language: str, rng: random.Random) -> Pair | None:
    """Code with one operator, truth value or variable exchanged, and as it was written."""
    source = TreeSource.of(text, language)
    if source is None:
        return None
    found = list(_operators(source))
    if language in LANGUAGES and rng.random() < 0.5:
        found = list(_variables(source, rng)) or found
    if not found:
        return None
    edit, sort = rng.choice(found)
    before = source.edited([edit])
    if before is None:
        return None
    return Pair(before, text, rng.choice(MEND + HINTS[sort]), language, "bug")


def _operators(source: TreeSource) -> Iterator[tuple[Edit, str]]:
    for node in source.leaves():
        parent = node.parent
        swap = _SWAPS.get(source.part(node))
        if (
            swap is not None
            and parent is not None
            and any(holder in parent.type or holder == node.type for holder in _HOLDERS)
        ):
            yield Edit(source.span(node), swap[0]), swap[1]


def _variables(source: TreeSource, rng: random.Random) -> Iterator[tuple[Edit, str]]:
    """A later use of a variable, replaced by another one declared before it."""
    names = {name: nodes for name, nodes in locals_of(source).items() if len(nodes) > 1}
    if len(names) < 2:
        return
    for name, nodes in chosen(rng, sorted(names.items())):
        node = nodes[-1]
        start = source.span(node).start
        others = [each for each, at in names.items() if each != name and source.span(at[0]).start < start]
        before = source.text[:start].rstrip()
        if (
            others
            and len(nodes) > 2
            and not before.endswith(("for", "var", "let", "const", "as", "of", "in", "("))
        ):
            yield Edit(source.span(node), rng.choice(sorted(others))), "variable"


def make_typo(text: str, language: str, rng: random.Random) -> Pair | None:
    """Code with one name misspelt at one place, and as it was written; it stands elsewhere as it should."""
    source = TreeSource.of(text, language)
    if source is None:
        return None
    names = [node for node in source.leaves() if "identifier" in node.type and len(source.part(node)) > 4]
    for node in list(chosen(rng, names))[:4]:
        name = source.part(node)
        at = rng.randrange(1, len(name) - 1)
        swapped = name[:at] + name[at + 1] + name[at] + name[at + 2 :]
        wrong = rng.choice((name[:at] + name[at + 1 :], swapped, name[:at] + name[at] + name[at:]))
        before = source.edited([Edit(source.span(node), wrong)])
        if source.words(name) > 1 and not source.words(wrong) and before is not None:
            return Pair(before, text, rng.choice(TYPO), language, "typo")
    return None


def make_renoised(text: str, language: str, rng: random.Random) -> Pair | None:
    """Code in which some tokens were replaced by others of their sort, and as it was written.

    So looks a canvas in the middle of an edit by strength: most of it stands, some is wrong.
    """
    source = TreeSource.of(text, language)
    if source is None:
        return None
    leaves = [node for node in source.leaves() if node.is_named and source.part(node).strip()]
    edits = []
    for node in list(chosen(rng, leaves))[: rng.randint(2, 5)]:
        if source.words(source.part(node)) < 2 and not source.part(node).isdigit():
            # what stands nowhere else cannot be known
            continue
        others = {source.part(each) for each in leaves if each.type == node.type} - {source.part(node)}
        if others and "comment" not in node.type and "string" not in node.type:
            edits.append(Edit(source.span(node), rng.choice(sorted(others))))
    before = source.edited(edits) if len(edits) > 1 else None
    return Pair(before, text, rng.choice(NOISE), language, "renoise") if before is not None else None


def make_syntax(text: str, language: str, rng: random.Random) -> Pair | None:
    """Code with one bracket, quote, colon or comma missing or doubled, and as it was written."""
    source = TreeSource.of(text, language)
    if source is None or language not in LANGUAGES:
        return None
    leaves = [node for node in source.leaves() if node.type in _MARKS and source.part(node)]
    for node in list(chosen(rng, leaves))[:4]:
        span = source.span(node)
        edit = Edit(span, "")
        if rng.random() < 0.2:
            edit = Edit(Span(span.end, span.end), source.part(node))
        before = source.edited([edit])
        if before is not None and TreeSource.of(before, language) is None:
            return Pair(before, text, rng.choice(SYNTAX), language, "syntax")
    return None


_MARKS = frozenset({"(", ")", "[", "]", "{", "}", ":", ",", "string_start", "string_end", '"', "=>"})
