"""Matrix products behind one interface: dense in any float type, or int8 on the CPU."""

from __future__ import annotations

import functools
import warnings
from typing import Protocol

import torch
from torch import Tensor
from torch.nn import functional as torch_functional

EVERY = slice(None)
"""All rows of a table of weights."""


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
        return torch_functional.linear(x, self.weight, self.bias)


class Int8Linear:
    """Weights in int8 with one scale an output row, inputs in 8 bits with one scale a position.

    torch quantises inputs with one scale for the whole call. Dividing each row by
    its largest magnitude first makes that a scale a row: positions with outlying
    activations (the first ones of a context) would otherwise drown the others,
    and a position's result would depend on its neighbours in the call.
    """

    def __init__(self, weight: Tensor, scale: Tensor, bias: Tensor | None) -> None:
        out = weight.shape[0]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch deprecates the only way to its int8 kernels
            quantised = torch._make_per_channel_quantized_tensor(  # noqa: SLF001 -- no public way to given scales
                weight, scale.double(), torch.zeros(out, dtype=torch.long), 0
            )
        self._packed = torch.ops.quantized.linear_prepack(quantised, None)
        self._multiply = _with_fixed_scale if int8_engine() in _FIXED_SCALE else _with_scale_of_call
        self._bias = bias

    def __call__(self, x: Tensor) -> Tensor:
        """Multiply: fp32 in, fp32 out."""
        size = x.abs().amax(-1, keepdim=True).clamp_min_(1e-12)
        y = self._multiply(x / size, self._packed).mul_(size)
        return y if self._bias is None else y.add_(self._bias)


_FIXED_SCALE = ("x86", "fbgemm")
"""Engines that take the inputs' scale as given; with it, equal rows give equal results in any call."""


def int8_engine() -> str:
    """Torch's int8 kernels on this machine, or "" if there are none."""
    engine = torch.backends.quantized.engine
    return engine if engine in torch.backends.quantized.supported_engines and engine != "none" else ""


def _with_fixed_scale(x: Tensor, packed: object) -> Tensor:
    levels = _input_levels()
    op = torch.ops.quantized.linear_with_input_q_dq_qweight_dq_output_fp32
    y: Tensor = op(x, 1 / levels, levels, packed)
    return y


def _with_scale_of_call(x: Tensor, packed: object) -> Tensor:
    y: Tensor = torch.ops.quantized.linear_dynamic(x, packed)
    return y


@functools.cache
def _input_levels() -> int:
    """Positive levels of an input: 63 on x86 without VNNI, whose 16-bit sums would overflow at 127."""
    return 127 if torch.cpu.get_capabilities().get("avx512_vnni", False) else 63


def quantise_rows(weight: Tensor) -> tuple[Tensor, Tensor]:
    """(out, in) floats -> int8 of the same shape and fp32 scales (out,), symmetric."""
    scale = (weight.float().abs().amax(1) / 127).clamp_min(1e-12)
    return (weight.float() / scale[:, None]).round().clamp(-127, 127).to(torch.int8), scale
