"""Between torch's tensors and OpenVINO's, without copies."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from lsp_server.engine.runtime.openvino.compiler import openvino


def shared(tensor: Tensor) -> Any:  # noqa: ANN401 -- a module without types
    """The same memory for OpenVINO; `tensor` is contiguous and outlives the pass."""
    return openvino().Tensor(tensor.numpy(), shared_memory=True)


def output(request: Any, name: str, *shape: int) -> Tensor:  # noqa: ANN401 -- likewise
    """A new fp32 tensor of this shape, into which the next pass writes the output called `name`."""
    into = torch.empty(shape)
    request.set_tensor(name, shared(into))
    return into
