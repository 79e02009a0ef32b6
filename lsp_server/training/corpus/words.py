"""Text as rows of words, and hashes of so many words in a row."""

from __future__ import annotations

import re
import zlib
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]

_MIX = np.uint64(0x9E3779B97F4A7C15)
_SHIFT = np.uint64(29)


@lru_cache(maxsize=1 << 18)
def _hash(word: str) -> int:
    """The same on every machine and in every run, unlike `hash`."""
    return zlib.crc32(word.encode("utf-8", "surrogatepass"))


def hashes(text: str, pattern: re.Pattern[str]) -> Hashes:
    """One number for each match of `pattern` in `text`, shape (words,)."""
    return np.fromiter(map(_hash, pattern.findall(text)), dtype=np.uint64)


def rows(words: Hashes, length: int) -> Hashes:
    """One number for each `length` words in a row, shape (words - length + 1,), or () if there are fewer."""
    count = len(words) - length + 1
    if count <= 0:
        return np.empty(0, dtype=np.uint64)
    mixed = np.zeros(count, dtype=np.uint64)
    for at in range(length):
        mixed = (mixed ^ words[at : at + count]) * _MIX
        mixed ^= mixed >> _SHIFT
    return mixed
