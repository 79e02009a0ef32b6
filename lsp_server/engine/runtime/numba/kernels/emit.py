"""Words to write LLVM code with: vectors of `LANES` fp32 or int32 numbers, memory by address."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from llvmlite import ir

from lsp_server.engine.runtime.numba.layout import LANES

Value = Any
"""A value of LLVM, or the builder; llvmlite has no types."""
ROWS = 8 if LANES == 16 else 6
"""Rows that are computed together: their sums fill the registers."""

I8, I32, I64, F32, VOID = ir.IntType(8), ir.IntType(32), ir.IntType(64), ir.FloatType(), ir.VoidType()
POINTER = ir.PointerType()
INTS, FLOATS = ir.VectorType(I32, LANES), ir.VectorType(F32, LANES)
BYTES = 4 * LANES
"""Of a vector."""


def integer(number: int) -> Value:
    """A constant of 64 bits."""
    return ir.Constant(I64, number)


def floats(number: float) -> Value:
    """A vector of one constant, rounded to fp32."""
    import numpy as np

    return ir.Constant(FLOATS, [float(np.float32(number))] * LANES)


def after(b: Value, address: Value, count: int) -> Value:
    """The address so many bytes behind."""
    return b.add(address, integer(count)) if count else address


def load(b: Value, address: Value, kind: Value, align: int = 4) -> Value:
    """What lies at an address."""
    value = b.load(b.inttoptr(address, POINTER), typ=kind)
    value.align = align
    return value


def store(b: Value, value: Value, address: Value, align: int = 4) -> None:
    """Put a value at an address."""
    b.store(value, b.inttoptr(address, POINTER)).align = align


def shuffled(b: Value, first: Value, second: Value, order: Sequence[int]) -> Value:
    """Numbers of two vectors, counted through, in `order`."""
    return b.shuffle_vector(first, second, ir.Constant(ir.VectorType(I32, len(order)), list(order)))


def splat(b: Value, number: Value) -> Value:
    """A vector of one number."""
    nothing = ir.Constant(ir.VectorType(number.type, LANES), ir.Undefined)
    return shuffled(b, b.insert_element(nothing, number, ir.Constant(I32, 0)), nothing, [0] * LANES)


def function(b: Value, name: str, result: Value, arguments: Sequence[Value]) -> Value:
    """One of LLVM's own functions."""
    known = b.module.globals.get(name)
    return known or ir.Function(b.module, ir.FunctionType(result, arguments), name)


def of_vector(b: Value, name: str, *vectors: Value) -> Value:
    """``llvm.NAME`` of fp32 vectors."""
    kind = vectors[0].type
    return b.call(function(b, f"llvm.{name}.v{kind.count}f32", kind, [kind] * len(vectors)), vectors)


def fma(b: Value, x: Value, y: Value, z: Value) -> Value:
    """X y + z, rounded once."""
    return of_vector(b, "fma", x, y, z)


def larger(b: Value, x: Value, y: Value) -> Value:
    """The larger of each pair."""
    return b.select(b.fcmp_ordered(">", x, y), x, y)


def folded(b: Value, vector: Value, join: Callable[[Value, Value, Value], Value]) -> Value:
    """One number out of a vector by halves: the order of sums is always the same."""
    width: int = vector.type.count
    while width > 1:
        width //= 2
        first = shuffled(b, vector, vector, range(width))
        vector = join(b, first, shuffled(b, vector, vector, range(width, 2 * width)))
    return b.extract_element(vector, ir.Constant(I32, 0))


def summed(b: Value, vector: Value) -> Value:
    """The sum of a vector's numbers."""
    return folded(b, vector, lambda builder, x, y: builder.fadd(x, y))


def prefetch(b: Value, address: Value, level: int) -> None:
    """Have a cache line brought into the cache of `level`, as x86 counts them: 3 is the nearest."""
    fetch = function(b, "llvm.prefetch.p0", VOID, [POINTER, I32, I32, I32])
    b.call(fetch, [b.inttoptr(address, POINTER), *(ir.Constant(I32, n) for n in (0, level, 1))])


def loop(
    b: Value, count: Value, carried: Sequence[Value], body: Callable[[Value, list[Value]], Sequence[Value]]
) -> list[Value]:
    """Run `body` for 0 to `count`, at least once; it gets the number and what it returned before."""
    before = b.block
    inside, behind = b.append_basic_block("loop"), b.append_basic_block("behind")
    b.branch(inside)
    b.position_at_end(inside)
    number = b.phi(I64)
    number.add_incoming(integer(0), before)
    now = [b.phi(value.type) for value in carried]
    for phi, value in zip(now, carried, strict=True):
        phi.add_incoming(value, before)
    new = list(body(number, list(now)))
    following = b.add(number, integer(1))
    number.add_incoming(following, b.block)
    for phi, value in zip(now, new, strict=True):
        phi.add_incoming(value, b.block)
    b.cbranch(b.icmp_signed("<", following, count), inside, behind)
    b.position_at_end(behind)
    return new


def choose(b: Value, number: Value, cases: Sequence[int], write: Callable[[int], None]) -> None:
    """Run the code that `write` writes for `number`, which is one of `cases`."""
    behind = b.append_basic_block("chosen")
    blocks = {case: b.append_basic_block(f"case{case}") for case in cases}
    switch = b.switch(number, blocks[cases[-1]])
    for case in cases[:-1]:
        switch.add_case(integer(case), blocks[case])
    for case in cases:
        b.position_at_end(blocks[case])
        write(case)
        b.branch(behind)
    b.position_at_end(behind)
