"""Documents that are there already, letter for letter or nearly."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict

import numpy as np

from lsp_server.training.corpus.words import Hashes, hashes, rows

PERMUTATIONS = 64
BANDS = 16
"""Of four values each: documents that are 80 % alike share a band in 99.98 of 100 cases, 30 % in 12."""
ALIKE = 0.8
"""Jaccard index of the rows of words from which on two documents are one."""
ROW = 5
"""Words in a row (Lee et al., arXiv 2107.06499)."""
_FEWEST_ROWS = 10

_TOKEN = re.compile(r"\w+|[^\w\s]")
_ROWS_AT_ONCE = 20_000


def fingerprint(text: str) -> bytes:
    """The same for texts that differ in white space at lines' ends and in blank lines only."""
    lines = (line.rstrip() for line in text.splitlines())
    return hashlib.blake2b(
        "\n".join(filter(None, lines)).encode("utf-8", "surrogatepass"), digest_size=16
    ).digest()


class ExactDuplicates:
    """Remembers fingerprints."""

    def __init__(self) -> None:
        self._seen: set[bytes] = set()

    def known(self, text: str) -> bool:
        """Whether this text was asked about before; it is remembered."""
        mark = fingerprint(text)
        if mark in self._seen:
            return True
        self._seen.add(mark)
        return False


class NearDuplicates:
    """MinHash with locality-sensitive hashing (Broder 1997): the first of several like documents is kept."""

    def __init__(self, seed: int = 0) -> None:
        rng = np.random.default_rng(seed)
        self._factors = rng.integers(0, 1 << 63, PERMUTATIONS, dtype=np.uint64) * np.uint64(2) + np.uint64(1)
        self._terms = rng.integers(0, 1 << 63, PERMUTATIONS, dtype=np.uint64)
        self._bands: defaultdict[tuple[int, bytes], list[int]] = defaultdict(list)
        self._signatures: list[Hashes] = []

    def known(self, text: str) -> bool:
        """Whether a text like this one was asked about before; if not it is remembered.

        Texts of a few words are never alike.
        """
        shingles = np.unique(rows(hashes(text, _TOKEN), ROW))
        if len(shingles) < _FEWEST_ROWS:
            return False
        signature = self._signature(shingles)
        keys = [(band, part.tobytes()) for band, part in enumerate(np.split(signature, BANDS))]
        others = {other for key in keys for other in self._bands.get(key, ())}
        if any(np.mean(self._signatures[other] == signature) >= ALIKE for other in others):
            return True
        for key in keys:
            self._bands[key].append(len(self._signatures))
        self._signatures.append(signature)
        return False

    def _signature(self, shingles: Hashes) -> Hashes:
        """The smallest value under each permutation, shape (PERMUTATIONS,)."""
        smallest = np.full(PERMUTATIONS, np.iinfo(np.uint64).max, dtype=np.uint64)
        for start in range(0, len(shingles), _ROWS_AT_ONCE):
            part = shingles[start : start + _ROWS_AT_ONCE, None]
            smallest = np.minimum(smallest, (part * self._factors + self._terms).min(axis=0))
        return smallest
