"""Scores for people and for files: a terminal's table, the README's, JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from lsp_server.evaluation.calibration import Calibration
from lsp_server.evaluation.scores import Score, Scores

if TYPE_CHECKING:
    from rich.table import Table

BEGIN, END = "<!-- eval:begin -->", "<!-- eval:end -->"


@dataclass(frozen=True, slots=True)
class Published:
    """A figure of somebody else: HumanEval-Infilling single-line pass@1 without oracle lengths."""

    model: str
    pass_at_1: float
    source: str


PUBLISHED = (
    Published("Qwen2.5-Coder-0.5B, left to right", 0.742, "temperature 0.6; third-party run"),
    Published("Open-dCoder-0.5B, diffusion, mean over fixed canvases", 0.325, "Open-dLLM"),
    Published("DreamOn-7B, diffusion", 0.908, "DreamOn"),
)
"""To be compared with; none was measured here."""

_COLUMNS: tuple[tuple[str, str, str], ...] = (
    ("pass@1", "pass_at_1", ".3f"),
    ("exact", "exact_match", ".3f"),
    ("similar", "edit_similarity", ".3f"),
    ("chrF", "chrf", ".3f"),
    ("parses", "parse_rate", ".3f"),
    ("forwards", "forwards", ".2f"),
    ("tok/fwd", "tpf", ".2f"),
    ("s/fill", "seconds", ".2f"),
)


def as_json(scores: Scores, about: Mapping[str, object], calibrations: Sequence[Calibration] = ()) -> bytes:
    """``{"about": {...}, "results": {benchmark: {way: {n, exact_match, ...}}}}``, indented.

    With `calibrations` also ``"calibration": [{way, measure, n, accepted, ece, auroc, best, curve}]``.
    """
    more = {"calibration": calibrations} if calibrations else {}
    content = msgspec.json.encode({"about": about, "results": scores, **more})
    return msgspec.json.format(content, indent=2) + b"\n"


def as_table(scores: Scores) -> Table:
    """For a terminal."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for name in ("benchmark", "n", "decode", *(title for title, _, _ in _COLUMNS)):
        text = name in {"benchmark", "decode"}
        table.add_column(name, justify="left" if text else "right", no_wrap=True)
    for benchmark, ways in scores.items():
        for way, score in ways.items():
            table.add_row(benchmark, str(score.n), way, *cells(score))
        table.add_section()
    return table


def cells(score: Score) -> list[str]:
    """One row's figures as text; a dash for what was not measured."""
    values = ((getattr(score, name), form) for _, name, form in _COLUMNS)
    return ["-" if value is None else format(value, form) for value, form in values]


def markdown(scores: Scores, *, command: str, published: Sequence[Published] = PUBLISHED) -> str:
    """The README's table, between its markers; `command` is what measured it."""
    return "\n".join([BEGIN, *_lines(scores, published), "", f"Measured by `{command}`.", END]) + "\n"


def replaced(document: str, table: str) -> str:
    """`document` with what stands between the markers replaced by `table`.

    Raises:
        ValueError: it has no markers.
    """
    before, begin, rest = document.partition(BEGIN)
    _, end, after = rest.partition(END + "\n")
    if not begin or not end:
        raise ValueError(f"there is no {BEGIN} and {END}")
    return before + table + after


def _lines(scores: Scores, published: Sequence[Published]) -> Iterator[str]:
    titles = ["holes", "decode", "n", *(title for title, _, _ in _COLUMNS), "source"]
    yield _row(titles)
    yield _row(["---"] * 2 + ["--:"] * (len(titles) - 3) + ["---"])
    for benchmark, ways in scores.items():
        for way, score in ways.items():
            yield _row([benchmark, way, str(score.n), *cells(score), "measured"])
        if benchmark == "single-line":
            for each in published:
                figures = [f"{each.pass_at_1:.3f}", *["-"] * (len(_COLUMNS) - 1)]
                yield _row([benchmark, each.model, "1033", *figures, f"published: {each.source}"])


def _row(values: Sequence[str]) -> str:
    return f"| {' | '.join(values)} |"
