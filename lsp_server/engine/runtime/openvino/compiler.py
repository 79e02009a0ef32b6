"""OpenVINO itself: loaded without its telemetry, and told how to compile."""

from __future__ import annotations

import functools
import sys
from typing import Any

from numpy.typing import NDArray

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


def compiled(graph: Any, threads: int) -> Any:  # noqa: ANN401 -- likewise
    """A request of the compiled `graph`, for one caller at a time."""
    options = {
        "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_NUM_THREADS": threads,
        "INFERENCE_PRECISION_HINT": "f32",
        "DYNAMIC_QUANTIZATION_GROUP_SIZE": GROUP,
        "ENABLE_CPU_PINNING": False,  # editors and compilers need the cores too
    }
    return _core().compile_model(graph, "CPU", options).create_infer_request()


def shared(array: NDArray[Any]) -> Any:  # noqa: ANN401 -- likewise
    """The same memory for OpenVINO; `array` is contiguous, and outlives the pass that it is for."""
    return openvino().Tensor(array, shared_memory=True)


@functools.cache
def _core() -> Any:  # noqa: ANN401 -- likewise
    return openvino().Core()
