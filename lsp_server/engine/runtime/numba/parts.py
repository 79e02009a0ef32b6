"""Products and layers for `assemble`, compiled by Numba."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from torch import Tensor

from lsp_server.engine.runtime.architecture import Architecture
from lsp_server.engine.runtime.linear import EVERY
from lsp_server.engine.runtime.numba.layout import GROUP, PANEL
from lsp_server.engine.runtime.numba.linear import NumbaLinear
from lsp_server.engine.runtime.numba.stack import NumbaStack
from lsp_server.engine.runtime.numba.team import Team


class NumbaParts:
    """Makes parts out of the int8 `tensors` that `prepare.py` writes, in fp32 between them."""

    def __init__(self, tensors: Mapping[str, Tensor], architecture: Architecture, team: Team) -> None:
        self._tensors = tensors
        self._architecture = architecture
        self._team = team

    def linear(self, name: str, *, rows: slice = EVERY) -> NumbaLinear:
        """The product with `rows` of the weights called `name`."""
        weight, scale = (self._tensors[f"{name}.{kind}"][rows] for kind in ("weight", "scale"))
        return NumbaLinear(weight, scale, self._team)

    def stack(self, body: str, layers: Sequence[int], features: Sequence[int] = ()) -> NumbaStack:
        """Layers of the body called `body`."""
        return NumbaStack(self._tensors, self._architecture, body, layers, features, self._team)


def fits(architecture: Architecture) -> bool:
    """Whether the kernels can compute layers of these sizes: they take whole groups and panels."""
    a = architecture
    inputs = (a.dim, a.ff_dim, a.heads * a.head_dim)
    return not any(size % GROUP for size in inputs) and not a.head_dim % PANEL
