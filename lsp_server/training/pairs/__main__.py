"""Make a shard of pairs from shards of a corpus: `python -m lsp_server.training.pairs OUT SHARD...`."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

from lsp_server.core.errors import RemaskError
from lsp_server.training.corpus.documents import read_documents
from lsp_server.training.pairs.draw import MOST_OF_A_DOCUMENT, prepare
from lsp_server.training.pairs.pair import Pair, write_pairs


def main(arguments: list[str] | None = None) -> int:
    """Write the shard and print how many pairs of each kind it has."""
    parser = argparse.ArgumentParser(description="Make instruction pairs from the shards of a corpus.")
    parser.add_argument("out", type=Path, help="the shard of pairs to write, as pairs-00000.jsonl.gz")
    parser.add_argument("shards", type=Path, nargs="+", help="shards that scripts/build_corpus wrote")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--limit", type=int, help="the most pairs to write")
    parser.add_argument("--each", type=int, default=MOST_OF_A_DOCUMENT, help="the most pairs of one document")
    parser.add_argument("--no-lint", action="store_true", help="do without the linter's fixes")
    given = parser.parse_args(arguments)
    counts = Counter[str]()
    documents, lint = chain.from_iterable(map(read_documents, given.shards)), not given.no_lint
    pairs = prepare(documents, seed=given.seed, limit=given.limit, each=given.each, lint=lint)
    try:
        total = write_pairs(given.out, _counted(pairs, counts))
    except RemaskError as problem:
        sys.stderr.write(f"{problem}\n")
        return 1
    sys.stdout.writelines(f"{count:7}  {kind}\n" for kind, count in counts.most_common())
    sys.stdout.write(f"{total:7}  pairs in {given.out}\n")
    return 0


def _counted(pairs: Iterable[Pair], counts: Counter[str]) -> Iterator[Pair]:
    for pair in pairs:
        counts[pair.kind] += 1
        yield pair


if __name__ == "__main__":
    sys.exit(main())
