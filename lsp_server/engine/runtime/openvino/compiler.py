"""OpenVINO itself: loaded without its telemetry, and told how to compile."""

from __future__ import annotations

import functools
import sys
from collections.abc import Iterable, Sequence
from typing import Any

from numpy.typing import NDArray
from torch import Tensor

from lsp_server.engine.runtime.mapped import page_out

GROUP = 128
"""Inputs that share a scale where they are quantised: larger ones are quicker, smaller ones more exact."""


@functools.cache
def openvino() -> Any:  # noqa: ANN401 -- a module without types
    """The module. What would report its use is kept from being loaded; OpenVINO has a stub in its place.

    Raises:
        ImportError: it is not installed.
    """
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]  # None: not to be imported
    import openvino as module

    return module


class Compiled:
    """A compiled graph, for one caller at a time.

    Its first pass packs `weights`, mapped from a file, whose memory is then given back.
    """

    def __init__(self, graph: Any, threads: int, weights: Sequence[Tensor]) -> None:  # noqa: ANN401 -- likewise
        self._request = _request(graph, threads)
        self._weights = weights  # the graph reads their memory until it has packed them
        self._packed = False

    def __call__(self, inputs: Iterable[NDArray[Any]], outputs: Iterable[NDArray[Any]]) -> None:
        """Compute `outputs`, in place; both are contiguous and in the graph's order."""
        for number, array in enumerate(inputs):  # by number, since names are looked for one by one
            self._request.set_input_tensor(number, _shared(array))
        for number, array in enumerate(outputs):
            self._request.set_output_tensor(number, _shared(array))
        self._request.infer()
        if not self._packed:
            self._packed = True
            page_out(self._weights)


def _request(graph: Any, threads: int) -> Any:  # noqa: ANN401 -- likewise
    options = {
        "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_NUM_THREADS": threads,
        "INFERENCE_PRECISION_HINT": "f32",
        "DYNAMIC_QUANTIZATION_GROUP_SIZE": GROUP,
        "ENABLE_CPU_PINNING": False,  # editors and compilers need the cores too
    }
    return _core().compile_model(graph, "CPU", options).create_infer_request()


def _shared(array: NDArray[Any]) -> Any:  # noqa: ANN401 -- likewise
    return openvino().Tensor(array, shared_memory=True)


@functools.cache
def _core() -> Any:  # noqa: ANN401 -- likewise
    return openvino().Core()
