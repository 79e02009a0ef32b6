"""What of the memory that the engine may take is for what.

Weights, libraries and tokenizer have to fit. What is left goes to cached contexts, and to the denoiser's
weights if there is enough: a fill that asks for diffusion alone is verified without them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psutil

from lsp_server.core.errors import EngineFailed

if TYPE_CHECKING:
    from torch import Tensor

MIB = 1 << 20
SHARE = 2
"""By default the engine may take one part in so many of the machine's memory."""
LIBRARIES = 560 * MIB
"""Python, torch, OpenVINO, the tokenizer and what they allocate beside weights, once the engine is ready."""
SCRATCH = 64 * MIB
"""What a pass needs for the time it takes."""
LEAST_CONTEXTS, MOST_CONTEXTS = 96 * MIB, 512 * MIB
"""For contexts. The least has room for a window, the snippets and a fill of the default settings, twice."""
FILL = 512
"""Positions of a context that are left to the fill."""


@dataclass(frozen=True, slots=True)
class Needs:
    """Bytes of weights once they are packed: what every fill needs, and the denoiser's own.

    `table` are those of the embedding, which stays in its file and comes into memory row by row.
    """

    always: int
    denoiser: int
    table: int = 0

    @classmethod
    def of(cls, tensors: Mapping[str, Tensor], *, precision: str) -> Needs:
        """Of prepared tensors, computed with in `precision`."""
        factor = 2 if precision == "fp32" else 1  # bf16 on disk
        sizes = {"denoiser": 0, "embed": 0}
        always = 0
        for name, tensor in tensors.items():
            part = name.partition(".")[0]
            if part in sizes:
                sizes[part] += factor * tensor.nbytes
            else:
                always += factor * tensor.nbytes
        return cls(always, sizes["denoiser"], sizes["embed"])

    @property
    def least(self) -> int:
        """Bytes without which nothing can be filled."""
        return LIBRARIES + self.always + self.table + SCRATCH + LEAST_CONTEXTS


@dataclass(frozen=True, slots=True)
class Allotment:
    """Bytes for contexts, and whether the denoiser's weights fit.

    One half is for contexts that are kept, the other for the one that grows.
    """

    contexts: int = MOST_CONTEXTS
    denoiser: bool = True

    @property
    def kept(self) -> int:
        """Bytes of the contexts that are kept."""
        return self.contexts // 2

    def longest(self, bytes_each: int) -> int:
        """Positions that a context may have before its fill, of so many bytes each."""
        return max(FILL, self.contexts // 2 // bytes_each - FILL)


def allot(needs: Needs, limit_mib: int) -> Allotment:
    """What fits into `limit_mib`; 0 is the default share of the machine's memory.

    Raises:
        EngineFailed: not even the model does.
    """
    limit = limit_mib * MIB or psutil.virtual_memory().total // SHARE
    left = limit - needs.least
    if left < 0:
        raise EngineFailed(
            f"the model needs {_mib(needs.least):,} MiB of memory and the engine may take {_mib(limit):,}",
            hint=f"Set engine.memoryMb to {_mib(needs.least)} or more.",
        )
    denoiser = left >= needs.denoiser
    left -= needs.denoiser if denoiser else 0
    return Allotment(min(MOST_CONTEXTS, LEAST_CONTEXTS + left), denoiser)


def _mib(count: int) -> int:
    return -(-count // MIB)
