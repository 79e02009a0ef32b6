"""scripts/bench_next_edit: its options and its run."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from benchmark.environment import go_where

TUNED_ON = (
    "pypi:marshmallow:4.2.4:4.3.0",
    "pypi:luigi:3.7.3:3.8.0",
    "pypi:tox:4.52.0:4.53.0",
    "pypi:scrapy:2.15.2:2.16.0",
)
"""What thresholds were chosen on."""
RELEASES = (
    "pypi:httpx:0.27.2:0.28.0",
    "pypi:tornado:6.5:6.6",
    "pypi:anyio:4.14.2:4.15.0",
    "pypi:falcon:4.1.0:4.2.0",
    "pypi:starlette:0.51.0:1.0.0",
    "npm:express:5.1.0:5.2.0",
    "npm:fastify:5.3.0:5.4.0",
    "npm:@trpc/client:11.4.0:11.5.0",
)
"""What figures are of. The adapter was trained on none of them, nor on those above."""


def main() -> None:
    """Run from the command line."""
    options = parse(sys.argv[1:])
    go_where(("lsp_server", "torch", "sacrebleu"), "eval")
    sys.exit(run(options))


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """The command line's options."""
    parser = argparse.ArgumentParser(
        prog="scripts/bench_next_edit",
        description="Replay the differences of two releases, file by file, as a user's edits; after each ask "
        "for the next edit, and compare what is offered with what was really changed. Packages are fetched "
        "by pip and npm.",
    )
    parser.add_argument(
        "releases", nargs="*", metavar="REGISTRY:NAME:OLD:NEW", help=f"default: {' '.join(RELEASES)}"
    )
    parser.add_argument("--tuned-on", action="store_true", help="the packages that thresholds were chosen on")
    parser.add_argument("--unjudged", action="store_true", help="by syntax alone, without the model")
    parser.add_argument("--most", type=int, default=400, help="questions of one package, evenly spread")
    parser.add_argument("--work", type=Path, default=Path("build/next-edit"), help="where archives are kept")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every outcome there, as JSON lines")
    return parser.parse_args(arguments)


def run(options: argparse.Namespace) -> int:
    """Fetch, replay, print; the exit code."""
    import msgspec
    from lib.console import Failed, fail

    from benchmark.next_edit.releases import Releases
    from lsp_server.core.settings import DEFAULT_MODEL, EngineSettings
    from lsp_server.evaluation.next_edit.figures import table
    from lsp_server.evaluation.next_edit.outcome import Outcome
    from lsp_server.evaluation.next_edit.run import InProcess, outcomes

    engine = None
    if not options.unjudged:
        from lsp_server.engine.runtime.load import load_filler

        filler = load_filler(DEFAULT_MODEL, lambda _share, _what: None, settings=EngineSettings())
        print(f"{DEFAULT_MODEL}, {filler.backend}", flush=True)
        engine = InProcess(filler)
    named: list[tuple[str, list[Outcome]]] = []
    lines = options.json.open("wb") if options.json else None
    try:
        for text in options.releases or (TUNED_ON if options.tuned_on else RELEASES):
            releases = Releases.of(text)
            found = list(releases.asks(options.work))
            every = max(1, -(-len(found) // options.most))
            made = list(outcomes(engine, found[::every]))
            named.append((f"{releases.name} {releases.old} to {releases.new}", made))
            print(f"{named[-1][0]}: {len(made)} of {len(found)} questions", flush=True)
            if lines:
                lines.writelines(msgspec.json.encode(asdict(each)) + b"\n" for each in made)
    except Failed as failed:
        fail(str(failed))
        return 1
    finally:
        if lines:
            lines.close()
    everything = [each for _, made in named for each in made]
    reasons = sorted({each.reason for each in everything if each.shown})
    by_reason = [
        (f"offers: {name}", [each for each in everything if each.reason == name]) for name in reasons
    ]
    print(table([*named, ("all", everything), *by_reason]))
    return 0
