"""One matrix product as a compiled graph."""

from __future__ import annotations

import torch
from torch import Tensor

from lsp_server.engine.runtime.openvino.compiler import Compiled, openvino
from lsp_server.engine.runtime.openvino.layers import linear, parameter, result


class OpenVinoLinear:
    """A `Linear` with int8 weights (out, in) and a scale for each output."""

    def __init__(self, weight: Tensor, scale: Tensor, threads: int) -> None:
        self._out, width = weight.shape
        x = parameter([-1, width], "x")
        model = openvino().Model([result(linear(weight, scale, x), "y")], [x])
        self._compiled = Compiled(model, threads, [weight])

    def __call__(self, x: Tensor) -> Tensor:
        """Multiply: fp32 in, fp32 out."""
        x, y = x.contiguous(), torch.empty((len(x), self._out))
        self._compiled([x.numpy()], [y.numpy()])
        return y
