r"""Token healing: how much of the text before a cursor belongs into the hole.

A model trained on whole tokens guesses badly after half of one. The characters
that may still grow into a longer token are put into the hole and locked there.
The rules follow the pre-tokeniser of Qwen2, whose pieces tokens never cross:

    [^\r\n\p{L}\p{N}]?\p{L}+ | \p{N} | ?[^\s\p{L}\p{N}]+[\r\n]* | \s*[\r\n]+ | \s+(?!\S) | \s+
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

LONGEST = 128
"""Characters; what is longer is data rather than a word, and stays outside."""


def half_typed(prefix: str) -> int:
    """How many of the last characters of `prefix` belong into the hole; at most `LONGEST`."""
    tail = prefix[-LONGEST - 2 :]
    if not tail:
        return 0
    last = tail[-1]
    if last.isalpha():
        length = _word(tail)
    elif _is_blank(last):
        length = _run(tail, _is_blank)
    elif _is_mark(last):
        length = _marks(tail)
    else:
        return 0
    return length if length <= LONGEST else 0


def _word(tail: str) -> int:
    letters = _run(tail, str.isalpha)
    before = tail[:-letters]
    if not before or before[-1] in "\r\n" or _is_number(before[-1]):
        return letters
    if _is_mark(before[-1]) and _marks(before) > 1:
        return letters
    return letters + 1


def _marks(tail: str) -> int:
    marks = _run(tail, _is_mark)
    return marks + (tail[:-marks].endswith(" "))


def _run(tail: str, belongs: Callable[[str], bool]) -> int:
    kept = len(tail)
    while kept and belongs(tail[kept - 1]):
        kept -= 1
    return len(tail) - kept


def _is_blank(char: str) -> bool:
    return char.isspace() and char not in "\r\n"


def _is_number(char: str) -> bool:
    return unicodedata.category(char).startswith("N")


def _is_mark(char: str) -> bool:
    return not (char.isspace() or char.isalpha() or _is_number(char))
