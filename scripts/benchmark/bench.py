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


def main() -> None:
    """Run from the command line."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the engine is ended as well
    options = parse(sys.argv[1:])
    ours = ("lsp_server", "torch", "rich")
    if options.llama_python:
        go_where(ours)
    else:
        go_where((*ours, "llama_cpp"), "bench")
    from benchmark.versus import run

    run(options)


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """The command line's options."""
    parser = argparse.ArgumentParser(
        prog="scripts/bench",
        description="Time single-line fills by Remask and by llama.cpp: same GGUF, same holes, same prompt, "
        "same number of threads, greedy, hole by hole in turn.",
    )
    add_problem_options(parser, holes=40)
    parser.add_argument("--threads", type=positive, help="for both sides; else the physical cores")
    parser.add_argument("--decode", choices=DECODES, default="auto", help="Remask's decode")
    parser.add_argument("--keystrokes", type=positive, default=4, help="typed between two warm fills")
    parser.add_argument("--steps", type=int, default=3, help="most warm fills of a hole; 0: cold ones only")
    parser.add_argument("--no-in-process", action="store_true", help="leave out the filler alone")
    parser.add_argument(
        "--patience", type=float, default=0, metavar="S", help="wait so long for other processes to be quiet"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures there")
    parser.add_argument("--fills", type=Path, metavar="FILE", help="write every fill there, as JSON lines")
    parser.add_argument(
        "--llama-python", metavar="PYTHON", help="an interpreter with llama-cpp-python; else that of .venv"
    )
    return parser.parse_args(arguments)
