"""Make a shard of pairs from shards of a corpus: `python -m lsp_server.training.pairs OUT SHARD...`.

A shard of a corpus is gzipped JSON lines with `text` and `language`.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from lsp_server.training.pairs.draw import MOST_OF_A_DOCUMENT, prepare
from lsp_server.training.pairs.pair import Pair, write_pairs


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    language: str


def main(arguments: list[str] | None = None) -> int:
    """Write the shard and print how many pairs of each kind it has."""
    parser = argparse.ArgumentParser(description="Make instruction pairs from the shards of a corpus.")
    parser.add_argument("out", type=Path, help="the shard of pairs to write, as pairs-00000.jsonl.gz")
    parser.add_argument("shards", type=Path, nargs="+", help="shards of the corpus: gzipped JSON lines")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--limit", type=int, help="the most pairs to write")
    parser.add_argument("--each", type=int, default=MOST_OF_A_DOCUMENT, help="the most pairs of one document")
    parser.add_argument("--no-lint", action="store_true", help="do without the linter's fixes")
    given = parser.parse_args(arguments)
    counts = Counter[str]()
    texts, lint = _lines(given.shards), not given.no_lint
    pairs = prepare(texts, seed=given.seed, limit=given.limit, each=given.each, lint=lint)
    total = write_pairs(given.out, _counted(pairs, counts))
    sys.stdout.writelines(f"{count:7}  {kind}\n" for kind, count in counts.most_common())
    sys.stdout.write(f"{total:7}  pairs in {given.out}\n")
    return 0


def _lines(shards: Iterable[Path]) -> Iterator[_Line]:
    for shard in shards:
        with gzip.open(shard, "rt", encoding="utf-8") as lines:
            for line in lines:
                fields = json.loads(line)
                yield _Line(fields["text"], fields["language"])


def _counted(pairs: Iterable[Pair], counts: Counter[str]) -> Iterator[Pair]:
    for pair in pairs:
        counts[pair.kind] += 1
        yield pair


if __name__ == "__main__":
    sys.exit(main())
