"""Remask against llama.cpp: start both, measure part by part, print, write."""

from __future__ import annotations

import argparse
import functools
import json
import os
import sys
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field

import psutil
from lib.console import fail, step
from rich.console import Console

from benchmark.blocks import block_problems
from benchmark.bystanders import Bystanders
from benchmark.compare import Record, warm_up
from benchmark.contest import Contest, start
from benchmark.environment import ensure_model
from benchmark.machine import machine, versions
from benchmark.options import problems_of
from benchmark.plots import draw
from benchmark.progress import TABLE_WIDTH
from benchmark.remask import private_engine
from benchmark.report import Results, report
from benchmark.rewrites import rewrite_problems
from benchmark.roofline.passes import measured_roofline
from benchmark.scaling.contexts import by_context
from benchmark.scaling.documents import by_documents
from benchmark.scaling.holes import by_hole
from benchmark.scaling.points import Growth
from benchmark.scaling.repository import by_repository
from benchmark.tables import show
from lsp_server.core.errors import RemaskError
from lsp_server.core.settings import DEFAULT_MODEL, EngineSettings
from lsp_server.engine.runtime.fill import DiffusionFiller
from lsp_server.engine.runtime.load import load_filler

CONTESTED = {"cold", "warm", "multiline", "rewrite", "typing"}
"""The parts in which llama.cpp takes part."""


@dataclass
class Run:
    """One run of scripts/bench: its options, and the filler in this process, loaded when first needed."""

    options: argparse.Namespace
    threads: int
    results: Results = field(default_factory=Results)

    @functools.cached_property
    def filler(self) -> DiffusionFiller:
        """Remask's filler in this process."""
        with step("loading Remask's filler in this process"):
            return load_filler(DEFAULT_MODEL, lambda *_: None, settings=EngineSettings(threads=self.threads))

    def contested(self) -> None:
        """The parts with two sides."""
        wanted = self.options.only
        with private_engine(), ExitStack() as stack:
            contest = start(self.options, self.threads, lambda: self.filler, stack)
            others = Bystanders([contest.remask.pid, contest.llama.pid])
            self.results.records = self._fills(contest)
            if "typing" in wanted:
                self.results.replays = contest.typing(self.options.sessions)
            self.results.ready = contest.ready
            self.results.peaks_mib = contest.peaks_mib()
            self.results.about |= {**_about(contest), "others_cores": round(others.cores(), 2)}

    def _fills(self, contest: Contest) -> list[Record]:
        options, records = self.options, list[Record]()
        few = max(1, options.holes // 2)
        problems = problems_of(options)
        warm_up(problems[0], contest.sides)
        if {"cold", "warm"} & set(options.only):
            steps = options.steps if "warm" in options.only else 0
            records += contest.fills("cold", problems, steps=steps)
            self.results.about["holes"] = len(problems)
        if "multiline" in options.only:
            records += contest.fills("multiline", block_problems(few, options.seed))
        if "rewrite" in options.only:
            records += contest.fills("rewrite", rewrite_problems(few, options.seed))
        return records

    def uncontested(self) -> None:
        """What concerns Remask and the machine alone; other processes have ended."""
        if "roofline" in self.options.only:
            with step("roofline"):
                self.results.roofline = measured_roofline(self.filler, self.threads)
        if self.options.scaling:
            self.results.growth = self._growth()

    def _growth(self) -> list[Growth]:
        with step("how cost grows with the repository"):
            found = [by_repository()]
        with step("with the context"):
            found.append(by_context(self.filler))
        with step("with the hole"):
            found.append(by_hole(self.filler, self.options.seed))
        with step("with the documents open"):
            found.append(by_documents(self.filler, self.options.seed))
        return found


def run(options: argparse.Namespace) -> None:
    """Do what scripts/bench is asked to; ends the process if a side cannot take part."""
    ensure_model(DEFAULT_MODEL)
    threads = options.threads or psutil.cpu_count(logical=False) or os.cpu_count() or 1
    this = Run(options, threads)
    this.results.about |= {**_common(options), "threads": threads, "machine": machine()}
    try:
        if CONTESTED & set(options.only):
            this.contested()
        this.uncontested()
    except (RemaskError, RuntimeError) as error:
        fail(str(error.args[0]))
        sys.exit(1)
    show(this.results, Console(width=TABLE_WIDTH))
    if options.fills:
        lines = (json.dumps(asdict(record)) + "\n" for record in this.results.records)
        options.fills.write_text("".join(lines), encoding="utf-8")
    if options.json:
        content = json.dumps(report(this.results), indent=2)
        options.json.write_text(content + "\n", encoding="utf-8")
    if options.plots:
        draw(this.results, options.plots)


def _common(options: argparse.Namespace) -> dict[str, object]:
    return {
        "parts": options.only,
        "problems": options.problems.name if options.problems else "own",
        "seed": options.seed,
        "keystrokes": options.keystrokes,
        "steps": options.steps,
        "decode": options.decode,
        "model": DEFAULT_MODEL,
        "versions": versions(),
    }


def _about(contest: Contest) -> dict[str, object]:
    llama = contest.llama
    return {
        "adapter_sha256": contest.remask.adapter,
        "backend": contest.remask.backend,
        "versions": {**versions(), "llama_cpp_python": llama.version, "llama_cpp_system": llama.system},
    }
