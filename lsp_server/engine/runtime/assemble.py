"""Weights out of the tensors that `prepare.py` writes, for whatever computes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import torch
from torch import Tensor

from lsp_server.engine.runtime.architecture import Architecture
from lsp_server.engine.runtime.code_head import parted_heads
from lsp_server.engine.runtime.linear import EVERY, Linear
from lsp_server.engine.runtime.stack import LeftOut, Stack
from lsp_server.engine.runtime.torch_parts import TorchParts
from lsp_server.engine.runtime.weights import (
    SKETCH_FEATURES,
    SKETCH_LAYERS,
    DenseEmbedding,
    Embedding,
    GroupedEmbedding,
    Sketcher,
    Weights,
)


class Parts(Protocol):
    """Makes what computes out of named tensors."""

    def linear(self, name: str, *, rows: slice = EVERY) -> Linear:
        """The product with `rows` of the weights called `name`."""

    def stack(self, body: str, layers: Sequence[int], features: Sequence[int] = ()) -> Stack:
        """Layers of the body called `body`; `features` are those whose entering states are given."""


def assemble(
    tensors: Mapping[str, Tensor],
    architecture: Architecture,
    *,
    precision: str,
    device: torch.device,
    parts: Parts | None = None,
    denoiser: bool = True,
) -> Weights:
    """Build weights; `parts` computes them, else torch. Without `denoiser` there is none to call.

    `precision` is "int8", "bf16" or "fp32".
    """
    dtype = torch.bfloat16 if precision == "bf16" else torch.float32
    made = parts or TorchParts(tensors, architecture, precision, device)

    def get(name: str) -> Tensor:
        return tensors[name].to(device=device, dtype=dtype)

    features = tuple(tensors[SKETCH_FEATURES].tolist()) if SKETCH_LAYERS in tensors else ()

    def sketcher() -> Sketcher:
        return Sketcher(
            stack=made.stack("sketch", tensors[SKETCH_LAYERS].tolist()),
            features=features,
            known=made.linear("sketch.known"),
            masked=made.linear("sketch.masked"),
            places=get("sketch.places"),
            last_norm=get("sketch.last_norm"),
            ids=tensors["sketch.ids"].to(device),
            head=made.linear("sketch.head"),
        )

    every = range(architecture.layers)
    head, code_head = parted_heads(tensors, made)
    return Weights(
        architecture=architecture,
        base=made.stack("base", every, features),
        denoiser=made.stack("denoiser", every) if denoiser else LeftOut(),
        sketcher=sketcher() if SKETCH_LAYERS in tensors else None,
        embed=_embedding(tensors, get, precision),
        head=head,
        code_head=code_head,
        last_norm=get("last_norm"),
        mask_embedding=get("mask_embedding"),
        dtype=dtype,
        device=device,
    )


def _embedding(tensors: Mapping[str, Tensor], get: Callable[[str], Tensor], precision: str) -> Embedding:
    if precision == "int8":
        return GroupedEmbedding(tensors["embed.weight"], tensors["embed.scale"])
    return DenseEmbedding(get("head.weight"))
