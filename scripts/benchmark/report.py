"""The result of scripts/bench: as JSON, and as a table for a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from rich.console import Console
from rich.table import Table

from benchmark.compare import Case, Record
from benchmark.figures import Summary, by_side, unfair

OURS, THEIRS = "remask", "llama_cpp"
CASES: tuple[Case, ...] = ("cold", "warm")
TITLES = {
    "remask": "Remask",
    "in_process": "Remask, no HTTP",
    "llama_cpp": "llama.cpp",
}


def report(records: Sequence[Record], about: Mapping[str, object]) -> dict[str, object]:
    """Everything that is written with ``--json``; a ratio is Remask's median time over llama.cpp's."""
    cases = {case: by_side(records, case) for case in CASES}
    cold = cases["cold"]
    return {
        **{f"{case}_ratio": _ratio(sides) for case, sides in cases.items() if sides},
        "exact_match": {side: cold[side].exact_match for side in (OURS, THEIRS)},
        "forwards_per_fill": cold[OURS].forwards_per_fill,
        "tokens_per_forward": cold[OURS].tokens_per_forward,
        **{
            case: {side: asdict(summary) for side, summary in sides.items()}
            for case, sides in cases.items()
            if sides
        },
        "unfair": unfair(records),
        **about,
    }


def show(records: Sequence[Record], console: Console) -> None:
    """Both cases side by side, the ratios, and what was wrong with the run."""
    table = Table(title="One line filled in the middle of a file")
    for heading in ("fills", "side"):
        table.add_column(heading, no_wrap=True)
    for heading in ("p50 ms", "p90 ms", "exact", "fwd", "tok/fwd", "cached", "ratio"):
        table.add_column(heading, justify="right")
    for case in CASES:
        sides = by_side(records, case)
        for side, summary in sides.items():
            ratio = summary.median_ms / sides[THEIRS].median_ms
            table.add_row(f"{case}, {summary.n}", TITLES.get(side, side), *_cells(summary), f"{ratio:.2f}")
        table.add_section()
    console.print(table)
    for complaint in unfair(records):
        console.print(f"careful: {complaint}", markup=False)


def _cells(summary: Summary) -> list[str]:
    return [
        f"{summary.median_ms:.0f}",
        f"{summary.p90_ms:.0f}",
        f"{summary.exact_match:.3f}",
        f"{summary.forwards_per_fill:.1f}",
        f"{summary.tokens_per_forward:.2f}",
        f"{summary.cached_tokens / summary.context_tokens:.0%}",
    ]


def _dicts(sides: Mapping[str, Summary]) -> dict[str, dict[str, float]]:
    return {side: asdict(summary) for side, summary in sides.items()}


def _ratio(sides: Mapping[str, Summary]) -> float:
    return sides[OURS].median_ms / sides[THEIRS].median_ms
