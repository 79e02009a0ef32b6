"""The result of scripts/bench as tables for a person."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from benchmark.figures import Summary, unfair
from benchmark.report import THEIRS, Results, ratio
from benchmark.roofline.passes import Roofline
from benchmark.scaling.points import Growth
from benchmark.session.outcome import Typing

TITLES = {
    "remask": "Remask",
    "in_process": "Remask, no HTTP",
    "llama_cpp": "llama.cpp",
}
CASES = {
    "cold": "one line, cold",
    "warm": "one line, warm",
    "multiline": "4 to 6 lines, cold",
    "rewrite": "rewrite, cold",
}


def show(results: Results, console: Console) -> None:
    """All that was measured, and what was wrong with the run."""
    if results.records:
        console.print(_fills(results))
    if results.replays:
        console.print(_typing(results))
    if results.ready:
        console.print(_starts(results))
    if results.roofline:
        console.print(_roofline(results.roofline))
    for each in results.growth:
        console.print(_growth(each))
    for complaint in unfair(results.records):
        console.print(f"careful: {complaint}", markup=False)
    if "others_cores" in results.about:
        busy = results.about["others_cores"]
        console.print(f"other processes kept {busy} cores busy meanwhile", highlight=False)


def _fills(results: Results) -> Table:
    headings = ("p50 ms", "p90 ms", "exact", "fwd", "tok", "tok/fwd", "cached", "CPU s/char", "ratio")
    table = _table("Fills", ("fills", "side"), headings)
    for case, sides in results.cases.items():
        for side, summary in sides.items():
            told = ratio({"remask": summary, THEIRS: sides[THEIRS]})
            name = f"{CASES[case]}, {summary.n}"
            table.add_row(name, TITLES[side], *_cells(summary), _number(told, 2))
        table.add_section()
    return table


def _cells(summary: Summary) -> list[str]:
    return [
        f"{summary.median_ms:.0f}",
        f"{summary.p90_ms:.0f}",
        f"{summary.exact_match:.3f}",
        f"{summary.forwards_per_fill:.1f}",
        f"{summary.tokens_per_fill:.1f}",
        f"{summary.tokens_per_forward:.2f}",
        f"{summary.cached_tokens / summary.context_tokens:.0%}",
        _number(summary.cpu_s_per_character, 3),
    ]


def _typing(results: Results) -> Table:
    headings = (
        "p50 ms",
        "p90 ms",
        "fresh",
        "p50",
        "pauses",
        "shown",
        "silent",
        "late",
        "right chars",
        "CPU s/char",
        "ratio",
    )
    table = _table(
        "A recorded session: from the last keystroke to the suggestion (-: mostly withdrawn)",
        ("side",),
        headings,
    )
    sides = results.typing
    for side, found in sides.items():
        told = ratio({"remask": found, THEIRS: sides[THEIRS]})
        table.add_row(TITLES[side], *_typing_cells(found), _number(told, 2))
    return table


def _typing_cells(found: Typing) -> list[str]:
    counts = (found.pauses, found.shown, found.nothing, found.late, found.right_characters)
    return [
        _number(found.median_ms, 0),
        _number(found.p90_ms, 0),
        str(found.fresh),
        _number(found.fresh_median_ms, 0),
        *map(str, counts),
        _number(found.cpu_s_per_character, 3),
    ]


def _starts(results: Results) -> Table:
    headings = ("first start s", "second start s", "peak MiB")
    table = _table("From start to the first token, and memory", ("side",), headings)
    for side, seconds in results.ready.items():
        peak = results.peaks_mib[side]
        table.add_row(TITLES[side], f"{seconds['first']:.1f}", f"{seconds['second']:.1f}", str(peak))
    return table


def _roofline(roofline: Roofline) -> Table:
    title = (
        f"Roofline, {roofline.precision}: {roofline.gigabytes_s:.1f} GB/s, "
        f"{roofline.gigaoperations_s:.0f} thousand million operations a second"
    )
    headings = ("rows", "MB", "10^9 op", "ideal ms", "measured ms", "share")
    table = _table(title, ("pass", "bound by"), headings)
    for each in roofline.passes:
        numbers = (each.megabytes, each.gigaoperations, each.ideal_ms, each.measured_ms)
        cells = [str(each.rows), *(f"{number:.1f}" for number in numbers), f"{each.share:.0%}"]
        table.add_row(each.kind, each.bound, *cells)
    return table


def _growth(growth: Growth) -> Table:
    headings = [f"{each.name}, {each.unit}" if each.unit else each.name for each in growth.series]
    table = _table(growth.title, (), (growth.of, *headings))
    for number, size in enumerate(growth.sizes):
        table.add_row(f"{size:.0f}", *(f"{each.values[number]:.4g}" for each in growth.series))
    return table


def _table(title: str, names: Sequence[str], numbers: Sequence[str]) -> Table:
    table = Table(title=title)
    for heading in names:
        table.add_column(heading, no_wrap=True)
    for heading in numbers:
        table.add_column(heading, justify="right")
    return table


def _number(value: float | None, digits: int) -> str:
    return "-" if value is None else f"{value:.{digits}f}"
