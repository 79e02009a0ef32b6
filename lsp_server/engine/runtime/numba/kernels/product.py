"""Products over many panels, and the rows of bytes that enter them."""

from __future__ import annotations

from lsp_server.engine.runtime.numba.kernels.dot import (
    LINES,
    multiply_alone,
    multiply_half,
    multiply_part,
    quantise_group,
)
from lsp_server.engine.runtime.numba.kernels.emit import ROWS
from lsp_server.engine.runtime.numba.kernels.jit import compiled
from lsp_server.engine.runtime.numba.layout import GROUP, PANEL

_NEAR = 8192
"""Bytes that one block of rows fetches ahead: what the memory takes to answer."""


@compiled
def quantise_row(x: int, width: int, row: int, q: int, scales: int, corrections: int) -> None:
    """A row of fp32 numbers at `x` to row `row` of bytes, scales and corrections."""
    groups = width // GROUP
    for group in range(groups):
        at = 4 * (row * groups + group)
        quantise_group(x + 4 * GROUP * group, q + row * width + GROUP * group, scales + at, corrections + at)


@compiled
def product(
    panels: int,
    weights: int,
    weight_scales: int,
    width: int,
    rows: int,
    q: int,
    scales: int,
    corrections: int,
    out: int,
    out_step: int,
) -> None:
    """Outputs of `rows` rows of `width` bytes for panels that lie end to end, beside each other at `out`.

    Few rows wait for memory: they fetch what is a little ahead. With more rows a panel is gone through
    several times, and its blocks fetch the following panel between them.
    """
    groups = width // GROUP
    size = width * PANEL
    blocks = (rows + ROWS - 1) // ROWS
    for panel in range(panels):
        w = weights + panel * size
        ws, to = weight_scales + 4 * PANEL * panel, out + 4 * PANEL * panel
        begin = 0
        for block in range(blocks):
            end = rows * (block + 1) // blocks
            x, at, y = q + begin * width, 4 * begin * groups, to + begin * out_step
            xs, xc = scales + at, corrections + at
            if blocks == 1:
                multiply_alone(rows, w, x, width, xs, xc, 4 * groups, ws, y, out_step, groups, w + _NEAR)
            elif blocks == 2:
                ahead = w + size + block * (size // 2)
                multiply_half(end - begin, w, x, width, xs, xc, 4 * groups, ws, y, out_step, groups, ahead)
            else:
                ahead = w + size + block % LINES * (size // LINES)
                multiply_part(end - begin, w, x, width, xs, xc, 4 * groups, ws, y, out_step, groups, ahead)
            begin = end
