"""A run of decoder layers as one compiled graph."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from lsp_server.engine.runtime.kv import KV
from lsp_server.engine.runtime.openvino.compiler import Compiled
from lsp_server.engine.runtime.rotary import Rotary
from lsp_server.engine.runtime.stack import Passed

TOGETHER = 16
"""Keys are padded to a multiple of so many. The sums over keys take what is left over another way, so
that without it a position's result would depend on how many are read at once."""
UNSEEN = -1e30
"""What is added to the score of a position that must not be seen."""


class OpenVinoStack:
    """A `Stack`; it is compiled when it is first needed."""

    def __init__(
        self,
        compile_: Callable[[], Compiled],
        layers: Sequence[int],
        features: Sequence[int],
        rotary: Rotary,
    ) -> None:
        self._compile = compile_
        self._layers = tuple(layers)
        self._features = tuple(features)
        self._rotary = rotary

    @property
    def layers(self) -> int:
        """See `Stack.layers`."""
        return len(self._layers)

    @functools.cached_property
    def _compiled(self) -> Compiled:
        return self._compile()

    def __call__(self, kv: KV, h: Tensor, *, causal: bool, last: int | None = None) -> Passed:
        """See `Stack.__call__`."""
        start, count = len(kv.tokens), len(h)
        rows = count if last is None else last
        kv.reserve(start + count)
        padded = -(start + count) % TOGETHER
        given = [
            h.contiguous(),
            *self._rotary(start, count),
            _mask(start, count, padded, causal=causal),
            torch.zeros((padded, *kv.keys.shape[2:])),
            torch.tensor([rows]),
        ]
        arrays = [tensor.numpy() for tensor in given]
        both = (kv.keys.numpy(), kv.values.numpy())
        arrays += [kept[layer, :start] for layer in self._layers for kept in both]
        new = (self.layers, count, *kv.keys.shape[2:])
        wanted = (rows, h.shape[1])
        made = [torch.empty(shape) for shape in (new, new, *[wanted] * (1 + len(self._features)))]
        self._compiled(arrays, [tensor.numpy() for tensor in made])
        keys, values, hidden, *entering = made
        begin, end = self._layers[0], self._layers[-1] + 1
        kv.keys[begin:end, start : start + count] = keys
        kv.values[begin:end, start : start + count] = values
        return Passed(hidden, tuple(entering))


def _mask(start: int, count: int, padded: int, *, causal: bool) -> Tensor:
    """(count, start + count + padded): what is added to each score."""
    end = start + count
    mask = torch.zeros((count, end + padded))
    mask[:, end:] = UNSEEN
    if causal and count > 1:
        mask[:, start:end] = torch.full((count, count), UNSEEN).triu(1)
    return mask
