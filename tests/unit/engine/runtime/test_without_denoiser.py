"""Filling where there was no memory for the denoiser's weights."""

from __future__ import annotations

import pytest
import torch

from lsp_server.core.cancel import CancelToken
from lsp_server.core.errors import EngineFailed
from lsp_server.engine.protocol import Decode, FillRequest, Hole, Sampling
from lsp_server.engine.runtime.architecture import Architecture
from lsp_server.engine.runtime.assemble import assemble
from lsp_server.engine.runtime.attempt import Model
from lsp_server.engine.runtime.families.fim import FimFamily
from lsp_server.engine.runtime.fill import DiffusionFiller
from lsp_server.engine.runtime.kv import KV, ContextCache
from lsp_server.engine.runtime.network import Network
from tests.unit.engine.runtime.conftest import random_tensors

CPU = torch.device("cpu")
TEXT = "a = 1\nb = \nc = 3\n"


@pytest.fixture
def lacking(family: FimFamily, architecture: Architecture) -> DiffusionFiller:
    tensors = random_tensors(architecture)
    weights = assemble(tensors, architecture, precision="fp32", device=CPU, denoiser=False)
    cache = ContextCache(architecture, weights.dtype, weights.device)
    model = Model(Network(weights, mask_id=family.mask), family, cache, denoises=False)
    return DiffusionFiller(model, "toy", "0" * 64, "cpu, fp32, toy")


def fill(filler: DiffusionFiller, sampling: Sampling) -> str:
    request = FillRequest(TEXT, (Hole(10, 10, max_tokens=8),), sampling=sampling)
    return filler.fill(request, cancel=CancelToken()).candidates[0].fills[0].text


@pytest.mark.parametrize("decode", Decode)
def test_every_decode_gives_the_verified_fill(
    lacking: DiffusionFiller, filler: DiffusionFiller, decode: Decode
) -> None:
    """Whatever was asked for, also blocks that the denoiser would draft."""
    verified = fill(filler, Sampling(Decode.VERIFIED))
    assert fill(lacking, Sampling(decode, block=4)) == verified


def test_masking_a_part_says_what_is_lacking(lacking: DiffusionFiller) -> None:
    """It cannot be done by reading, so the user is told how it can."""
    request = FillRequest(TEXT, (Hole(0, 5, strength=0.5),))
    with pytest.raises(EngineFailed, match="lack of memory") as refusal:
        lacking.fill(request, cancel=CancelToken())
    assert "engine.memoryMb" in refusal.value.hint


def test_who_does_not_ask_is_refused(lacking: DiffusionFiller, architecture: Architecture) -> None:
    """Weights that are not there are never taken for others."""
    with pytest.raises(EngineFailed):
        lacking.loaded.network.denoise(KV(architecture, torch.float32, CPU), [1, 2])
