"""scripts/bench: its options and its set-up."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmark.environment import go_where
from benchmark.options import add_problem_options, positive

DECODES = ("auto", "verified", "confidence", "entropy", "left-to-right")
PARTS = ("cold", "warm", "typing", "multiline", "rewrite", "roofline")


def main() -> None:
    """Run from the command line."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the engine is ended as well
    options = parse(sys.argv[1:])
    wanted = ["lsp_server", "torch", "rich"]
    if options.plots:
        wanted.append("matplotlib")
    if options.llama_python is None:
        wanted.append("llama_cpp")
    groups = ("bench",) if {"matplotlib", "llama_cpp"} & set(wanted) else ()
    go_where(wanted, *groups)
    from benchmark.versus import run

    run(options)


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """The command line's options."""
    parser = argparse.ArgumentParser(
        prog="scripts/bench",
        description="Measure Remask and llama.cpp: same GGUF, same holes, same prompt, same number of "
        "threads, greedy, hole by hole in turn; and how near Remask comes to what the machine allows.",
    )
    add_problem_options(parser, holes=40)
    parser.add_argument(
        "--only",
        type=parts,
        default=list(PARTS),
        metavar="PART,PART",
        help=f"of {', '.join(PARTS)} (default: all)",
    )
    parser.add_argument("--scaling", action="store_true", help="also how Remask's cost grows (some minutes)")
    parser.add_argument("--threads", type=positive, help="for both sides; else the physical cores")
    parser.add_argument("--decode", choices=DECODES, default="auto", help="Remask's decode")
    parser.add_argument("--keystrokes", type=positive, default=4, help="typed between two warm fills")
    parser.add_argument("--steps", type=int, default=3, help="most warm fills of a hole")
    parser.add_argument("--sessions", type=positive, default=1, help="replays of the recorded session a side")
    parser.add_argument("--no-in-process", action="store_true", help="leave out the filler alone")
    parser.add_argument(
        "--patience", type=float, default=0, metavar="S", help="wait so long for other processes to be quiet"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures there")
    parser.add_argument("--fills", type=Path, metavar="FILE", help="write every fill there, as JSON lines")
    parser.add_argument("--plots", type=Path, metavar="DIR", help="draw what was measured there, as SVG")
    parser.add_argument(
        "--llama-python", metavar="PYTHON", help="an interpreter with llama-cpp-python; else that of .venv"
    )
    return parser.parse_args(arguments)


def parts(text: str) -> list[str]:
    """The parts named in a list with commas; an empty one is none, for `--scaling` alone."""
    named = [each.strip() for each in text.split(",") if each.strip()]
    if unknown := set(named) - set(PARTS):
        raise argparse.ArgumentTypeError(f"no such part: {', '.join(sorted(unknown))}")
    return [part for part in PARTS if part in named]
