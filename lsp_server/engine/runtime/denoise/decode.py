"""The decodes by name."""

from __future__ import annotations

from collections.abc import Sequence

from lsp_server.engine.protocol import Decode, Sampling
from lsp_server.engine.runtime.denoise.choice import Choice
from lsp_server.engine.runtime.denoise.left_to_right import left_to_right
from lsp_server.engine.runtime.denoise.parallel import BLOCK, Sampler, parallel
from lsp_server.engine.runtime.denoise.run import Run
from lsp_server.engine.runtime.denoise.samplers import by_confidence, by_entropy
from lsp_server.engine.runtime.denoise.verified import verified

REMASK_BELOW = 0.3
"""Committed positions less sure than this are denoised once more when their block is full."""


def sampler_for(sampling: Sampling) -> Sampler:
    """The sampler of a parallel decode, with its settings bound."""

    def confidence(choices: Sequence[Choice], masked: Sequence[int]) -> list[int]:
        return by_confidence([choice.confidence for choice in choices], masked, sampling.threshold)

    def entropy(choices: Sequence[Choice], masked: Sequence[int]) -> list[int]:
        return by_entropy([choice.entropy for choice in choices], masked, sampling.entropy)

    return entropy if sampling.decode is Decode.ENTROPY else confidence


def denoise_hole(run: Run, sampling: Sampling, *, mask: int) -> None:
    """Fill `run.canvas` as `sampling` says.

    `AUTO` is `VERIFIED`: with the default adapter, diffusion alone takes more passes or loses
    exact matches (README, "Figures").
    """
    if sampling.decode is Decode.LEFT_TO_RIGHT:
        left_to_right(run)
    elif sampling.decode in {Decode.AUTO, Decode.VERIFIED}:
        verified(run, mask=mask, width=sampling.block or 0)
    else:
        parallel(
            run,
            sampler_for(sampling),
            mask=mask,
            block=sampling.block or BLOCK,
            with_entropy=sampling.decode is Decode.ENTROPY,
            remask_below=REMASK_BELOW,
        )
