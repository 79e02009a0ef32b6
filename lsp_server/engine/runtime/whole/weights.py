"""From a checkpoint's tensors to what computes, by torch: floats, or int8 on the CPU."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from lsp_server.engine.runtime.linear import DenseLinear, Int8Linear, Linear, quantise_rows
from lsp_server.engine.runtime.whole.checkpoint import Tensors
from lsp_server.engine.runtime.whole.experts import Dense, Experts, FeedForward
from lsp_server.engine.runtime.whole.names import Names
from lsp_server.engine.runtime.whole.shape import Shape

MakeLinear = Callable[[Tensor, Tensor | None], Linear]
"""(weight (out, in), bias (out,)) -> what multiplies by them."""


@dataclass(frozen=True, slots=True)
class WholeLayer:
    """One layer. `q_norm` and `k_norm` (head_dim,) are None where heads are not normed."""

    q: Linear
    k: Linear
    v: Linear
    o: Linear
    feed_forward: FeedForward
    attention_norm: Tensor
    ffn_norm: Tensor
    q_norm: Tensor | None = None
    k_norm: Tensor | None = None


@dataclass(frozen=True, slots=True)
class WholeWeights:
    """A network's weights. `dtype` is that of hidden states and of what is cached."""

    embed: Tensor
    layers: tuple[WholeLayer, ...]
    last_norm: Tensor
    head: Linear
    dtype: torch.dtype
    device: torch.device


def build(
    tensors: Tensors,
    names: Names,
    shape: Shape,
    *,
    precision: str,
    device: torch.device,
    on_layer: Callable[[int], None] = lambda _: None,
) -> WholeWeights:
    """Read and convert every tensor; `on_layer` is told how many layers are done.

    In int8 the products of the layers are; embedding and head stay in bf16.

    Raises:
        ModelCorrupt: a tensor is missing.
    """
    return _Builder(tensors, names, shape, precision, device).build(on_layer)


class _Builder:
    def __init__(
        self, tensors: Tensors, names: Names, shape: Shape, precision: str, device: torch.device
    ) -> None:
        self._tensors = tensors
        self._names = names
        self._shape = shape
        self._device = device
        self._int8 = precision == "int8"
        self._stored = torch.float32 if precision == "fp32" else torch.bfloat16
        # int8 products take and give fp32
        self._dtype = torch.float32 if self._int8 else self._stored

    def build(self, on_layer: Callable[[int], None]) -> WholeWeights:
        names = self._names
        embed = self._tensors(names.embed).to(self._device, self._stored)
        tied = names.head not in self._tensors
        head = embed if tied else self._tensors(names.head).to(self._device, self._stored)
        layers = []
        for number in range(self._shape.architecture.layers):
            layers.append(self._layer(number))
            on_layer(number + 1)
        return WholeWeights(
            embed=embed,
            layers=tuple(layers),
            last_norm=self._vector(names.last_norm),
            head=DenseLinear(head),
            dtype=self._dtype,
            device=self._device,
        )

    def _layer(self, number: int) -> WholeLayer:
        n, at = self._names, self._names.layer.format(number)
        q, k, v = self._projections(at)
        return WholeLayer(
            q=q,
            k=k,
            v=v,
            o=self._linear(at + n.o),
            feed_forward=self._feed_forward(number, at),
            attention_norm=self._vector(at + n.attention_norm),
            ffn_norm=self._vector(at + n.ffn_norm),
            q_norm=self._maybe(at + n.q_norm),
            k_norm=self._maybe(at + n.k_norm),
        )

    def _projections(self, at: str) -> tuple[Linear, Linear, Linear]:
        n, a = self._names, self._shape.architecture
        if f"{at}{n.qkv}.weight" not in self._tensors:
            return self._linear(at + n.q), self._linear(at + n.k), self._linear(at + n.v)
        rows = [a.heads * a.head_dim, a.kv_heads * a.head_dim, a.kv_heads * a.head_dim]
        weights = torch.split(self._tensors(f"{at}{n.qkv}.weight"), rows)
        stored = f"{at}{n.qkv}.bias"
        biases = torch.split(self._tensors(stored), rows) if stored in self._tensors else (None, None, None)
        q, k, v = (self._made(weight, bias) for weight, bias in zip(weights, biases, strict=True))
        return q, k, v

    def _feed_forward(self, number: int, at: str) -> FeedForward:
        n, routing = self._names, self._shape.routing
        router = f"{at}{n.router}.weight"
        if routing is None or number < routing.first_layer or router not in self._tensors:
            return self._dense(at)
        shared = f"{at}{n.shared}"
        return Experts(
            routing,
            self._tensors(router).to(self._device),
            [self._dense(at + n.expert.format(expert), "") for expert in range(routing.experts)],
            self._maybe(f"{at}{n.router}.expert_bias"),
            self._dense(shared, "") if f"{shared}gate_proj.weight" in self._tensors else None,
        )

    def _dense(self, at: str, within: str | None = None) -> Dense:
        """A feed-forward part below `at`; experts' names are the plain ones."""
        n = self._names
        gate, up, down = (n.gate, n.up, n.down) if within is None else ("gate_proj", "up_proj", "down_proj")
        return Dense(self._linear(at + gate), self._linear(at + up), self._linear(at + down))

    def _linear(self, name: str) -> Linear:
        bias = f"{name}.bias"
        return self._made(
            self._tensors(f"{name}.weight"), self._tensors(bias) if bias in self._tensors else None
        )

    def _made(self, weight: Tensor, bias: Tensor | None) -> Linear:
        bias = None if bias is None else bias.to(self._device, self._dtype)
        if self._int8:
            return Int8Linear(*quantise_rows(weight), bias)
        return DenseLinear(weight.to(self._device, self._dtype).contiguous(), bias)

    def _vector(self, name: str) -> Tensor:
        return self._tensors(name).to(self._device, self._dtype)

    def _maybe(self, name: str) -> Tensor | None:
        return self._vector(name) if name in self._tensors else None
