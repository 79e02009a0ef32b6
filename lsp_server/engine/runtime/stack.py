"""A run of decoder layers behind one interface, whatever computes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from torch import Tensor

from lsp_server.core.errors import EngineFailed
from lsp_server.engine.runtime.kv import KV


@dataclass(frozen=True, slots=True)
class Passed:
    """What a pass gives for the positions that were asked for.

    `hidden` (rows, dim) are the states behind the last layer, `entering` (rows, dim) those that entered
    each layer of the stack's `features`.
    """

    hidden: Tensor
    entering: tuple[Tensor, ...] = ()


class Stack(Protocol):
    """Consecutive layers of one body."""

    @property
    def layers(self) -> int:
        """How many there are."""

    def __call__(self, kv: KV, h: Tensor, *, causal: bool, last: int | None = None) -> Passed:
        """Hidden states (n, dim) through the layers.

        The positions follow the valid ones of `kv`, see all of those, and each other: only
        backwards if `causal`. Their keys and values are left behind the valid positions.
        With `last`, only so many of the last positions are wanted.
        """


class LeftOut:
    """A `Stack` for which there was no memory. Who would use it asks before."""

    layers = 0

    def __call__(self, kv: KV, h: Tensor, *, causal: bool, last: int | None = None) -> Passed:  # noqa: ARG002
        """Not possible.

        Raises:
            EngineFailed: always.
        """
        raise EngineFailed("there was no memory for these weights", hint="Set engine.memoryMb higher.")
