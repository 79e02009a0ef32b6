"""The layers of a Qwen2 network (arXiv 2407.10671) in torch: hidden states in, hidden states out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor
from torch.nn import functional

from lsp_server.engine.runtime.architecture import Architecture
from lsp_server.engine.runtime.attention import Alone, Attention
from lsp_server.engine.runtime.kv import KV
from lsp_server.engine.runtime.layer import Layer
from lsp_server.engine.runtime.rotary import Rotary, rotate
from lsp_server.engine.runtime.stack import Passed


class Decoder:
    """What every pass through layers of one shape shares."""

    def __init__(self, architecture: Architecture, dtype: torch.dtype, device: torch.device) -> None:
        self.architecture = architecture
        self.rotary = Rotary(architecture.head_dim, architecture.rope_theta, dtype, device)

    def through(
        self,
        layers: Mapping[int, Layer],
        kv: KV,
        h: Tensor,
        *,
        causal: bool,
        entering: dict[int, Tensor] | None = None,
    ) -> Tensor:
        """Hidden states (n, dim) behind the last of `layers`, which are numbered as in `kv`.

        The positions follow the valid ones of `kv`, see all of those, and each other: only
        backwards if `causal`. Their keys and values are left behind the valid positions.
        What enters the layers named in `entering` is put there.
        """
        start, count = len(kv.tokens), len(h)
        kv.reserve(start + count)
        attention = Alone(self.architecture, kv, count, causal=causal)
        return self.attended(layers, h, self.rotary(start, count), attention, entering)

    def attended(
        self,
        layers: Mapping[int, Layer],
        h: Tensor,
        rotation: tuple[Tensor, Tensor],
        attention: Attention,
        entering: dict[int, Tensor] | None = None,
    ) -> Tensor:
        """As `through`, for rows (n, dim) of any sequences: `rotation` has their positions.

        `attention` says what each sees.
        """
        for index, layer in layers.items():
            if entering is not None and index in entering:
                entering[index] = h
            h = h + self._attend(layer, index, h, rotation, attention)
            h = h + self._feed_forward(layer, h)
        return h

    def _norm(self, h: Tensor, weight: Tensor) -> Tensor:
        return functional.rms_norm(h, (h.shape[-1],), weight, self.architecture.norm_eps)

    def _attend(
        self, layer: Layer, index: int, h: Tensor, rotation: tuple[Tensor, Tensor], attention: Attention
    ) -> Tensor:
        a = self.architecture
        qkv = layer.qkv(self._norm(h, layer.attention_norm)).view(len(h), -1, a.head_dim)
        turned = rotate(qkv[:, : a.heads + a.kv_heads], rotation)
        return layer.o(attention(index, turned, qkv[:, a.heads + a.kv_heads :]))

    def _feed_forward(self, layer: Layer, h: Tensor) -> Tensor:
        gate, up = layer.gate_up(self._norm(h, layer.ffn_norm)).chunk(2, 1)
        return layer.down(functional.silu(gate) * up)


class TorchStack:
    """A `Stack` computed by torch, one operation at a time; `features` as in `Passed`."""

    def __init__(self, decoder: Decoder, parts: Mapping[int, Layer], features: Sequence[int] = ()) -> None:
        self.decoder = decoder
        self.parts = parts
        self.features = tuple(features)

    @property
    def layers(self) -> int:
        """See `Stack.layers`."""
        return len(self.parts)

    def __call__(self, kv: KV, h: Tensor, *, causal: bool, last: int | None = None) -> Passed:
        """See `Stack.__call__`."""
        entering = dict.fromkeys(self.features, h)
        hidden = self.decoder.through(self.parts, kv, h, causal=causal, entering=entering)
        first = 0 if last is None else len(h) - last
        return Passed(hidden[first:], tuple(state[first:] for state in entering.values()))
