"""All ways of making a pair, and drawing among them."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import blake2b
from itertools import islice
from typing import Protocol

from lsp_server.training.pairs.check import sound
from lsp_server.training.pairs.lint import lint_pairs
from lsp_server.training.pairs.pair import Maker, Pair
from lsp_server.training.pairs.pieces import pieces
from lsp_server.training.pairs.python import (
    asynchronous,
    comprehensions,
    conditionals,
    docstrings,
    errors,
    fstrings,
    hints,
    imports,
    output,
    simpler,
    unused,
    variables,
)
from lsp_server.training.pairs.trees import comments, faults, idioms, javascript, names
from lsp_server.training.pairs.trees import unused as clutter


class Written(Protocol):
    """A document of a corpus."""

    @property
    def text(self) -> str:
        """The whole text."""

    @property
    def language(self) -> str:
        """The LSP language id."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way of making pairs; `weight` is its share of all pairs where code allows."""

    name: str
    make: Maker
    weight: float = 1.0


WAYS = (
    Way("types", hints.make, 1.5),
    Way("docstring", docstrings.make, 2.0),
    Way("comprehension", comprehensions.make, 2.0),
    Way("ternary", conditionals.make_ternary),
    Way("guard", conditionals.make_guard, 1.5),
    Way("f-string", fstrings.make, 1.5),
    Way("try", errors.make_try, 1.5),
    Way("check", errors.make_check, 1.5),
    Way("default", errors.make_default),
    Way("async", asynchronous.make),
    Way("logging", output.make),
    Way("imports", imports.make, 0.3),
    Way("simplify", simpler.make, 3.0),
    Way("unused", unused.make, 1.5),
    Way("variable", variables.make, 1.0),
    Way("rename", names.make_rename, 2.0),
    Way("clearer-names", names.make_clearer, 1.5),
    Way("comments", comments.make_comments, 1.5),
    Way("doc", comments.make_doc, 1.5),
    Way("bug", faults.make_bug, 0.7),
    Way("typo", faults.make_typo, 0.7),
    Way("renoise", faults.make_renoised, 1.0),
    Way("syntax", faults.make_syntax, 0.7),
    Way("commented-out", clutter.make_commented, 0.7),
    Way("debug", clutter.make_debug, 0.7),
    Way("dead", clutter.make_dead, 0.7),
    Way("const", javascript.make_const),
    Way("strict", javascript.make_strict),
    Way("arrow", javascript.make_arrow),
    Way("template", javascript.make_template),
    Way("chain", javascript.make_chain),
    Way("idiom", idioms.make, 1.5),
    Way("ts-types", javascript.make_types, 1.5),
)
MOST_OF_A_PIECE = 2
"""Pairs made from one piece."""
MOST_OF_A_DOCUMENT = 12
"""Pairs taken from one document."""
MOST_PIECES = 12
"""Pieces of one document that are looked at."""


def make_pair(text: str, language: str, rng: random.Random) -> Pair | None:
    """A pair from some piece of a document, the ways tried in an order drawn by their weights."""
    found = pieces(text, language)
    rng.shuffle(found)
    for piece in found[:4]:
        for way in sorted(WAYS, key=lambda each: rng.random() ** (1 / each.weight), reverse=True):
            pair = way.make(piece, language, rng)
            if pair is not None and sound(pair):
                return pair
    return None


def prepare(
    documents: Iterable[Written],
    *,
    seed: int = 0,
    limit: int | None = None,
    each: int = MOST_OF_A_DOCUMENT,
    lint: bool = True,
) -> Iterator[Pair]:
    """Pairs from `documents`, at most `limit` in all, as evenly over the ways as the code allows.

    From one document there are at most `each`, those of the ways furthest behind their
    share. Fixes of the linter come last, up to a quarter of the rest; `each` is not
    for them.

    Raises:
        LinterMissing: `lint` and ruff is not installed.
    """
    python, made = list[str](), 0
    room = limit if limit is None or not lint else limit * 4 // 5
    for pair in islice(_drawn(documents, python, seed, each), room):
        yield pair
        made += 1
    if lint:
        left = made // 4 if limit is None else limit - made
        yield from islice(filter(sound, lint_pairs(python, seed=seed)), left)


def _drawn(documents: Iterable[Written], python: list[str], seed: int, each: int) -> Iterator[Pair]:
    """Pairs of all ways but the linter's; Python texts met are put into `python`."""
    counts, seen = Counter[str](), set[bytes]()
    for document in documents:
        if document.language == "python":
            python.append(document.text)
        made: list[tuple[Way, Pair]] = []
        found = pieces(document.text, document.language)
        chooser = random.Random(f"{seed}{len(document.text)}{document.text[:200]}")  # noqa: S311 - not secret
        for piece in chooser.sample(found, min(len(found), MOST_PIECES)):
            digest = blake2b(piece.encode(errors="replace"), digest_size=8).digest()
            if digest in seen:
                continue
            seen.add(digest)
            rng = random.Random(f"{seed}{digest.hex()}")  # noqa: S311 - not secret
            made += pairs_of(piece, document.language, rng, counts)
        made.sort(key=lambda one: counts[one[0].name] / one[0].weight)
        for way, pair in made[:each]:
            counts[way.name] += 1
            yield pair


def pairs_of(
    piece: str, language: str, rng: random.Random, counts: Counter[str]
) -> Iterator[tuple[Way, Pair]]:
    """Up to `MOST_OF_A_PIECE` pairs of one piece; `counts` says how many each way has made so far."""
    made = 0
    for way in sorted(WAYS, key=lambda each: (counts[each.name] + rng.random()) / each.weight):
        pair = way.make(piece, language, rng)
        if pair is not None and sound(pair):
            made += 1
            yield way, pair
        if made == MOST_OF_A_PIECE:
            return
