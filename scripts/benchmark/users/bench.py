"""scripts/bench_users: its options and its set-up."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmark.environment import go_where
from benchmark.options import add_problem_options, positive

SIDES = ("together", "in turn", "generate")


def main() -> None:
    """Run from the command line."""
    options = parse(sys.argv[1:])
    go_where(("lsp_server", "torch", "rich", "transformers"))
    from benchmark.users.run import run

    run(options)


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """The command line's options."""
    parser = argparse.ArgumentParser(
        prog="scripts/bench_users",
        description="Editors that ask for lines all at once: Remask with fills that share passes, Remask "
        "with one fill at a time, and transformers' generate of the base in batches, on the same weights and "
        "holes. Contexts are cold.",
    )
    add_problem_options(parser, holes=64)
    parser.add_argument(
        "--editors", nargs="+", type=positive, default=[1, 8, 32], help="at once (default: 1 8 32)"
    )
    parser.add_argument("--fills", type=positive, default=8, help="of each editor (default %(default)s)")
    parser.add_argument(
        "--rounds", type=positive, default=1, help="of all sides in turn (default %(default)s)"
    )
    parser.add_argument("--sides", nargs="+", choices=SIDES, default=list(SIDES))
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto")
    parser.add_argument(
        "--precision", choices=("bf16", "fp32"), default="bf16", help="of all sides (default bf16)"
    )
    parser.add_argument("--threads", type=positive, help="else the physical cores")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures there")
    return parser.parse_args(arguments)
