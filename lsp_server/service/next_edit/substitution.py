"""What became what: the difference of two texts in tokens of code, with what stands around it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from lsp_server.core.diff import minimal_edits

NEIGHBOURS = 6
"""Tokens to each side that say what kind of place it is."""
MOST_TOKENS = 600
"""Of a text; a longer one was written anew rather than changed here and there."""
MOST_SUBSTITUTIONS = 12

NAME = re.compile(r"[^\W\d]\w*")
_TOKEN = re.compile(r"[^\W\d]\w*|\d[\w.]*|[^\S\n]+|\n|.")


@dataclass(frozen=True, slots=True)
class Substitution:
    """`old` became `new`; `left` and `right` are the tokens around it on its line, blanks left out.

    `at` is where `new` stands in the text after.
    """

    old: str
    new: str
    left: tuple[str, ...]
    right: tuple[str, ...]
    at: int

    @property
    def is_name(self) -> bool:
        """Whether one name became another."""
        return bool(NAME.fullmatch(self.old) and NAME.fullmatch(self.new))


def tokens_of(text: str) -> list[str]:
    """Names, numbers, blanks, line breaks, and every other character by itself; joined they are `text`."""
    return _TOKEN.findall(text)


def substitutions(before: str, after: str) -> tuple[Substitution, ...]:
    """What was put for what, in order; none if too much is different.

    Lines that stay the same at either end are not looked at.
    """
    edits = minimal_edits(before, after)
    if not edits:
        return ()
    low, tail = edits[0].span.start, len(before) - edits[-1].span.end
    old, new = tokens_of(before[low : len(before) - tail]), tokens_of(after[low : len(after) - tail])
    if max(len(old), len(new)) > MOST_TOKENS:
        return ()
    found = tuple(replace(each, at=each.at + low) for each in _found(old, new))
    return found if len(found) <= MOST_SUBSTITUTIONS else ()


def renames(found: tuple[Substitution, ...], before: str, after: str) -> tuple[tuple[str, str], ...]:
    """Names that became others everywhere in what was changed, each once; the new ones are new."""
    there, left = set(NAME.findall(before)), set(NAME.findall(after))
    pairs = dict.fromkeys((each.old, each.new) for each in found if each.is_name)
    olds = [old for old, _ in pairs]
    return tuple(
        (old, new) for old, new in pairs if old not in left and new not in there and olds.count(old) == 1
    )


def _found(old: list[str], new: list[str]) -> Iterator[Substitution]:
    offsets = [0]
    for token in new:
        offsets.append(offsets[-1] + len(token))
    matcher = SequenceMatcher(lambda token: token.isspace(), old, new, autojunk=False)
    for tag, i, j, k, end in matcher.get_opcodes():
        if tag != "equal":
            left, right = _before(old, i), _behind(old, j)
            yield Substitution("".join(old[i:j]), "".join(new[k:end]), left, right, offsets[k])


def _before(tokens: list[str], at: int) -> tuple[str, ...]:
    found: list[str] = []
    for each in reversed(tokens[:at]):
        if each == "\n" or len(found) == NEIGHBOURS:
            break
        if not each.isspace():
            found.append(each)
    return tuple(reversed(found))


def _behind(tokens: list[str], at: int) -> tuple[str, ...]:
    found: list[str] = []
    for each in tokens[at:]:
        if each == "\n" or len(found) == NEIGHBOURS:
            break
        if not each.isspace():
            found.append(each)
    return tuple(found)
