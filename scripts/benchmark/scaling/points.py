"""What was measured of a growing cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Series:
    """One cost at each size; `unit` is that of `values`."""

    name: str
    unit: str
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Growth:
    """Costs over `sizes`, which count what `of` says."""

    name: str
    title: str
    of: str
    sizes: tuple[float, ...]
    series: tuple[Series, ...]


def growth(
    name: str, title: str, of: str, names: Sequence[tuple[str, str]], rows: Sequence[Sequence[float]]
) -> Growth:
    """From rows of a size and its costs; `names` are the costs' names and units, in the order of the rows."""
    columns = tuple(zip(*rows, strict=True))
    series = (Series(label, unit, values) for (label, unit), values in zip(names, columns[1:], strict=True))
    return Growth(name, title, of, columns[0], tuple(series))
