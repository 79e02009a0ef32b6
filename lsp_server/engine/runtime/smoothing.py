"""Make activations easy to quantise by moving their outlying channels into the weights.

SmoothQuant (arXiv 2211.10438): an input channel that reaches high is divided by a
factor and the weights' column multiplied by it. The division costs nothing at
run time, because it is folded into what produced the channel: the norm before
the query and gate projections, the rows of the up projection before the down
projection. The factors come from one pass over a page of code.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from lsp_server.engine.runtime.architecture import Architecture
from lsp_server.engine.runtime.decoder import Decoder
from lsp_server.engine.runtime.kv import KV
from lsp_server.engine.runtime.layer import Layer
from lsp_server.engine.runtime.linear import DenseLinear

MIGRATION = 0.6
"""Share of the outliers' size that moves into the weights (alpha in the paper)."""
INPUTS = ("qkv", "gate_up", "down")
"""The projections whose inputs are smoothed."""


@dataclass(frozen=True, slots=True)
class Factors:
    """What a layer's channels are divided by: shapes (dim,), (dim,), (ff_dim,)."""

    qkv: Tensor
    gate_up: Tensor
    down: Tensor

    def of_input(self, name: str) -> Tensor | None:
        """The factors that multiply the columns of a fused projection, if any."""
        return getattr(self, name) if name in INPUTS else None

    def of_output(self, name: str) -> Tensor | None:
        """The factors that divide the rows of a fused projection, if any."""
        if name != "gate_up":
            return None
        return torch.cat([torch.ones_like(self.down), self.down])

    def folded(self, name: str, weight: Tensor) -> Tensor:
        """A fused projection (out, in) with its factors folded in; the layer computes what it did."""
        columns, rows = self.of_input(name), self.of_output(name)
        if columns is not None:
            weight = weight * columns
        return weight if rows is None else weight / rows[:, None]


class Calibration:
    """Hidden states of a page of code on their way through the layers."""

    def __init__(self, architecture: Architecture, hidden: Tensor) -> None:
        self._one = replace(architecture, layers=1)
        self._decoder = Decoder(self._one, hidden.dtype, hidden.device)
        self._hidden = hidden

    @torch.inference_mode()
    def factors(self, layer: Layer) -> Factors:
        """The factors for the next layer, given with dense weights; the page moves behind it."""
        peaks = {name: _Peaks(getattr(layer, name)) for name in INPUTS}
        watched = replace(layer, qkv=peaks["qkv"], gate_up=peaks["gate_up"], down=peaks["down"])
        kv = KV(self._one, self._hidden.dtype, self._hidden.device)
        self._hidden = self._decoder.through({0: watched}, kv, self._hidden, causal=True)
        return Factors(**{name: _factors(watch) for name, watch in peaks.items()})


class _Peaks:
    """A projection that remembers the largest magnitude of each input channel."""

    def __init__(self, linear: DenseLinear) -> None:
        self.linear = linear
        self.largest = torch.zeros(linear.weight.shape[1])

    def __call__(self, x: Tensor) -> Tensor:
        self.largest = torch.maximum(self.largest, x.abs().amax(0))
        return self.linear(x)


def _factors(watch: _Peaks) -> Tensor:
    inputs = watch.largest.clamp_min(1e-5)
    weights = watch.linear.weight.abs().amax(0).clamp_min(1e-5)
    return (inputs**MIGRATION / weights ** (1 - MIGRATION)).clamp_min(1e-5)
