"""What a pass must read and compute at least, and how long that takes at the machine's rates."""

from __future__ import annotations

from dataclasses import dataclass

from lsp_server.engine.runtime.architecture import Architecture


@dataclass(frozen=True, slots=True)
class Rates:
    """What the machine was measured to do: bytes read and operations done in a second."""

    bytes_s: float
    operations_s: float


@dataclass(frozen=True, slots=True)
class Work:
    """The least a pass has to do; an addition and a multiplication are two operations."""

    bytes: float
    operations: float

    def ideal_ms(self, rates: Rates) -> float:
        """The time of a pass that is held up by nothing else."""
        return max(self.bytes / rates.bytes_s, self.operations / rates.operations_s) * 1000

    def bound(self, rates: Rates) -> str:
        """What holds up such a pass."""
        reading = self.bytes / rates.bytes_s > self.operations / rates.operations_s
        return "memory" if reading else "arithmetic"


def work_of_pass(
    shape: Architecture,
    *,
    rows: int,
    context: int,
    head_rows: int,
    scored: int,
    weight_bytes: float,
    kv_bytes: int,
) -> Work:
    """One pass of `rows` positions behind `context` cached ones; `head_rows` of them score `scored` tokens.

    `weight_bytes` is the size of a weight, `kv_bytes` that of a cached number. Every weight and every
    cached key and value is read once; activations stay in the processor's caches.
    """
    layer = (
        shape.dim * shape.qkv_dim + shape.heads * shape.head_dim * shape.dim + 3 * shape.dim * shape.ff_dim
    )
    head = scored * shape.dim
    seen = context + rows
    cached = 2 * shape.kv_heads * shape.head_dim * seen
    attention = 4 * rows * seen * shape.heads * shape.head_dim
    return Work(
        bytes=weight_bytes * (shape.layers * layer + (head if head_rows else 0))
        + kv_bytes * shape.layers * cached,
        operations=shape.layers * (2 * rows * layer + attention) + 2 * head_rows * head,
    )
