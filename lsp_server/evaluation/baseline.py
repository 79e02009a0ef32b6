"""Whether figures are as good as those that were kept, within a tolerance.

A baseline is what ``remask eval --json`` wrote. Fills are the same every time on one
machine, but another precision or processor rounds otherwise, and few holes make
large shares: hence the tolerances. Better figures are no complaint. Time is not compared.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from lsp_server.core.errors import BadInput
from lsp_server.evaluation.scores import Score, Scores

HOLES = 2
"""So many holes more may be wrong, or may not parse."""
TEXT = 0.08
"""Edit similarity and chrF may be less by this."""
COST = 0.15
"""This share more forwards a fill, and so many fewer tokens a forward, are let pass."""


class Baseline(msgspec.Struct, frozen=True):
    """The kept figures, and what they were measured with."""

    about: dict[str, object]
    results: dict[str, dict[str, Score]]


@dataclass(frozen=True, slots=True)
class _Figure:
    name: str
    kept: float
    found: float
    limit: float
    at_least: bool = True

    @property
    def bad(self) -> bool:
        return self.found < self.limit if self.at_least else self.found > self.limit


def read_baseline(path: Path) -> Baseline:
    """The baseline in a file; raises `BadInput`."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Baseline)
    except (OSError, msgspec.MsgspecError) as error:
        raise BadInput(
            f"{path} is not a baseline: {error}", hint="`remask eval --json` writes them."
        ) from error


def complaints(baseline: Baseline, scores: Scores) -> list[str]:
    """What is worse than the baseline allows, or missing, for a person; empty if nothing is."""
    return [
        complaint
        for benchmark, ways in baseline.results.items()
        for way, kept in ways.items()
        for complaint in _compared(f"{benchmark}, {way}", kept, scores.get(benchmark, {}).get(way))
    ]


def _compared(row: str, kept: Score, found: Score | None) -> Iterator[str]:
    if found is None:
        yield f"{row}: not measured"
    elif found.n != kept.n:
        yield f"{row}: {found.n} holes instead of {kept.n}"
    else:
        for figure in _figures(kept, found):
            if figure.bad:
                than = "at least" if figure.at_least else "at most"
                kept_so = f"the baseline's {figure.kept:.3f} wants {than} {figure.limit:.3f}"
                yield f"{row}: {figure.name} is {figure.found:.3f}; {kept_so}"


def _figures(kept: Score, found: Score) -> Iterator[_Figure]:
    holes = (HOLES + 0.5) / kept.n  # half a hole, so that rounding decides nothing
    for name in ("exact_match", "pass_at_1", "parse_rate"):
        old, new = getattr(kept, name), getattr(found, name)
        if old is not None:
            yield _Figure(name, old, new if new is not None else 0.0, old - holes)
    for name in ("edit_similarity", "chrf"):
        old = getattr(kept, name)
        yield _Figure(name, old, getattr(found, name), old - TEXT)
    yield _Figure("tpf", kept.tpf, found.tpf, kept.tpf * (1 - COST))
    yield _Figure("forwards", kept.forwards, found.forwards, kept.forwards * (1 + COST), at_least=False)
