"""A run of decoder layers, computed by the team in one call."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from lsp_server.engine.runtime.architecture import Architecture
from lsp_server.engine.runtime.kv import KV
from lsp_server.engine.runtime.numba.layout import (
    GROUP,
    LAYER_PHASES,
    LAYERS,
    LINE,
    Layer,
    Memory,
    Shape,
    attention_space,
    score_width,
)
from lsp_server.engine.runtime.numba.panels import Panels
from lsp_server.engine.runtime.numba.team import Team
from lsp_server.engine.runtime.rotary import Rotary
from lsp_server.engine.runtime.stack import Passed
from lsp_server.engine.runtime.weights import FUSED, bias_of, norms_of


class NumbaStack:
    """A `Stack`; its weights are laid out when it is first needed."""

    def __init__(
        self,
        tensors: Mapping[str, Tensor],
        architecture: Architecture,
        body: str,
        layers: Sequence[int],
        features: Sequence[int],
        team: Team,
    ) -> None:
        self._tensors = tensors
        self._a = architecture
        self._body = body
        self._layers = tuple(layers)
        self._features = tuple(features)
        self._team = team
        cpu = torch.device("cpu")
        self._rotary = Rotary(architecture.head_dim, architecture.rope_theta, torch.float32, cpu)
        self._epsilon = np.array([architecture.norm_eps], np.float32)

    @property
    def layers(self) -> int:
        """See `Stack.layers`."""
        return len(self._layers)

    @functools.cached_property
    def _packed(self) -> _Packed:
        return _Packed(self._tensors, self._a, self._body, self._layers, self._features)

    def __call__(self, kv: KV, h: Tensor, *, causal: bool, last: int | None = None) -> Passed:
        """See `Stack.__call__`."""
        a, start, count = self._a, len(kv.tokens), len(h)
        rows = count if last is None else last
        kv.reserve(start + count)
        table = self._packed.table
        h = h.clone(memory_format=torch.contiguous_format)
        rotation, entering = self._rotation(start, count), torch.empty((len(self._features), rows, a.dim))
        end = start + count
        shape = Shape(
            layers=self.layers,
            rows=count,
            begin=count - rows,
            start=start,
            causal=int(causal),
            heads=a.heads,
            kv_heads=a.kv_heads,
            head_dim=a.head_dim,
            dim=a.dim,
            ff_dim=a.ff_dim,
            capacity=kv.keys.shape[1],
        )
        fixed = [tensor.data_ptr() for tensor in (h, entering, rotation, kv.keys, kv.values)]
        own = self._own(count, end)

        def given(*space: int) -> tuple[int, ...]:
            places = (table.ctypes.data, *fixed, self._epsilon.ctypes.data, own, score_width(end))
            return (*shape, *Memory(*places, *space))

        self._team.run(LAYERS, LAYER_PHASES * self.layers, count, self._sizes(count, own), given)
        return Passed(h[count - rows :], tuple(entering))

    def _rotation(self, start: int, count: int) -> Tensor:
        """As `Memory` has it; attention divides by the root of a head's width."""
        both = torch.stack(self._rotary(start, count))[:, :, 0]
        return torch.cat([both, both * self._a.head_dim**-0.5])

    def _own(self, rows: int, positions: int) -> int:
        """Bytes that each thread needs for itself."""
        a = self._a
        needed = (
            4 * rows * max(a.head_dim, 2 * GROUP),
            4 * a.dim,
            attention_space(a.queries_per_key, a.head_dim, positions),
        )
        return -(-max(needed) // LINE) * LINE

    def _sizes(self, rows: int, own: int) -> list[int]:
        """Bytes of what `Memory` ends with."""
        a = self._a
        width = a.heads * a.head_dim
        narrow, wide = max(a.dim, width), a.ff_dim
        quantised = [rows * size // part for size in (narrow, wide) for part in (1, GROUP // 4, GROUP // 4)]
        return [*quantised, 4 * rows * width, 4 * rows * width, self._team.most * own]


class _Packed:
    """The weights of `layers` of `body`; `table` (layers, fields of `Layer`) tells where they lie."""

    def __init__(
        self,
        tensors: Mapping[str, Tensor],
        architecture: Architecture,
        body: str,
        layers: Sequence[int],
        features: Sequence[int],
    ) -> None:
        weights = {
            (layer, name): tensors[f"{body}.{layer}.{name}.weight"] for layer in layers for name in FUSED
        }
        self._panels = Panels(sum(Panels.size(*weight.shape) for weight in weights.values()))
        self._vectors: list[NDArray[np.float32]] = []
        rows = []
        for layer in layers:
            found: dict[str, int] = {}
            for name in FUSED:
                scale = tensors[f"{body}.{layer}.{name}.scale"]
                group = GROUP if name == "gate_up" else 0
                found[name], found[f"{name}_scale"] = self._panels.add(weights[layer, name], scale, group)
            bias = tensors.get(str(bias_of(layer, "qkv")), torch.zeros(architecture.qkv_dim))
            norm, ffn_norm = (self._kept(tensors[name]) for name in norms_of(body, layer))
            slot = features.index(layer) if layer in features else -1
            vectors = {"bias": self._kept(bias), "norm": norm, "ffn_norm": ffn_norm}
            rows.append(Layer(**found, **vectors, number=layer, slot=slot))
        self.table = np.array(rows, np.int64)

    def _kept(self, vector: Tensor) -> int:
        """The address of a vector in fp32."""
        array = np.array(vector.float().numpy())
        self._vectors.append(array)
        return array.ctypes.data
