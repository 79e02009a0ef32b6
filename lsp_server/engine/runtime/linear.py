"""Matrix products behind one interface: dense in any float type, or int8 on the CPU."""

from __future__ import annotations

import warnings
from typing import Protocol

import torch
from torch import Tensor
from torch.nn import functional


class Linear(Protocol):
    """``y = x W^T + b``: (rows, in) -> (rows, out)."""

    def __call__(self, x: Tensor) -> Tensor:
        """Multiply."""


class DenseLinear:
    """Weights as they are, in fp32 or bf16."""

    def __init__(self, weight: Tensor, bias: Tensor | None = None) -> None:
        self.weight = weight
        self.bias = bias

    def __call__(self, x: Tensor) -> Tensor:
        """Multiply in the weights' type."""
        return functional.linear(x, self.weight, self.bias)


class Int8Linear:
    """Weights in int8 with one scale an output row, inputs in 8 bits with one scale a position.

    torch quantises inputs with one scale for the whole call. Dividing each row by
    its largest magnitude first makes that a scale a row: positions with outlying
    activations (the first ones of a context) would otherwise drown the others,
    and a position's result would depend on its neighbours in the call.
    """

    def __init__(self, weight: Tensor, scale: Tensor, bias: Tensor | None, *, engine: str) -> None:
        out = weight.shape[0]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch deprecates the only way to its int8 kernels
            quantised = torch._make_per_channel_quantized_tensor(  # noqa: SLF001 -- no public way to given scales
                weight, scale.double(), torch.zeros(out, dtype=torch.long), 0
            )
        before = torch.backends.quantized.engine
        torch.backends.quantized.engine = engine
        try:
            self._packed = torch.ops.quantized.linear_prepack(quantised, None)
        finally:
            torch.backends.quantized.engine = before
        self._bias = bias

    def __call__(self, x: Tensor) -> Tensor:
        """Multiply: fp32 in, fp32 out."""
        size = x.abs().amax(-1, keepdim=True).clamp_min_(1e-12)
        y: Tensor = torch.ops.quantized.linear_dynamic(x / size, self._packed)
        y.mul_(size)
        return y if self._bias is None else y.add_(self._bias)


def quantise_rows(weight: Tensor) -> tuple[Tensor, Tensor]:
    """(out, in) floats -> int8 of the same shape and fp32 scales (out,), symmetric."""
    scale = (weight.float().abs().amax(1) / 127).clamp_min(1e-12)
    return (weight.float() / scale[:, None]).round().clamp(-127, 127).to(torch.int8), scale
