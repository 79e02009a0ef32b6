"""A network's layers and output head, shared by fills that run at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor

from lsp_server.engine.runtime.batching.front import Front
from lsp_server.engine.runtime.batching.together import Rows, through_together
from lsp_server.engine.runtime.code_head import CodeHead
from lsp_server.engine.runtime.decoder import TorchStack
from lsp_server.engine.runtime.kv import KV
from lsp_server.engine.runtime.linear import Linear
from lsp_server.engine.runtime.stack import Passed, Stack
from lsp_server.engine.runtime.weights import Weights


def share(weights: Weights, front: Front) -> Weights:
    """The same weights; what passes through layers and head is handed to `front`.

    The sketcher's head is left alone: it is small, and its rows would wait for more than they cost.
    """
    sketcher = weights.sketcher
    return replace(
        weights,
        base=SharedStack(weights.base, front),
        denoiser=SharedStack(weights.denoiser, front),
        sketcher=sketcher and replace(sketcher, stack=SharedStack(sketcher.stack, front, light=True)),
        head=SharedLinear(weights.head, front),
        code_head=weights.code_head and _SharedCodeHead(weights.code_head, front),
    )


class SharedStack:
    """A `Stack` whose passes are carried out with those of other fills."""

    def __init__(self, stack: Stack, front: Front, *, light: bool = False) -> None:
        self._stack = stack
        self._front = front
        self._ways = {causal: _Pass(stack, causal=causal, light=light) for causal in (False, True)}

    @property
    def layers(self) -> int:
        """See `Stack.layers`."""
        return self._stack.layers

    def __call__(self, kv: KV, h: Tensor, *, causal: bool, last: int | None = None) -> Passed:
        """See `Stack.__call__`."""
        return self._front.ask(self._ways[causal], Rows(kv, h, last))


class SharedLinear:
    """A `Linear` whose rows are multiplied with those of other fills."""

    def __init__(self, linear: Linear, front: Front) -> None:
        self._way = _Product(linear)
        self._front = front

    def __call__(self, x: Tensor) -> Tensor:
        """Multiply."""
        return self._front.ask(self._way, x)


class _SharedCodeHead(CodeHead):
    """A `CodeHead` whose rows are multiplied with those of other fills."""

    def __init__(self, head: CodeHead, front: Front) -> None:
        self.ids = head.ids
        self._shared = SharedLinear(head, front)

    def __call__(self, x: Tensor) -> Tensor:
        """See `CodeHead.__call__`."""
        return self._shared(x)


class _Pass:
    """Passes through one stack. Only torch's take several sequences; others go one after another."""

    def __init__(self, stack: Stack, *, causal: bool, light: bool) -> None:
        self.light = light
        self._stack = stack
        self._causal = causal

    @torch.inference_mode()
    def together(self, given: Sequence[Rows]) -> Sequence[Passed]:
        if len(given) > 1 and isinstance(self._stack, TorchStack):
            return through_together(self._stack, given, causal=self._causal)
        return [self._stack(rows.kv, rows.h, causal=self._causal, last=rows.last) for rows in given]


class _Product:
    light = True

    def __init__(self, linear: Linear) -> None:
        self._linear = linear

    @torch.inference_mode()
    def together(self, given: Sequence[Tensor]) -> Sequence[Tensor]:
        if len(given) == 1:
            return [self._linear(given[0])]
        return self._linear(torch.cat(list(given))).split_with_sizes([len(x) for x in given])
