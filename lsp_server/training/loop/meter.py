"""Figures that add up over passes and processes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

_NUMBERED = re.compile(r"(\D*)(\d*)(\D*)")

Counts = Mapping[str, tuple[float, float]]


class Meter:
    """Sums and weights by name; a figure is its sum over its weight."""

    def __init__(self) -> None:
        self._sums: dict[str, tuple[float, float]] = {}

    def add(self, counts: Counts) -> None:
        """Take more in."""
        for name, (value, weight) in counts.items():
            known, known_weight = self._sums.get(name, (0.0, 0.0))
            self._sums[name] = (known + value, known_weight + weight)

    def sums(self) -> dict[str, tuple[float, float]]:
        """What was added up."""
        return dict(self._sums)

    def figures(self) -> dict[str, float]:
        """The means of all names that have any weight, in the order in which they came."""
        return {name: value / weight for name, (value, weight) in self._sums.items() if weight}

    @classmethod
    def of(cls, several: Iterable[Counts]) -> Meter:
        """All of them together."""
        meter = cls()
        for each in several:
            meter.add(each)
        return meter


def in_words(figures: Mapping[str, float]) -> str:
    """Figures on one line. Names that differ in a number alone go together: right at 0,1 0.9 0.8."""
    groups: dict[tuple[str, str], list[tuple[str, float]]] = {}
    for name, value in figures.items():
        found = _NUMBERED.fullmatch(name)
        before, number, behind = found.groups() if found else (name, "", "")
        groups.setdefault((before, behind), []).append((number, value))
    return "  ".join(_group(before, behind, members) for (before, behind), members in groups.items())


def _group(before: str, behind: str, members: list[tuple[str, float]]) -> str:
    numbers = ",".join(number for number, _ in members)
    return " ".join([f"{before}{numbers}{behind}", *(f"{value:.3f}" for _, value in members)])
