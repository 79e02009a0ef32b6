"""What is the kernels' own: threads, and sizes. What they compute is tested by `test_assemble.py`."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from lsp_server.engine.runtime.architecture import Architecture
from lsp_server.engine.runtime.assemble import assemble
from lsp_server.engine.runtime.kv import KV
from lsp_server.engine.runtime.network import Network
from lsp_server.engine.runtime.numba.parts import NumbaParts, fits
from lsp_server.engine.runtime.numba.processor import lanes
from lsp_server.engine.runtime.numba.team import Team

CPU = torch.device("cpu")
TOKENS = [17, 45, 200, 99, 31, 250, 12, 77] * 5
MASK = 3
pytestmark = pytest.mark.skipif(not lanes(), reason="this processor has no products of bytes")


def empty(network: Network) -> KV:
    weights = network.weights
    return KV(weights.architecture, weights.dtype, weights.device, weights.seed_width)


def network_of(threads: int, tensors: dict[str, torch.Tensor], sizes: Architecture) -> Network:
    parts = NumbaParts(tensors, sizes, Team(threads))
    return Network(assemble(tensors, sizes, precision="int8", device=CPU, parts=parts), mask_id=MASK)


@pytest.mark.parametrize("threads", [1, 3])
def test_threads_change_nothing(
    int8_tensors: dict[str, torch.Tensor], wide: Architecture, threads: int
) -> None:
    """Bit for bit: more threads than cores, and more than some phases have tasks for."""
    two, others = (network_of(count, int8_tensors, wide) for count in (2, threads))
    for _ in range(20):
        ours, theirs = empty(others), empty(two)
        assert torch.equal(others.read(ours, TOKENS), two.read(theirs, TOKENS))
        assert torch.equal(others.denoise(ours, [5, MASK, MASK]), two.denoise(theirs, [5, MASK, MASK]))
        assert torch.equal(others.sketch(ours, [9], 4), two.sketch(theirs, [9], 4))


def test_a_team_may_shrink_between_passes(int8_tensors: dict[str, torch.Tensor], wide: Architecture) -> None:
    """Bit for bit the same by any number of its threads."""
    team = Team(3)
    product = NumbaParts(int8_tensors, wide, team).linear("head")
    x = torch.randn((9, wide.dim))
    whole = product(x)
    for threads in (1, 2, 0, 9, 3):
        team.use(threads)
        assert torch.equal(product(x), whole)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [({}, True), ({"dim": 64}, False), ({"ff_dim": 96}, False), ({"head_dim": 8, "heads": 16}, False)],
)
def test_sizes_that_do_not_fit(wide: Architecture, changed: dict[str, int], expected: bool) -> None:
    """Widths must be whole groups, heads whole panels; what is not is left to another framework."""
    assert fits(replace(wide, **changed)) is expected
