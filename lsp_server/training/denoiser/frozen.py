"""The base as it was published: reads clean text, and is the teacher. Nothing here is trained."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional

from lsp_server.engine.runtime.architecture import Architecture
from lsp_server.engine.runtime.decoder import TorchStack
from lsp_server.engine.runtime.gguf_reader import BaseWeights
from lsp_server.engine.runtime.layer import Layer
from lsp_server.engine.runtime.linear import DenseLinear, Linear
from lsp_server.engine.runtime.weights import FUSED, Weights


@dataclass(frozen=True, slots=True)
class FrozenLayer:
    """The tensors of one layer; `linears` are the products of `FUSED`, (out, in)."""

    linears: dict[str, Tensor]
    bias: Tensor
    attention_norm: Tensor
    ffn_norm: Tensor


@dataclass(frozen=True, slots=True)
class Clean:
    """What the base makes of B texts of n tokens.

    `keys` and `values` hold (B, kv_heads, n, head_dim) for each layer asked for, `entering`
    the hidden states (B, n, dim) that enter a layer, `hidden` those behind the last norm.
    """

    keys: dict[int, Tensor]
    values: dict[int, Tensor]
    entering: dict[int, Tensor]
    hidden: Tensor


@dataclass(frozen=True, slots=True)
class Reader:
    """Layers and output projection that read clean text: nothing is trained through them."""

    layers: Sequence[Layer]
    head: Linear
    dtype: torch.dtype

    @classmethod
    def of(cls, weights: Weights) -> Reader:
        """The engine's own base: in int8 it reads twice as fast on a processor, and is what will verify.

        Raises:
            TypeError: torch does not compute it.
        """
        if not isinstance(weights.base, TorchStack):
            raise TypeError(f"{type(weights.base).__name__} has no layers for torch")
        return cls(tuple(weights.base.parts.values()), weights.head, weights.dtype)


class FrozenBase:
    """Dense weights on one device, bf16 unless a test wants more; `reader` may be quicker ones."""

    def __init__(
        self,
        architecture: Architecture,
        layers: list[FrozenLayer],
        embedding: Tensor,
        last_norm: Tensor,
        reader: Reader | None = None,
    ) -> None:
        self.architecture = architecture
        self.layers = layers
        self.embedding = embedding
        self.last_norm = last_norm
        self._reader = reader or _dense_reader(layers, embedding)
        half = architecture.head_dim // 2
        self._frequencies = architecture.rope_theta ** (
            -torch.arange(half, device=self.device).float() / half
        )

    @classmethod
    def load(
        cls,
        gguf: Path,
        device: torch.device,
        dtype: torch.dtype = torch.bfloat16,
        reader: Reader | None = None,
    ) -> FrozenBase:
        """Dequantise the base.

        Raises:
            ModelCorrupt: `gguf` is none.
        """
        source = BaseWeights(gguf)
        architecture = source.architecture()

        def put(tensor: Tensor) -> Tensor:
            return tensor.to(device, dtype)

        def layer(index: int) -> FrozenLayer:
            attention, ffn = source.norms(index)
            return FrozenLayer(
                {
                    name: put(torch.cat([source.linear(index, part) for part in parts]))
                    for name, parts in FUSED.items()
                },
                put(torch.cat([source.bias(index, part) for part in FUSED["qkv"]])),
                put(attention),
                put(ffn),
            )

        layers = [layer(index) for index in range(architecture.layers)]
        return cls(architecture, layers, put(source.embedding()), put(source.last_norm()), reader)

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return self.embedding.device

    @property
    def dtype(self) -> torch.dtype:
        """What is computed with."""
        return self.embedding.dtype

    @torch.no_grad()
    def read(
        self,
        tokens: Tensor,
        *,
        kept: Collection[int],
        entering: Collection[int] = (),
        until: int | None = None,
    ) -> Clean:
        """One causal pass over (B, n) tokens; padding behind a text does no harm.

        Keys and values stay of the layers in `kept`, hidden states of those in `entering`. It ends
        before the layer `until`.
        """
        shape = tokens.shape
        hidden = functional.embedding(tokens, self.embedding).to(self._reader.dtype)
        turn = self.rotation(torch.arange(shape[1], device=self.device)[None])
        keys, values, states = {}, {}, {}
        for index, layer in enumerate(self._reader.layers):
            if index in entering:
                states[index] = hidden.to(self.dtype)
            if index == until:
                break
            query, key, value = self.heads(
                _rows(layer.qkv, self.norm(hidden, layer.attention_norm)).to(self.dtype), turn
            )
            if index in kept:
                keys[index], values[index] = key, value
            seen = attend(query, key, value, None).to(hidden.dtype)
            hidden = hidden + _rows(layer.o, seen)
            gate, up = _rows(layer.gate_up, self.norm(hidden, layer.ffn_norm)).chunk(2, -1)
            hidden = hidden + _rows(layer.down, functional.silu(gate) * up)
        last = self.norm(hidden, self.last_norm.to(hidden.dtype)).to(self.dtype)
        return Clean(keys, values, states, last)

    @torch.no_grad()
    def teach(self, hidden: Tensor) -> Tensor:
        """Logits (t, vocab) in fp32 of hidden states (t, dim) behind the last norm."""
        return self._reader.head(hidden.to(self._reader.dtype)).float()

    def norm(self, hidden: Tensor, weight: Tensor) -> Tensor:
        """RMS norm over the last dimension."""
        return functional.rms_norm(hidden, (hidden.shape[-1],), weight, self.architecture.norm_eps)

    def rotation(self, positions: Tensor) -> tuple[Tensor, Tensor]:
        """Cosines and sines, (B, 1, m, head_dim), for positions (B, m)."""
        angles = positions[:, None, :, None].float() * self._frequencies
        both = torch.cat([angles, angles], -1)
        return both.cos().to(self.dtype), both.sin().to(self.dtype)

    def heads(self, qkv: Tensor, turn: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor, Tensor]:
        """(B, m, fused) as rotated queries and keys, and values: (B, heads, m, head_dim)."""
        a = self.architecture
        parts = qkv.view(*qkv.shape[:2], -1, a.head_dim).transpose(1, 2)
        query, key, value = torch.split(parts, [a.heads, a.kv_heads, a.kv_heads], 1)
        return rotate(query, turn), rotate(key, turn), value


def rotate(x: Tensor, turn: tuple[Tensor, Tensor]) -> Tensor:
    """Rotary positions (arXiv 2104.09864), halves convention."""
    cos, sin = turn
    first, second = x.chunk(2, -1)
    return x * cos + torch.cat([-second, first], -1) * sin


def attend(query: Tensor, key: Tensor, value: Tensor, seen: Tensor | None) -> Tensor:
    """Attention, (B, m, dim): causal, or over what the mask `seen` (B, 1, m, n) allows."""
    if seen is not None and query.is_cuda:
        # masked kernels there want as many key heads as query heads
        repeats = query.shape[1] // key.shape[1]
        key, value = (each.repeat_interleave(repeats, 1) for each in (key, value))
    out = functional.scaled_dot_product_attention(
        query, key, value, attn_mask=seen, is_causal=seen is None, enable_gqa=query.shape[1] != key.shape[1]
    )
    return out.transpose(1, 2).flatten(2)


def _rows(linear: Linear, x: Tensor) -> Tensor:
    """A product over (B, n, in)."""
    return linear(x.flatten(0, -2)).view(*x.shape[:-1], -1)


def _dense_reader(layers: Sequence[FrozenLayer], embedding: Tensor) -> Reader:
    def layer(given: FrozenLayer) -> Layer:
        linears = {name: DenseLinear(weight) for name, weight in given.linears.items()}
        linears["qkv"] = DenseLinear(given.linears["qkv"], given.bias)
        return Layer(**linears, attention_norm=given.attention_norm, ffn_norm=given.ffn_norm)

    return Reader([layer(each) for each in layers], DenseLinear(embedding), embedding.dtype)
