"""Products and layers for `assemble`, computed by OpenVINO."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from lsp_server.engine.runtime.architecture import Architecture
from lsp_server.engine.runtime.linear import EVERY
from lsp_server.engine.runtime.openvino.compiler import Compiled
from lsp_server.engine.runtime.openvino.layers import LayerGraph
from lsp_server.engine.runtime.openvino.linear import OpenVinoLinear
from lsp_server.engine.runtime.openvino.stack import OpenVinoStack
from lsp_server.engine.runtime.rotary import Rotary
from lsp_server.engine.runtime.weights import FUSED


class OpenVinoParts:
    """Makes parts out of the int8 `tensors` that `prepare.py` writes, in fp32 between them."""

    def __init__(self, tensors: Mapping[str, Tensor], architecture: Architecture, threads: int) -> None:
        self._tensors = tensors
        self._architecture = architecture
        self._threads = threads
        cpu = torch.device("cpu")
        self._rotary = Rotary(architecture.head_dim, architecture.rope_theta, torch.float32, cpu)

    def linear(self, name: str, *, rows: slice = EVERY) -> OpenVinoLinear:
        """The product with `rows` of the weights called `name`."""
        part = {kind: self._tensors[f"{name}.{kind}"][rows] for kind in ("weight", "scale")}
        return OpenVinoLinear(part["weight"], part["scale"], self._threads)

    def stack(self, body: str, layers: Sequence[int], features: Sequence[int] = ()) -> OpenVinoStack:
        """Layers of the body called `body`."""

        def compile_() -> Compiled:
            graph = LayerGraph(self._tensors, self._architecture, body).model(layers, features)
            weights = [self._tensors[f"{body}.{layer}.{name}.weight"] for layer in layers for name in FUSED]
            return Compiled(graph, self._threads, weights)

        return OpenVinoStack(compile_, layers, features, self._rotary)
