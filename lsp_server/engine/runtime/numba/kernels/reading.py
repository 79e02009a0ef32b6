"""Named numbers out of a row of int64 in memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from numba import types
from numba.extending import intrinsic

from lsp_server.engine.runtime.numba.kernels.emit import I64, after, load

Kind = TypeVar("Kind", bound=tuple[int, ...])


def reader(kind: type[Kind]) -> Callable[[int], Kind]:
    """A function from an address to the `kind`, a named tuple, whose numbers lie there."""
    count = len(kind._fields)  # type: ignore[attr-defined]

    def read(_: Any, address: Any) -> tuple[Any, Any]:  # noqa: ANN401, ARG001 -- Numba's way to say it
        def generate(context: Any, b: Any, signature: Any, values: Any) -> Any:  # noqa: ANN401 -- likewise
            numbers = [load(b, after(b, values[0], 8 * place), I64, 8) for place in range(count)]
            return context.make_tuple(b, signature.return_type, numbers)

        return types.NamedUniTuple(types.int64, count, kind)(types.intp), generate

    made: Callable[[int], Kind] = intrinsic(read)
    return made
