"""The layers of a Qwen2 network (arXiv 2407.10671) in torch: hidden states in, hidden states out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor
from torch.nn import functional

from lsp_server.engine.runtime.architecture import Architecture
from lsp_server.engine.runtime.kv import KV
from lsp_server.engine.runtime.layer import Layer
from lsp_server.engine.runtime.rotary import Rotary, rotate
from lsp_server.engine.runtime.stack import Passed


class Decoder:
    """What every pass through layers of one shape shares."""

    def __init__(self, architecture: Architecture, dtype: torch.dtype, device: torch.device) -> None:
        self._architecture = architecture
        self._device = device
        self._rotary = Rotary(architecture.head_dim, architecture.rope_theta, dtype, device)

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
        rotation = self._rotary(start, count)
        mask = self._causal_mask(start, count) if causal and count > 1 else None
        for index, layer in layers.items():
            if entering is not None and index in entering:
                entering[index] = h
            h = h + self._attend(layer, index, h, kv, rotation, mask)
            h = h + self._feed_forward(layer, h)
        return h

    def _norm(self, h: Tensor, weight: Tensor) -> Tensor:
        return functional.rms_norm(h, (h.shape[-1],), weight, self._architecture.norm_eps)

    def _causal_mask(self, start: int, count: int) -> Tensor:
        """(queries_per_key * count, start + count): what each query may see."""
        seen = torch.ones(count, start + count, dtype=torch.bool, device=self._device)
        return seen.tril(start).repeat(self._architecture.queries_per_key, 1)

    def _attend(
        self,
        layer: Layer,
        index: int,
        h: Tensor,
        kv: KV,
        rotation: tuple[Tensor, Tensor],
        mask: Tensor | None,
    ) -> Tensor:
        """Attention of (n, dim) over the cache's valid positions and the new ones.

        The query heads that share a key head are laid end to end, (kv_heads,
        queries_per_key * n, head_dim), so that keys and values need no copies.
        """
        a = self._architecture
        n, start = h.shape[0], len(kv.tokens)
        end = start + n
        qkv = layer.qkv(self._norm(h, layer.attention_norm)).view(n, -1, a.head_dim)
        turned = rotate(qkv[:, : a.heads + a.kv_heads], rotation)
        kv.keys[index, start:end] = turned[:, a.heads :]
        kv.values[index, start:end] = qkv[:, a.heads + a.kv_heads :]
        grouped = turned[:, : a.heads].view(n, a.kv_heads, a.queries_per_key, a.head_dim).permute(1, 2, 0, 3)
        out = functional.scaled_dot_product_attention(
            grouped.reshape(1, a.kv_heads, -1, a.head_dim),
            kv.keys[index, None, :end].transpose(1, 2),
            kv.values[index, None, :end].transpose(1, 2),
            attn_mask=mask,
        )
        out = out.view(a.kv_heads, a.queries_per_key, n, a.head_dim).permute(2, 0, 1, 3)
        return layer.o(out.reshape(n, -1))

    def _feed_forward(self, layer: Layer, h: Tensor) -> Tensor:
        gate, up = layer.gate_up(self._norm(h, layer.ffn_norm)).chunk(2, 1)
        return layer.down(functional.silu(gate) * up)


class TorchStack:
    """A `Stack` computed by torch, one operation at a time; `features` as in `Passed`."""

    def __init__(self, decoder: Decoder, parts: Mapping[int, Layer], features: Sequence[int] = ()) -> None:
        self.parts = parts
        self._decoder = decoder
        self._features = tuple(features)

    @property
    def layers(self) -> int:
        """See `Stack.layers`."""
        return len(self.parts)

    def __call__(self, kv: KV, h: Tensor, *, causal: bool, last: int | None = None) -> Passed:
        """See `Stack.__call__`."""
        entering = dict.fromkeys(self._features, h)
        hidden = self._decoder.through(self.parts, kv, h, causal=causal, entering=entering)
        first = 0 if last is None else len(h) - last
        return Passed(hidden[first:], tuple(state[first:] for state in entering.values()))
