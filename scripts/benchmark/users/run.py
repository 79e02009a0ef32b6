"""Many editors: start each side, let the sides take turns, print, write."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import defaultdict
from dataclasses import asdict

from lib.console import fail, step
from rich.console import Console
from rich.table import Table

from benchmark.environment import ensure_model
from benchmark.machine import machine, versions
from benchmark.options import problems_of
from benchmark.problems import Problem
from benchmark.users.figures import Figures, figures
from benchmark.users.generate import Generate
from benchmark.users.sides import Answer, Engine, Side, Work
from lsp_server.core.errors import RemaskError
from lsp_server.core.settings import DEFAULT_MODEL, EngineSettings
from lsp_server.engine.runtime.attempt import Model
from lsp_server.engine.runtime.load import load_filler

WIDTH = 110


def run(options: argparse.Namespace) -> None:
    """Do what scripts/bench_users is asked to; ends the process if the model cannot be had."""
    ensure_model(DEFAULT_MODEL)
    settings = EngineSettings(
        backend="torch",
        parallel=1,
        device=options.device,
        precision=options.precision,
        threads=options.threads or 0,
    )
    try:
        with step("loading the model"):
            filler = load_filler(DEFAULT_MODEL, lambda *_: None, settings=settings)
    except RemaskError as error:
        fail(str(error))
        sys.exit(1)
    problems = problems_of(options)
    found = [
        each for editors in options.editors for each in _contest(filler.loaded, editors, problems, options)
    ]
    Console(width=WIDTH).print(_table(found, filler.backend))
    if options.json:
        about = {
            "machine": machine(),
            "versions": versions(),
            "backend": filler.backend,
            "seed": options.seed,
        }
        content = {"about": about, "figures": [asdict(each) for each in found]}
        options.json.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def work_for(problems: list[Problem], editors: int, fills: int) -> Work:
    """Different lines for each editor, as long as there are enough."""
    return [
        [problems[(editor * fills + number) % len(problems)] for number in range(fills)]
        for editor in range(editors)
    ]


def _contest(
    loaded: Model, editors: int, problems: list[Problem], options: argparse.Namespace
) -> list[Figures]:
    """All sides with so many editors; in every other round the sides go in reverse."""
    work = work_for(problems, editors, options.fills)
    on_gpu = loaded.network.weights.device.type == "cuda"
    answers, seconds = defaultdict[str, list[Answer]](list), defaultdict[str, float](float)
    for number in range(options.rounds):
        for name in options.sides[:: -1 if number % 2 else 1]:
            with step(f"{editors} editors, {name}"):
                side = _side(name, loaded, editors)
                side.answers([[problems[-1]]] * (editors if on_gpu else 1))  # kernels are made at first use
                started = time.perf_counter()
                answers[name] += side.answers(work)
                seconds[name] += time.perf_counter() - started
                side.close()
    return [figures(name, editors, answers[name], seconds[name]) for name in options.sides]


def _side(name: str, loaded: Model, editors: int) -> Side:
    if name == "generate":
        return Generate(loaded)
    return Engine(loaded, editors if name == "together" else 1)


def _table(found: list[Figures], backend: str) -> Table:
    table = Table(title=f"Editors that ask at once ({backend})")
    for heading in (
        "editors",
        "side",
        "fills",
        "tokens/s",
        "fills/s",
        "p50 ms",
        "p99 ms",
        "tokens/fill",
        "exact",
    ):
        table.add_column(heading, justify="left" if heading == "side" else "right")
    for each in found:
        table.add_row(
            str(each.editors),
            each.side,
            str(each.fills),
            f"{each.tokens_per_s:.1f}",
            f"{each.fills_per_s:.2f}",
            f"{each.p50_ms:.0f}",
            f"{each.p99_ms:.0f}",
            f"{each.tokens_per_fill:.1f}",
            f"{each.exact_match:.2f}",
        )
    return table
