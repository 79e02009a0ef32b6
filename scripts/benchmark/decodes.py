"""Remask's decodes against each other: load, measure hole by hole, print, write."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

from lib.console import step
from rich.console import Console
from rich.table import Table

from benchmark.compare import Record
from benchmark.environment import ensure_model
from benchmark.figures import Summary, summarise
from benchmark.machine import machine, versions
from benchmark.options import problems_of
from benchmark.problems import Problem
from benchmark.progress import TABLE_WIDTH, counting
from benchmark.remask import InProcessSide, request_for
from benchmark.variants import ALL, FEW, LEFT_TO_RIGHT, Variant
from lsp_server.core.cancel import CancelToken
from lsp_server.core.settings import DEFAULT_MODEL, EngineSettings
from lsp_server.engine.runtime.fill import DiffusionFiller
from lsp_server.engine.runtime.load import load_filler


@dataclass(frozen=True, slots=True)
class Row:
    """One decode in one precision. `same`: the share of fills equal to the base's own, left to right."""

    precision: str
    decode: str
    same: float
    summary: Summary


def run(options: argparse.Namespace) -> None:
    """Do what scripts/measure is asked to."""
    problems = problems_of(options)
    ensure_model(DEFAULT_MODEL)
    before = machine()
    records: dict[tuple[str, str], list[Record]] = {}
    for precision in options.precisions:
        settings = EngineSettings(threads=options.threads or 0, precision=precision)
        with step(f"loading the model in {precision}"):
            filler = load_filler(DEFAULT_MODEL, lambda *_: None, settings=settings)
        variants = _chosen(ALL if precision == options.precisions[0] else FEW, options.only)
        for name, found in measure(filler, problems, variants).items():
            records[precision, name] = found
        del filler
    rows = rows_of(records)
    show(rows, Console(width=TABLE_WIDTH))
    if options.json:
        about = {
            "holes": len(problems),
            "problems": options.problems.name if options.problems else "own",
            "seed": options.seed,
            "machine": before,
            "versions": versions(),
        }
        content = {"rows": [asdict(row) for row in rows], **about}
        options.json.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def measure(
    filler: DiffusionFiller, problems: Sequence[Problem], variants: Sequence[Variant]
) -> dict[str, list[Record]]:
    """The fills of each variant, hole by hole, the order going round; the context is read beforehand."""
    records: dict[str, list[Record]] = {variant.name: [] for variant in variants}
    with counting("filling holes", len(problems)) as advance:
        for index, problem in enumerate(problems):
            read = request_for(replace(problem.ask, max_tokens=1), LEFT_TO_RIGHT.sampling)
            filler.fill(read, cancel=CancelToken())
            first = index % len(variants)
            for variant in (*variants[first:], *variants[:first]):
                with variant.applied() as sampling:
                    fill = InProcessSide(filler, sampling).fill(problem.ask)
                records[variant.name].append(Record(variant.name, "warm", problem, fill))
            advance()
    return records


def rows_of(records: dict[tuple[str, str], list[Record]]) -> list[Row]:
    """A row for each variant, in the order measured."""
    base = next((found for (_, name), found in records.items() if name == LEFT_TO_RIGHT.name), [])
    texts = [record.fill.text for record in base]
    rows = []
    for (precision, name), found in records.items():
        equal = sum(record.fill.text == text for record, text in zip(found, texts, strict=False))
        rows.append(Row(precision, name, equal / len(found), summarise(found)))
    return rows


def show(rows: Sequence[Row], console: Console) -> None:
    """The table."""
    table = Table(title="Decodes, with the context already read")
    for heading in ("precision", "decode"):
        table.add_column(heading, no_wrap=True)
    for heading in ("exact", "as base", "forwards", "tokens", "tok/fwd", "p50 ms", "p90 ms", "ms/fwd"):
        table.add_column(heading, justify="right")
    for row in rows:
        summary = row.summary
        table.add_row(
            row.precision,
            row.decode,
            f"{summary.exact_match:.3f}",
            f"{row.same:.2f}",
            f"{summary.forwards_per_fill:.2f}",
            f"{summary.tokens_per_fill:.2f}",
            f"{summary.tokens_per_forward:.2f}",
            f"{summary.median_ms:.0f}",
            f"{summary.p90_ms:.0f}",
            f"{summary.mean_ms / summary.forwards_per_fill:.0f}",
        )
    console.print(table)


def _chosen(variants: Sequence[Variant], only: str | None) -> list[Variant]:
    """Left to right is always among them: the others are compared with it."""
    return [variant for variant in variants if variant is LEFT_TO_RIGHT or not only or only in variant.name]
