"""The one function that is called from Python."""

from __future__ import annotations

from lsp_server.engine.runtime.numba.kernels.jit import compiled
from lsp_server.engine.runtime.numba.kernels.layers import run_layers
from lsp_server.engine.runtime.numba.kernels.multiply import run_product
from lsp_server.engine.runtime.numba.kernels.reading import reader
from lsp_server.engine.runtime.numba.layout import LAYERS, Memory, Operands, Shape, Turn

_shape, _memory, _operands = reader(Shape), reader(Memory), reader(Operands)
_MEMORY = 8 * len(Shape._fields)


@compiled
def run(kind: int, numbers: int, board: int, me: int, threads: int) -> None:
    """A thread's part of a pass; at `numbers` are a `Shape` and a `Memory`, or `Operands`, as int64."""
    turn = Turn(board, me, threads)
    if kind == LAYERS:
        run_layers(_shape(numbers), _memory(numbers + _MEMORY), turn)
    else:
        run_product(_operands(numbers), turn)
