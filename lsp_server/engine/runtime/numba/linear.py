"""One matrix product, computed by the team in one call."""

from __future__ import annotations

import functools

import torch
from torch import Tensor

from lsp_server.engine.runtime.numba.layout import GROUP, PANEL, PRODUCT, PRODUCT_PHASES, Operands
from lsp_server.engine.runtime.numba.panels import Panels
from lsp_server.engine.runtime.numba.team import Team


class NumbaLinear:
    """A `Linear` with int8 weights (out, in) and a scale for each output, laid out at its first use."""

    def __init__(self, weight: Tensor, scale: Tensor, team: Team) -> None:
        self._weight = weight
        self._scale = scale
        self._team = team

    @functools.cached_property
    def _packed(self) -> tuple[Panels, int, int]:
        panels = Panels(Panels.size(*self._weight.shape))
        return panels, *panels.add(self._weight, self._scale)

    def __call__(self, x: Tensor) -> Tensor:
        """Multiply: fp32 in, fp32 out."""
        _, weights, scales = self._packed
        x, rows = x.contiguous(), len(x)
        outputs, width = self._weight.shape
        panels = -(-outputs // PANEL)
        y = torch.empty((rows, panels * PANEL))

        def given(*space: int) -> Operands:
            return Operands(rows, width, panels, x.data_ptr(), weights, scales, y.data_ptr(), *space)

        sizes = [rows * width, *[4 * rows * (width // GROUP)] * 2]
        self._team.run(PRODUCT, PRODUCT_PHASES, rows, sizes, given)
        return y[:, :outputs]
