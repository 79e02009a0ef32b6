"""One product as a function that all threads of a pass run."""

from __future__ import annotations

from lsp_server.engine.runtime.numba.kernels.jit import compiled
from lsp_server.engine.runtime.numba.kernels.product import product, quantise_row
from lsp_server.engine.runtime.numba.kernels.sync import first_task, next_task, wait
from lsp_server.engine.runtime.numba.layout import PANEL, Operands, Turn

TOGETHER = 8
"""Panels of a task."""


@compiled
def run_product(o: Operands, t: Turn) -> None:
    """This thread's part of ``y = x W^T``; see `run_layers`."""
    task = first_task(t.board, 0, o.rows, 0, t.me, t.threads, 0)
    while task >= 0:
        quantise_row(o.x + 4 * task * o.width, o.width, task, o.q, o.scales, o.corrections)
        task = next_task(t.board, 0, o.rows, t.me, t.threads)
    tasks = (o.panels + TOGETHER - 1) // TOGETHER
    size = PANEL * o.width
    soon = o.weights + tasks * t.me // t.threads * TOGETHER * size
    task = first_task(t.board, 1, tasks, o.rows, t.me, t.threads, soon)
    while task >= 0:
        begin = task * TOGETHER
        product(
            min(TOGETHER, o.panels - begin),
            o.weights + begin * size,
            o.weight_scales + 4 * PANEL * begin,
            o.width,
            o.rows,
            o.q,
            o.scales,
            o.corrections,
            o.y + 4 * PANEL * begin,
            4 * PANEL * o.panels,
        )
        task = next_task(t.board, 1, tasks, t.me, t.threads)
    if t.me == 0:
        wait(t.board, o.rows + tasks)
