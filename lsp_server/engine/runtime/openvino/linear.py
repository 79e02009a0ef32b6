"""One matrix product as a compiled graph."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from lsp_server.engine.runtime.mapped import page_out
from lsp_server.engine.runtime.openvino.compiler import compiled, openvino, shared
from lsp_server.engine.runtime.openvino.layers import linear, parameter, result


class OpenVinoLinear:
    """A `Linear` with the int8 weights called `name`."""

    def __init__(self, tensors: Mapping[str, Tensor], name: str, threads: int) -> None:
        ov = openvino()
        self._weight = tensors[f"{name}.weight"]  # the graph reads its memory until it has packed it
        self._packed = False
        self._out, width = self._weight.shape
        x = parameter([-1, width], "x")
        self._request = compiled(ov.Model([result(linear(tensors, name, x), "y")], [x]), threads)

    def __call__(self, x: Tensor) -> Tensor:
        """Multiply: fp32 in, fp32 out."""
        x, y = x.contiguous(), torch.empty((len(x), self._out))
        self._request.set_input_tensor(0, shared(x.numpy()))
        self._request.set_output_tensor(0, shared(y.numpy()))
        self._request.infer()
        if not self._packed:
            self._packed = True
            page_out([self._weight])
        return y
