"""From a choice of backend to what computes."""

from __future__ import annotations

from dataclasses import replace

from lsp_server.engine.runtime.architecture import QWEN2_0_5B
from lsp_server.engine.runtime.backends import Backend
from lsp_server.engine.runtime.load import _fitting


def test_layers_that_do_not_fit_the_kernels_are_torchs() -> None:
    """The default model's layers do; others stay possible."""
    chosen = Backend("cpu", "int8", 2, "numba")
    assert _fitting(chosen, QWEN2_0_5B) == chosen
    assert _fitting(chosen, replace(QWEN2_0_5B, ff_dim=4865)).framework == "torch"
    others = replace(chosen, framework="openvino")
    assert _fitting(others, replace(QWEN2_0_5B, ff_dim=4865)) == others
