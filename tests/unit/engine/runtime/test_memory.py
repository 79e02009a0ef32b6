"""What fits into how much memory."""

from __future__ import annotations

from types import SimpleNamespace
from unittest import mock

import pytest
import torch

from lsp_server.core.errors import EngineFailed
from lsp_server.engine.runtime import memory
from lsp_server.engine.runtime.memory import LEAST_CONTEXTS, MIB, MOST_CONTEXTS, Needs, allot

NEEDS = Needs(always=500 * MIB, denoiser=300 * MIB, table=100 * MIB)
LEAST = NEEDS.least // MIB


@pytest.mark.parametrize(
    ("limit", "contexts", "denoiser"),
    [
        (LEAST, LEAST_CONTEXTS, False),
        (LEAST + 100, LEAST_CONTEXTS + 100 * MIB, False),
        (LEAST + 300, LEAST_CONTEXTS, True),
        (LEAST + 400, LEAST_CONTEXTS + 100 * MIB, True),
        (LEAST + 5000, MOST_CONTEXTS, True),
    ],
)
def test_what_is_left_is_shared_out(limit: int, contexts: int, *, denoiser: bool) -> None:
    """The denoiser comes before more contexts, the least of contexts before the denoiser."""
    found = allot(NEEDS, limit)
    assert (found.contexts, found.denoiser) == (contexts, denoiser)


def test_a_model_that_does_not_fit_is_refused() -> None:
    """With what it needs, and what to do."""
    with pytest.raises(EngineFailed, match=f"needs {LEAST:,} MiB") as refusal:
        allot(NEEDS, LEAST - 1)
    assert f"engine.memoryMb to {LEAST} or more" in refusal.value.hint


@pytest.mark.parametrize(("machine", "fits"), [(2 * LEAST, True), (2 * LEAST - 2, False)])
def test_by_default_half_of_the_machine_is_allowed(machine: int, *, fits: bool) -> None:
    """Whatever else runs there."""
    total = SimpleNamespace(total=machine * MIB)
    with mock.patch.object(memory.psutil, "virtual_memory", return_value=total):
        if fits:
            assert not allot(NEEDS, 0).denoiser
        else:
            with pytest.raises(EngineFailed):
                allot(NEEDS, 0)


@pytest.mark.parametrize(("precision", "factor"), [("int8", 1), ("bf16", 1), ("fp32", 2)])
def test_weights_are_counted_by_what_they_are_for(precision: str, factor: int) -> None:
    """The embedding's table stays in its file, and what lies there as bf16 is widened for fp32."""
    tensors = {
        name: torch.zeros(count, dtype=torch.int8)
        for name, count in {"base.0.o.weight": 5, "head.weight": 7, "denoiser.0.o.weight": 11}.items()
    }
    tensors["embed.weight"] = torch.zeros(13, dtype=torch.int8)
    found = Needs.of(tensors, precision=precision)
    assert (found.always, found.denoiser, found.table) == (12 * factor, 11 * factor, 13 * factor)


def test_the_longest_context_leaves_room_for_its_fill() -> None:
    """Half of the room is for what is kept."""
    assert allot(NEEDS, LEAST).longest(30_000) == LEAST_CONTEXTS // 2 // 30_000 - memory.FILL
