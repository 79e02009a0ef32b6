"""Examples come in the same order, however many processes make them."""

from __future__ import annotations

import pytest

from lsp_server.training.examples.example import Example
from lsp_server.training.loop.loader import Loader, choose_workers


class Numbers:
    def at(self, index: int) -> Example | None:
        return Example((index,), 0, (1,), 0, "line", "python") if index % 5 else None


def taken(workers: int, *, first: int = 0, stride: int = 1) -> list[int]:
    loader = Loader(Numbers(), first=first, stride=stride, workers=workers)
    return [each.context[0] for _ in range(4) for each in loader.take(6)]


@pytest.mark.parametrize(("first", "stride"), [(0, 1), (7, 1), (3, 2)])
def test_order(first: int, stride: int) -> None:
    """Every stride-th number from the first one, without those that do not exist."""
    numbers = range(first, first + 24 * stride, stride)
    assert taken(0, first=first, stride=stride) == [each for each in numbers if each % 5]


@pytest.mark.e2e
@pytest.mark.parametrize("workers", [1, 2])
def test_workers_change_nothing(workers: int) -> None:
    """Processes that make examples ahead give them in the order of none."""
    assert taken(workers, first=3, stride=2) == taken(0, first=3, stride=2)


@pytest.mark.parametrize(
    ("cores", "processes", "workers"),
    [(1, 1, 0), (2, 1, 0), (3, 1, 1), (4, 1, 2), (8, 1, 4), (16, 1, 8), (16, 4, 2), (64, 1, 16), (16, 16, 1)],
)
def test_choose_workers(cores: int, processes: int, workers: int) -> None:
    """Half of the cores, a power of two of them; none where the model needs them all."""
    assert choose_workers(cores, processes) == workers
