"""The parts of one decoder layer, for torch."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from lsp_server.engine.runtime.linear import Linear


@dataclass(frozen=True, slots=True)
class Layer:
    """One decoder layer."""

    qkv: Linear
    o: Linear
    gate_up: Linear
    down: Linear
    attention_norm: Tensor
    ffn_norm: Tensor
