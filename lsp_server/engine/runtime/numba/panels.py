"""Weights laid out for the kernels: panels of outputs that lie side by side, for four inputs at a time."""

from __future__ import annotations

import mmap

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from lsp_server.engine.runtime.mapped import page_out
from lsp_server.engine.runtime.numba.layout import PANEL

_HUGE_PAGE = 2 << 20
_SIGNS = np.uint32(0x80808080)
"""Flips each byte's highest bit: w + 128 as an unsigned byte."""


def arena(size: int) -> NDArray[np.uint8]:
    """So many zero bytes, at a border of huge pages, and in such where the system has them."""
    memory = mmap.mmap(-1, size + _HUGE_PAGE)
    if hasattr(mmap, "MADV_HUGEPAGE"):
        memory.madvise(mmap.MADV_HUGEPAGE)
    whole = np.frombuffer(memory, np.uint8)
    begin = -whole.ctypes.data % _HUGE_PAGE
    return whole[begin : begin + size]


class Panels:
    """Products' weights in one arena, in the order in which a pass reads them. The originals are let go."""

    def __init__(self, size: int) -> None:
        self._memory = arena(size)
        self._used = 0
        self._scales: list[NDArray[np.float32]] = []

    @staticmethod
    def size(outputs: int, inputs: int) -> int:
        """Bytes of a product's weights: outputs are filled up to whole panels."""
        return -(-outputs // PANEL) * PANEL * inputs

    def add(self, weight: Tensor, scale: Tensor, group: int = 0) -> tuple[int, int]:
        """Lay out `weight` (outputs, inputs) int8 and `scale` (outputs,); the addresses of both.

        With `group`, the outputs are two halves, and so many of either take turns.
        """
        outputs, inputs = weight.shape
        size = self.size(outputs, inputs)
        whole, rest = divmod(outputs, PANEL)
        target = self._memory[self._used : self._used + size].view(np.uint32)
        panels = target.reshape(-1, inputs // 4, PANEL)
        rows = _in_turns(weight.numpy(), group)
        fours = rows[: whole * PANEL].view(np.uint32).reshape(whole, PANEL, inputs // 4)
        np.bitwise_xor(fours.transpose(0, 2, 1), _SIGNS, out=panels[:whole])
        if rest:
            last = rows[whole * PANEL :].view(np.uint32)
            np.bitwise_xor(last.T, _SIGNS, out=panels[whole, :, :rest])
        scales = np.zeros(len(panels) * PANEL, np.float32)
        scales[:outputs] = _in_turns(scale.float().numpy(), group)
        self._scales.append(scales)
        self._used += size
        page_out([weight])
        return target.ctypes.data, scales.ctypes.data


def _in_turns(rows: NDArray[np.generic], group: int) -> NDArray[np.generic]:
    if not group:
        return rows
    halves = rows.reshape(2, -1, group, *rows.shape[1:])
    return np.ascontiguousarray(halves.swapaxes(0, 1)).reshape(rows.shape)
