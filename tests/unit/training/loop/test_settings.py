"""Settings refuse what makes no sense, and know which of them make a run another one."""

from __future__ import annotations

from typing import Any

import pytest

from lsp_server.core.errors import BadInput
from lsp_server.training.loop.settings import TrainSettings


@pytest.mark.parametrize(
    "wrong",
    [
        {"steps": None},
        {"steps": 0},
        {"minutes": -1},
        {"minutes": float("nan")},
        {"batch": 0},
        {"accumulate": 0},
        {"log_every": 0},
        {"workers": -1},
        {"learning_rate": 0},
        {"clip": 0},
        {"warm_up": 1},
        {"floor": 1.5},
    ],
)
def test_refuses(wrong: dict[str, Any]) -> None:
    """Numbers out of their range, or no budget, are errors for people."""
    with pytest.raises(BadInput):
        TrainSettings(**{"steps": 10, **wrong})


@pytest.mark.parametrize(
    ("change", "another"),
    [
        ({"steps": 20}, False),
        ({"minutes": 5.0}, False),
        ({"log_every": 1}, False),
        ({"workers": 4}, False),
        ({"seed": 1}, True),
        ({"batch": 2}, True),
        ({"clip": 2.0}, True),
        ({"about": {"rank": 8}}, True),
    ],
)
def test_identity(change: dict[str, Any], another: bool) -> None:
    """Budget and reporting do not make a run another one; what it learns from and how does."""
    first, second = TrainSettings(steps=10), TrainSettings(**{"steps": 10, **change})
    assert (first.identity() != second.identity()) is another
