"""scripts/measure: its options and its set-up."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmark.environment import go_where
from benchmark.options import add_problem_options, positive

PRECISIONS = ("int8", "bf16", "fp32")


def main() -> None:
    """Run from the command line."""
    options = parse(sys.argv[1:])
    go_where(("lsp_server", "torch", "rich"))
    from benchmark.decodes import run

    run(options)


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """The command line's options."""
    parser = argparse.ArgumentParser(
        prog="scripts/measure",
        description="Compare Remask's decodes on the same single-line holes, with the context already read: "
        "exact match, forwards, tokens per forward, time. This decides what `auto` is.",
    )
    add_problem_options(parser, holes=40)
    parser.add_argument("--threads", type=positive, help="else the physical cores")
    parser.add_argument(
        "--precisions",
        nargs="+",
        choices=PRECISIONS,
        default=["int8", "bf16"],
        help="the first with every decode, the others with a few (default: int8 bf16)",
    )
    parser.add_argument("--only", metavar="TEXT", help="decodes whose name holds this")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures there")
    return parser.parse_args(arguments)
