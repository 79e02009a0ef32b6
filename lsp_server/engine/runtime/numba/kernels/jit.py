"""How functions are compiled: those written in Python by Numba, those written in LLVM code by LLVM alone.

The second kind is called by symbol. Numba would compile it anew into every function that calls it.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, TypeVar

import llvmlite.binding as llvm
from llvmlite import ir
from numba import njit, types

Function = TypeVar("Function", bound=Callable[..., Any])
_PREFIX = "remask_"
_NUMBER = ir.IntType(64)
_written: dict[str, tuple[Callable[..., Any], Any]] = {}


def compiled(function: Function) -> Function:
    """A function in machine code, without what would let the interpreter call it."""
    made: Function = njit(
        boundscheck=False, error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True
    )(function)
    return made


def emitted(*, counts: bool = False) -> Callable[[Callable[..., Any]], Any]:
    """Make a function of integers, often addresses, out of one that writes its code to an LLVM builder.

    With `counts` it gives back an integer.
    """

    def decorate(write: Callable[..., Any]) -> Any:  # noqa: ANN401 -- Numba has no types
        name = _PREFIX + write.__name__
        if name in _written:
            raise ValueError(f"there are two functions called {name}")
        numbers = len(inspect.signature(write).parameters) - 1
        _written[name] = write, ir.FunctionType(_NUMBER if counts else ir.VoidType(), [_NUMBER] * numbers)
        llvm.add_symbol(name, 1)  # for Numba, which wants to link what it compiles; nothing is run here
        result = types.int64 if counts else types.void
        return types.ExternalFunction(name, result(*[types.int64] * numbers))

    return decorate


def emitted_module() -> Any:  # noqa: ANN401 -- llvmlite has no types
    """All emitted functions as LLVM code."""
    module = ir.Module("remask")
    for name, (write, kind) in _written.items():
        function = ir.Function(module, kind, name)
        builder = ir.IRBuilder(function.append_basic_block())
        value = write(builder, *function.args)
        if value is None:
            builder.ret_void()
        else:
            builder.ret(value)
    return module
