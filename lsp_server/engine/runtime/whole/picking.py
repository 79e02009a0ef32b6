"""Which masked positions a step commits, as the families' authors do. Pure functions over lists.

Every picker returns at least one position if `masked` is not empty. `masked` is ascending.
"""

from __future__ import annotations

from collections.abc import Sequence

from lsp_server.engine.protocol import Decode, Sampling
from lsp_server.engine.runtime.denoise.choice import Choice
from lsp_server.engine.runtime.denoise.parallel import Sampler
from lsp_server.engine.runtime.denoise.samplers import by_entropy


def picker_for(sampling: Sampling, threshold: float) -> Sampler:
    """The picker of a request; `threshold` is the family's, where the request leaves the decode open.

    There is nothing here that could verify a draft, so `VERIFIED` is the family's own decode too.
    """

    def confident(choices: Sequence[Choice], masked: Sequence[int]) -> list[int]:
        asked = sampling.threshold if sampling.decode is Decode.CONFIDENCE else threshold
        return surest([choice.confidence for choice in choices], masked, asked)

    def entropy(choices: Sequence[Choice], masked: Sequence[int]) -> list[int]:
        return by_entropy([choice.entropy for choice in choices], masked, sampling.entropy)

    def first(_choices: Sequence[Choice], masked: Sequence[int]) -> list[int]:
        return list(masked[:1])

    return {Decode.ENTROPY: entropy, Decode.LEFT_TO_RIGHT: first}.get(sampling.decode, confident)


def surest(confidence: Sequence[float], masked: Sequence[int], threshold: float) -> list[int]:
    """All positions with ``confidence >= threshold``, else the surest, the leftmost of equals.

    Fast-dLLM (arXiv 2505.22618), algorithm 1.
    """
    sure = [position for position in masked if confidence[position] >= threshold]
    return sure or ([max(masked, key=lambda p: (confidence[p], -p))] if masked else [])


def within_stride(masked: Sequence[int], stride: int | None) -> list[int]:
    """Of `masked` those in the same part of `stride` positions as the first of them."""
    if stride is None or not masked:
        return list(masked)
    end = (masked[0] // stride + 1) * stride
    return [position for position in masked if position < end]
