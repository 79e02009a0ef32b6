"""The threads that passes run on."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue

import pytest
import torch

from lsp_server.engine.runtime.numba.linear import NumbaLinear
from lsp_server.engine.runtime.numba.processor import lanes
from lsp_server.engine.runtime.numba.team import Job, Team, team

pytestmark = pytest.mark.skipif(not lanes(), reason="this processor has no products of bytes")


def product(team: Team) -> NumbaLinear:
    generator = torch.Generator().manual_seed(0)
    weight = torch.randint(-127, 128, (900, 256), dtype=torch.int8, generator=generator)
    return NumbaLinear(weight, torch.rand(900, generator=generator), team)


def test_a_helper_that_never_wakes_is_not_needed() -> None:
    """The caller does all there is; a helper that wakes after later passes changes nothing."""
    asleep: SimpleQueue[Job] = SimpleQueue()
    sleepy = Team(2)
    sleepy._helpers.append(asleep)
    ours, alone = product(sleepy), product(Team(1))
    inputs = [torch.randn((rows, 256)) for rows in (3, 40, 1)]
    results = [ours(x) for x in inputs]
    kept = [result.clone() for result in results]
    for _ in inputs:
        asleep.get()()
    for x, result, before in zip(inputs, results, kept, strict=True):
        assert torch.equal(result, before)
        assert torch.equal(result, alone(x))


def test_callers_take_turns() -> None:
    """Passes asked for at once by several threads, as while warming up, do not disturb each other."""
    shared = Team(2)
    products = [product(shared) for _ in range(3)]
    inputs = [torch.randn((rows, 256)) for rows in (1, 5, 30)]
    expected = [product(Team(1))(x) for x in inputs]
    with ThreadPoolExecutor(3) as callers:
        for _ in range(20):
            given = list(callers.map(lambda pair: pair[0](pair[1]), zip(products, inputs, strict=True)))
            assert all(torch.equal(a, b) for a, b in zip(given, expected, strict=True))


def test_there_is_one_team() -> None:
    """All stacks and products of a process share their threads."""
    assert team(2) is team(2)
