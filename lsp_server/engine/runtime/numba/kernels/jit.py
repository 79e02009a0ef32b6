"""Numba itself, told how to compile."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, TypeVar

from numba import njit, types
from numba.extending import intrinsic

from lsp_server.engine.runtime.numba.yielding import SYMBOL

Function = TypeVar("Function", bound=Callable[..., Any])


def compiled(function: Function) -> Function:
    """A function in machine code, without what would let the interpreter call it."""
    made: Function = njit(
        boundscheck=False, error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True
    )(function)
    return made


def emitted(result: Any = types.void) -> Callable[[Callable[..., Any]], Any]:  # noqa: ANN401 -- Numba has no types
    """Make a function of integers, often addresses, out of one that writes its code to an LLVM builder."""

    def decorate(write: Callable[..., Any]) -> Any:  # noqa: ANN401 -- likewise
        signature = inspect.signature(write)

        def define(_: Any, *given: Any) -> tuple[Any, Any]:  # noqa: ANN401 -- likewise
            def generate(context: Any, builder: Any, _: Any, values: Any) -> Any:  # noqa: ANN401 -- likewise
                value = write(builder, *values)
                return context.get_dummy_value() if value is None else value

            return result(*[types.intp] * len(given)), generate

        define.__signature__ = signature  # type: ignore[attr-defined]  # Numba takes no *given
        define.__name__ = define.__qualname__ = write.__name__
        return intrinsic(define)

    return decorate


yield_core = types.ExternalFunction(SYMBOL, types.int32())
"""Let another thread have this core."""
