"""Remask against llama.cpp: start both, measure, print, write."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass

import psutil
from lib.console import fail, step
from rich.console import Console

from benchmark.bystanders import Bystanders, settle
from benchmark.compare import Record, compare, warm_up
from benchmark.environment import ensure_model
from benchmark.llama import LlamaSide
from benchmark.machine import machine, versions
from benchmark.options import problems_of
from benchmark.problems import Problem
from benchmark.progress import TABLE_WIDTH, counting
from benchmark.remask import EngineSide, InProcessSide, private_engine
from benchmark.report import report, show
from benchmark.sides import Side
from lsp_server.core.errors import RemaskError
from lsp_server.core.settings import DEFAULT_MODEL, EngineSettings
from lsp_server.engine.protocol import Decode, Sampling
from lsp_server.engine.runtime.load import load_filler
from lsp_server.engine.store import files


@dataclass(frozen=True, slots=True)
class Contest:
    """Everybody who takes part. `alone` is the filler without its engine, if it does."""

    remask: EngineSide
    llama: LlamaSide
    alone: InProcessSide | None

    @property
    def sides(self) -> list[Side]:
        """All of them, in the order of the table."""
        return [self.remask, *([self.alone] if self.alone else []), self.llama]


def run(options: argparse.Namespace) -> None:
    """Do what scripts/bench is asked to; ends the process if a side cannot take part."""
    problems = problems_of(options)
    ensure_model(DEFAULT_MODEL)
    threads = options.threads or psutil.cpu_count(logical=False) or os.cpu_count() or 1
    before = machine()
    try:
        with private_engine(), ExitStack() as stack:
            contest = _start(options, threads, stack)
            others = Bystanders([contest.remask.pid, contest.llama.pid])
            records = _measure(problems, contest.sides, options)
            before["others_cores"] = round(others.cores(), 2)
    except (RemaskError, RuntimeError) as error:
        fail(str(error.args[0]))
        sys.exit(1)
    console = Console(width=TABLE_WIDTH)
    show(records, console)
    console.print(f"other processes kept {before['others_cores']} cores busy meanwhile", highlight=False)
    if options.fills:
        options.fills.write_text("".join(_line(record) for record in records), encoding="utf-8")
    if options.json:
        about = {**_about(options, problems, contest), "threads": threads, "machine": before}
        options.json.write_text(json.dumps(report(records, about), indent=2) + "\n", encoding="utf-8")


def _start(options: argparse.Namespace, threads: int, stack: ExitStack) -> Contest:
    """Start everybody, with the same number of threads and the same priority."""
    sampling = Sampling(decode=Decode(options.decode))
    with step("starting Remask's engine"):
        remask = EngineSide(DEFAULT_MODEL, threads, sampling)
    stack.callback(remask.close)
    # whatever priority the engine gives itself holds for those it is compared with
    psutil.Process().nice(psutil.Process(remask.pid).nice())
    with step("starting llama.cpp"):
        llama = LlamaSide(options.llama_python or sys.executable, files.require(DEFAULT_MODEL), threads)
    stack.callback(llama.close)
    if options.no_in_process:
        return Contest(remask, llama, None)
    with step("loading Remask's filler in this process"):
        filler = load_filler(DEFAULT_MODEL, lambda *_: None, settings=EngineSettings(threads=threads))
    return Contest(remask, llama, InProcessSide(filler, sampling))


def _measure(problems: Sequence[Problem], sides: Sequence[Side], options: argparse.Namespace) -> list[Record]:
    warm_up(problems[0], sides)
    with counting("filling holes", len(problems)) as advance:
        return compare(
            problems,
            sides,
            keystrokes=options.keystrokes,
            steps=options.steps,
            settle=lambda: settle(options.patience),
            on_done=advance,
        )


def _about(options: argparse.Namespace, problems: Sequence[Problem], contest: Contest) -> dict[str, object]:
    llama = contest.llama
    return {
        "holes": len(problems),
        "problems": options.problems.name if options.problems else "own",
        "seed": options.seed,
        "keystrokes": options.keystrokes,
        "steps": options.steps,
        "decode": options.decode,
        "model": DEFAULT_MODEL,
        "adapter_sha256": contest.remask.adapter,
        "backend": contest.remask.backend,
        "versions": {**versions(), "llama_cpp_python": llama.version, "llama_cpp_system": llama.system},
    }


def _line(record: Record) -> str:
    return json.dumps(asdict(record)) + "\n"
