"""Which holes: the options that both scripts have."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from benchmark.problems import Problem, choose, read_problems
from benchmark.sample import own_problems


def add_problem_options(parser: argparse.ArgumentParser, *, holes: int) -> None:
    """Add them; `holes` is the default number."""
    parser.add_argument(
        "--problems",
        type=Path,
        metavar="FILE.jsonl.gz",
        help="in HumanEval-Infilling's format; else lines of Remask's source and the standard library",
    )
    parser.add_argument("--holes", type=positive, default=holes, help="how many (default %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="chooses the holes")


def problems_of(options: argparse.Namespace) -> list[Problem]:
    """The holes that the options name; ends the process if there are none."""
    if options.problems is None:
        return own_problems(options.holes, options.seed)
    try:
        problems = choose(read_problems(options.problems), options.holes, options.seed)
    except (OSError, ValueError, KeyError) as error:
        sys.exit(f"{options.problems} cannot be used: {error!r}")
    if not problems:
        sys.exit(f"{options.problems} has no single-line holes")
    return problems


def positive(text: str) -> int:
    """A whole number from 1."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number} is less than 1")
    return number
