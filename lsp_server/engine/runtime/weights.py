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
SKETCH_LAYERS, SKETCH_FEATURES = "sketch.layers", "sketch.features"
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
class Sketcher:
    """A few layers that draft from what a pass of the base left behind.

    `features` are the layers of the base whose entering states are seeds, with those behind its
    last norm after them: (dim * seeds,) a position. `known` and `masked` map a seed and the
    embedding of a token, end to end, into the first layer; `places` (width, dim) is added
    to the masked ones. `head` has a row for each token of `ids`, the ones it may propose.
    """

    layers: dict[int, Layer]
    features: tuple[int, ...]
    known: Linear
    masked: Linear
    places: Tensor
    last_norm: Tensor
    ids: Tensor
    head: Linear

    @property
    def width(self) -> int:
        """Tokens proposed at most."""
        return len(self.places)


@dataclass(frozen=True, slots=True)
class Weights:
    """Everything a forward pass needs."""

    architecture: Architecture
    base: dict[int, Layer]
    denoiser: dict[int, Layer]
    sketcher: Sketcher | None
    embed: Embedding
    head: Linear
    last_norm: Tensor
    mask_embedding: Tensor
    dtype: torch.dtype
    device: torch.device

    @property
    def seed_width(self) -> int:
        """Numbers a position that the sketcher starts from."""
        return self.architecture.dim * (len(self.sketcher.features) + 1) if self.sketcher else 0


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

    def layer(body: str, index: int, norms: str = "") -> Layer:
        parts = {name: linear(f"{body}.{index}.{name}", _bias(index, name)) for name in FUSED}
        return Layer(
            **parts,
            attention_norm=get(f"{norms}{index}.attention_norm"),
            ffn_norm=get(f"{norms}{index}.ffn_norm"),
        )

    def sketcher() -> Sketcher | None:
        if SKETCH_LAYERS not in tensors:
            return None
        return Sketcher(
            layers={index: layer("sketch", index, "sketch.") for index in tensors[SKETCH_LAYERS].tolist()},
            features=tuple(tensors[SKETCH_FEATURES].tolist()),
            known=linear("sketch.known"),
            masked=linear("sketch.masked"),
            places=get("sketch.places"),
            last_norm=get("sketch.last_norm"),
            ids=tensors["sketch.ids"].to(device),
            head=linear("sketch.head"),
        )

    bodies = {body: {i: layer(body, i) for i in range(architecture.layers)} for body in BODIES}
    embed: Embedding
    if precision == "int8":
        embed = GroupedEmbedding(tensors["embed.weight"], tensors["embed.scale"])
    else:
        embed = DenseEmbedding(get("head.weight"))
    return Weights(
        architecture=architecture,
        base=bodies["base"],
        denoiser=bodies["denoiser"],
        sketcher=sketcher(),
        embed=embed,
        head=linear("head"),
        last_norm=get("last_norm"),
        mask_embedding=get("mask_embedding"),
        dtype=dtype,
        device=device,
    )


def _bias(layer: int, name: str) -> str | None:
    return f"{layer}.qkv.bias" if name == "qkv" else None
