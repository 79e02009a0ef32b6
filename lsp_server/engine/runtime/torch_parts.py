"""Products and layers computed by torch: any precision, any device. The reference for other ways."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from lsp_server.engine.runtime.architecture import Architecture
from lsp_server.engine.runtime.decoder import Decoder, TorchStack
from lsp_server.engine.runtime.layer import Layer
from lsp_server.engine.runtime.linear import EVERY, DenseLinear, Int8Linear, Linear
from lsp_server.engine.runtime.weights import FUSED, bias_of, norms_of


class TorchParts:
    """Makes parts out of `tensors`; `precision` is "int8", "bf16" or "fp32"."""

    def __init__(
        self, tensors: Mapping[str, Tensor], architecture: Architecture, precision: str, device: torch.device
    ) -> None:
        self._tensors = tensors
        self._int8 = precision == "int8"
        self._dtype = torch.bfloat16 if precision == "bf16" else torch.float32
        self._device = device
        self._decoder = Decoder(architecture, self._dtype, device)

    def linear(self, name: str, bias: str | None = None, *, rows: slice = EVERY) -> Linear:
        """The product with `rows` of the weights called `name`, and the bias called `bias`."""
        added = self._get(bias) if bias else None
        if not self._int8:
            return DenseLinear(self._get(f"{name}.weight")[rows], added)
        return Int8Linear(self._tensors[f"{name}.weight"][rows], self._tensors[f"{name}.scale"][rows], added)

    def stack(self, body: str, layers: Sequence[int], features: Sequence[int] = ()) -> TorchStack:
        """Layers of the body called `body`."""
        return TorchStack(self._decoder, {index: self._layer(body, index) for index in layers}, features)

    def _layer(self, body: str, index: int) -> Layer:
        attention, ffn = norms_of(body, index)
        return Layer(
            **{name: self.linear(f"{body}.{index}.{name}", bias_of(index, name)) for name in FUSED},
            attention_norm=self._get(attention),
            ffn_norm=self._get(ffn),
        )

    def _get(self, name: str) -> Tensor:
        return self._tensors[name].to(device=self._device, dtype=self._dtype)
