"""Weights ready to compute with.

Two bodies share the embedding and the norms: `base` is the model as it was
published, `denoiser` the same with the adapter merged in. The first reads
context and verifies; the second denoises blocks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from lsp_server.engine.runtime.architecture import Architecture
from lsp_server.engine.runtime.code_head import CodeHead
from lsp_server.engine.runtime.linear import Linear
from lsp_server.engine.runtime.stack import Stack

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


def bias_of(layer: int, projection: str) -> str | None:
    """The name of a fused projection's bias; all bodies share it."""
    return f"{layer}.qkv.bias" if projection == "qkv" else None


def norms_of(body: str, layer: int) -> tuple[str, str]:
    """The names of a layer's norms: before attention, before the feed-forward part."""
    owner = "" if body in BODIES else f"{body}."
    return f"{owner}{layer}.attention_norm", f"{owner}{layer}.ffn_norm"


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

    stack: Stack
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
    base: Stack
    denoiser: Stack
    sketcher: Sketcher | None
    embed: Embedding
    head: Linear
    code_head: CodeHead | None
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
