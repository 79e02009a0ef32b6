"""Weights ready to compute with, built from a mapping of named tensors.

Two bodies share the embedding and the norms: `base` is the model as it was
published, `denoiser` the same with the adapter merged in. The first reads
context and verifies; the second denoises blocks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from lsp_server.engine.runtime.architecture import Architecture
from lsp_server.engine.runtime.linear import DenseLinear, Int8Linear, Linear

FUSED = {
    "qkv": ("q_proj", "k_proj", "v_proj"),
    "o": ("o_proj",),
    "gate_up": ("gate_proj", "up_proj"),
    "down": ("down_proj",),
}
"""Projections of the same input are one product."""
BODIES = ("base", "denoiser")
GROUP = 32
"""Elements that share a scale in the int8 embedding, as in GGML's Q8_0."""


@dataclass(frozen=True, slots=True)
class Layer:
    """One decoder layer."""

    qkv: Linear
    o: Linear
    gate_up: Linear
    down: Linear
    attention_norm: Tensor
    ffn_norm: Tensor


class Embedding(Protocol):
    """Rows of the embedding: ids (n,) -> (n, dim)."""

    def __call__(self, ids: Tensor) -> Tensor:
        """Look up."""


@dataclass(frozen=True, slots=True)
class Weights:
    """Everything a forward pass needs."""

    architecture: Architecture
    base: tuple[Layer, ...]
    denoiser: tuple[Layer, ...]
    embed: Embedding
    head: Linear
    last_norm: Tensor
    mask_embedding: Tensor
    dtype: torch.dtype
    device: torch.device


class DenseEmbedding:
    """A float table."""

    def __init__(self, table: Tensor) -> None:
        self.table = table

    def __call__(self, ids: Tensor) -> Tensor:
        """Look up."""
        return self.table[ids]


class GroupedEmbedding:
    """An int8 table with a scale for every `GROUP` elements; stays memory-mapped, rows are read on demand."""

    def __init__(self, table: Tensor, scale: Tensor) -> None:
        self.table = table
        self.scale = scale

    def __call__(self, ids: Tensor) -> Tensor:
        """Look up and dequantise to fp32."""
        rows = self.table[ids].float().view(len(ids), -1, GROUP)
        scaled: Tensor = rows * self.scale[ids].float()[..., None]
        return scaled.flatten(1)


def assemble(
    tensors: Mapping[str, Tensor], architecture: Architecture, *, precision: str, device: torch.device
) -> Weights:
    """Build weights from the tensors that `prepare.py` writes.

    `precision` is "int8", "bf16" or "fp32".
    """
    dtype = torch.bfloat16 if precision == "bf16" else torch.float32

    def get(name: str, kind: torch.dtype = dtype) -> Tensor:
        return tensors[name].to(device=device, dtype=kind)

    def linear(name: str, bias: str | None = None) -> Linear:
        bias_tensor = get(bias) if bias else None
        if precision != "int8":
            return DenseLinear(get(f"{name}.weight"), bias_tensor)
        weight, scale = tensors[f"{name}.weight"], tensors[f"{name}.scale"]
        return Int8Linear(weight, scale, bias_tensor)

    def layer(body: str, index: int) -> Layer:
        parts = {name: linear(f"{body}.{index}.{name}", _bias(index, name)) for name in FUSED}
        return Layer(
            **parts, attention_norm=get(f"{index}.attention_norm"), ffn_norm=get(f"{index}.ffn_norm")
        )

    bodies = {body: tuple(layer(body, i) for i in range(architecture.layers)) for body in BODIES}
    embed: Embedding
    if precision == "int8":
        embed = GroupedEmbedding(tensors["embed.weight"], tensors["embed.scale"])
    else:
        embed = DenseEmbedding(get("head.weight"))
    return Weights(
        architecture=architecture,
        base=bodies["base"],
        denoiser=bodies["denoiser"],
        embed=embed,
        head=linear("head"),
        last_norm=get("last_norm"),
        mask_embedding=get("mask_embedding"),
        dtype=dtype,
        device=device,
    )


def _bias(layer: int, name: str) -> str | None:
    return f"{layer}.qkv.bias" if name == "qkv" else None
