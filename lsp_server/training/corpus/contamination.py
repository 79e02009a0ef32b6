"""Whether a document holds a piece of the problems a model is measured on."""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from lsp_server.core.errors import BadInput
from lsp_server.training.corpus.words import hashes, rows

ROW = 10
"""Words in a row that a document and a problem must have in common; punctuation does not count."""
FEWEST_NAMES = 5
"""Different words of a row that begin with a letter: rows of numbers are everywhere."""

_TEXTS = ("prompt", "canonical_solution", "suffix")
_TEST = "test"
_WORD = re.compile(r"\w+")
_MARKS = re.compile(
    r"human[-_]?eval[-_/ ]?(?:infilling|plus|x|pack|\d)|openai_humaneval|\bmbpp\b", re.IGNORECASE
)


class Contamination:
    """The rows of words of some problems."""

    def __init__(self, texts: Iterable[str]) -> None:
        telling = {row for text in texts for row in _telling(text)}
        self._rows = np.array(sorted(telling), dtype=np.uint64)

    def __len__(self) -> int:
        """How many rows of words are looked for."""
        return len(self._rows)

    def found_in(self, text: str) -> bool:
        """Whether `text` has a row of `ROW` words of a problem, or names a known set of problems."""
        if _MARKS.search(text):
            return True
        if not len(self._rows):
            return False
        found = rows(hashes(text.lower(), _WORD), ROW)
        places = np.searchsorted(self._rows, found).clip(max=len(self._rows) - 1)
        return bool((self._rows[places] == found).any())


def _telling(text: str) -> list[int]:
    words = _WORD.findall(text.lower())
    numbers = rows(hashes(text.lower(), _WORD), ROW)
    return [
        int(row)
        for at, row in enumerate(numbers)
        if len({word for word in words[at : at + ROW] if word[0].isalpha()}) >= FEWEST_NAMES
    ]


def read_problems(paths: Sequence[Path]) -> Contamination:
    """Take in JSON-lines files, gzipped if so called, in the format of HumanEval or its infilling variants.

    Raises:
        BadInput: a file cannot be read or is something else.
    """
    texts: set[str] = set()
    for path in paths:
        try:
            with (gzip.open if path.suffix == ".gz" else open)(path, "rt", encoding="utf-8") as lines:
                for line in filter(str.strip, lines):
                    texts.update(_texts(json.loads(line)))
        except (OSError, EOFError, zlib.error, ValueError, AttributeError, TypeError) as error:
            raise BadInput(
                f"{path} has no problems: {error!r}",
                hint="One JSON object a line is wanted, with prompt, canonical_solution, suffix and test.",
            ) from error
    return Contamination(sorted(texts))


def _texts(problem: dict[str, str]) -> list[str]:
    """What stands in one piece in a file: the problem with its solution, and its test."""
    prompt, solution, suffix = (problem.get(name, "") for name in _TEXTS)
    if not prompt + solution:
        raise ValueError("neither prompt nor canonical_solution")
    return [prompt + solution + suffix, problem.get(_TEST, "")]
