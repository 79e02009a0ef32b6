"""The result of scripts/bench as drawings, in SVG: the same figures give the same bytes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from benchmark.report import OURS, THEIRS, Results
from benchmark.roofline.passes import Roofline
from benchmark.scaling.points import Growth
from benchmark.tables import CASES, TITLES

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INCHES = (4.2, 3.0)
"""Of one chart."""
COLOURS = {OURS: "#2f6f9f", THEIRS: "#c9782c"}


def draw(results: Results, folder: Path) -> list[Path]:
    """Write a drawing for each part that was measured: the files."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams.update({"svg.hashsalt": "remask", "svg.fonttype": "none", "font.size": 9})
    folder.mkdir(parents=True, exist_ok=True)
    figures = {f"bench-{each.name}": _growth(each) for each in results.growth}
    if times := _times(results):
        figures["bench-times"] = _bars(times)
    if results.roofline:
        figures["bench-roofline"] = _roofline(results.roofline)
    return [_save(figure, folder / f"{name}.svg") for name, figure in figures.items()]


def _times(results: Results) -> dict[str, Mapping[str, float]]:
    """Median milliseconds by case and side."""
    found: dict[str, Mapping[str, float]] = {
        CASES[case]: {side: sides[side].median_ms for side in (OURS, THEIRS)}
        for case, sides in results.cases.items()
    }
    if typing := results.typing:
        found["recorded session"] = {side: typing[side].median_ms or 0.0 for side in (OURS, THEIRS)}
    return found


def _bars(times: Mapping[str, Mapping[str, float]]) -> Figure:
    figure, (axes,) = _charts(1)
    for place, side in enumerate((THEIRS, OURS)):
        heights = [each[side] for each in times.values()]
        places = [number + 0.38 * place for number in range(len(times))]
        bars = axes.barh(places, heights, 0.36, color=COLOURS[side], label=TITLES[side])
        axes.bar_label(bars, fmt="%.0f", padding=2)
    axes.set_yticks([number + 0.19 for number in range(len(times))], list(times))
    axes.set_xlabel("median milliseconds")
    axes.margins(x=0.15)
    axes.legend()
    return figure


def _roofline(roofline: Roofline) -> Figure:
    figure, (axes,) = _charts(1)
    names = [f"{each.kind}, {each.rows} rows" for each in roofline.passes]
    bars = axes.barh(names, [100 * each.share for each in roofline.passes], color=COLOURS[OURS])
    axes.bar_label(bars, fmt="%.0f %%", padding=2)
    axes.set_xlim(0, 110)
    axes.set_xlabel("share of the roofline, %")
    axes.invert_yaxis()
    return figure


def _growth(growth: Growth) -> Figure:
    figure, charts = _charts(len(growth.series))
    for axes, series in zip(charts, growth.series, strict=True):
        axes.plot(growth.sizes, series.values, marker="o", color=COLOURS[OURS])
        axes.set_title(f"{series.name}, {series.unit}" if series.unit else series.name)
        axes.set_xlabel(growth.of)
        axes.set_ylim(bottom=0)
    return figure


def _charts(count: int) -> tuple[Figure, list[Axes]]:
    from matplotlib import pyplot as plt

    figure, charts = plt.subplots(1, count, squeeze=False, figsize=(INCHES[0] * count, INCHES[1]))
    for axes in charts[0]:
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(alpha=0.3)
    return figure, list(charts[0])


def _save(figure: Figure, path: Path) -> Path:
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})
    return path
