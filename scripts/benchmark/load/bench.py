"""scripts/load_engine: its options and its set-up."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmark.environment import go_where
from benchmark.options import positive

SCENES = ("editors", "greedy", "fairness", "restart")


def main() -> None:
    """Run from the command line."""
    options = parse(sys.argv[1:])
    go_where(("lsp_server", "httpx", "rich", "torch"))
    from benchmark.load.run import run

    run(options)


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """The command line's options."""
    parser = argparse.ArgumentParser(
        prog="scripts/load_engine",
        description="A real `remask engine --listen` and many users with keys of their own. editors: each "
        "replays the recorded typing session from another place on, at the recorded speed, with all that an "
        "editor's server asks. greedy: the same beside one user who always has long fills waiting. "
        "fairness: all users always have fills waiting, one of them many, under names of many clients. "
        "restart: editors again; in the middle the engine is told to stop, and started again.",
    )
    parser.add_argument(
        "--editors", nargs="+", type=positive, default=[1, 2, 4], help="at once (default: 1 2 4)"
    )
    parser.add_argument("--scenes", nargs="+", choices=SCENES, default=list(SCENES))
    parser.add_argument("--seconds", type=positive, default=40, help="of each scene (default %(default)s)")
    parser.add_argument(
        "--parallel", nargs="+", type=int, default=[0], help="the engine's --parallel (default: its own)"
    )
    parser.add_argument(
        "--greed", type=positive, default=16, help="fills of the greedy user (default %(default)s)"
    )
    parser.add_argument("--engine", nargs="+", default=[], help="another command that starts an engine")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures there")
    return parser.parse_args(arguments)
