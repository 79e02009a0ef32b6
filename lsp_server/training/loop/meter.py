"""Figures that add up over passes and processes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

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
    """Figures on one line. Names such as accuracy@0 and accuracy@1 are shown together."""
    groups: dict[str, list[tuple[str, float]]] = {}
    for name, value in figures.items():
        head, _, offset = name.partition("@")
        groups.setdefault(head, []).append((offset, value))
    return "  ".join(_group(head, members) for head, members in groups.items())


def _group(head: str, members: list[tuple[str, float]]) -> str:
    values = " ".join(f"{value:.3f}" for _, value in members)
    offsets = ",".join(offset for offset, _ in members if offset)
    return f"{head}@{offsets} {values}" if offsets else f"{head} {values}"
