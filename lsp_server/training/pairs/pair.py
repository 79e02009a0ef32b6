"""What a pair is, and how it is written to a shard."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Pair:
    """A selection before and after a rewrite, and the words that ask for it.

    Both are dedented, without line breaks at their ends, as the model is shown
    selections. `language` is the LSP language id, `kind` names the transformation.
    """

    before: str
    after: str
    instruction: str
    language: str
    kind: str


Maker = Callable[[str, str, random.Random], Pair | None]
"""Makes a pair from a piece of code, its language and a source of chance, or None where it does not apply."""


def write_pairs(path: Path, pairs: Iterable[Pair]) -> int:
    """Write `pairs` as gzipped JSON lines, and say how many. The same pairs give the same bytes."""
    count = 0
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as raw, gzip.GzipFile(filename="", fileobj=raw, mode="wb", mtime=0) as packed:
        for pair in pairs:
            packed.write(json.dumps(asdict(pair), ensure_ascii=False).encode() + b"\n")
            count += 1
    return count


def read_pairs(path: Path) -> Iterator[Pair]:
    """The pairs of a shard that `write_pairs` wrote."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield Pair(**json.loads(line))
