"""scripts/sizing: its options and its set-up."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmark.environment import go_where
from benchmark.options import positive

MEASURED = Path(__file__).with_name("measured.json")
BEGIN, END = "<!-- sizing: begin -->", "<!-- sizing: end -->"


def main() -> None:
    """Run from the command line."""
    options = parse(sys.argv[1:])
    go_where(("lsp_server",))
    from benchmark.session.recording import read_recording
    from benchmark.sizing.measure import Measured, measured
    from benchmark.sizing.table import lines

    if options.measure or options.url:
        found = measured(read_recording(), options.url, options.most)
        text = json.dumps(found.as_json(), indent=2)
        options.measured.write_text(f"{text}\n", encoding="utf-8")
        print()
    told = Measured(**json.loads(options.measured.read_text(encoding="utf-8")))
    table = "\n".join(lines(told))
    if options.markdown:
        text = options.markdown.read_text(encoding="utf-8")
        head, rest = text.split(BEGIN)
        options.markdown.write_text(f"{head}{BEGIN}\n{table}\n{END}{rest.split(END)[1]}", encoding="utf-8")
    else:
        print(table)


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """The command line's options."""
    parser = argparse.ArgumentParser(
        prog="scripts/sizing",
        description="How many users a GPU serves as a remote engine, computed from the tokens of the "
        "recorded session of typing and from assumptions, which are printed. To tell cached tokens SGLang "
        "needs --enable-cache-report, vLLM --enable-prompt-tokens-details.",
    )
    parser.add_argument(
        "--measure", action="store_true", help="count tokens anew, with this machine's engine"
    )
    parser.add_argument("--url", default="", help="or with a remote one, as in engine.url")
    parser.add_argument("--most", type=positive, help="pauses to ask at, of the session's first")
    parser.add_argument(
        "--measured",
        type=Path,
        default=MEASURED,
        metavar="FILE",
        help="what was measured (default: ours)",
    )
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write it between the markers there")
    return parser.parse_args(arguments)
