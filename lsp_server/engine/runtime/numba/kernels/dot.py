"""Products of int8 weights and int8 inputs: some rows of inputs by a panel of outputs.

Weights are unsigned bytes (w + 128), since `vpdpbusd` multiplies unsigned by signed ones, four at a time,
and adds them up in 32 bits. The inputs' corrections (-128 times the sum of a group) take that out again.
Inputs share a scale in groups of `GROUP`; sums of a group are exact integers, and groups are added up in
fp32 in one order for any number of rows, so a row's result is the same bit for bit in any call.
"""

from __future__ import annotations

from collections.abc import Sequence

from llvmlite import ir

from lsp_server.engine.runtime.numba.kernels.emit import (
    BYTES,
    F32,
    FLOATS,
    I32,
    INTS,
    ROWS,
    Value,
    after,
    choose,
    floats,
    fma,
    folded,
    function,
    integer,
    larger,
    load,
    loop,
    of_vector,
    prefetch,
    splat,
    store,
)
from lsp_server.engine.runtime.numba.kernels.jit import emitted
from lsp_server.engine.runtime.numba.layout import GROUP, LANES, PANEL

_UNROLL = 4
_STEP = 4 * _UNROLL
"""Inputs of a turn of the inner loop."""
LINES = _STEP * PANEL // 64
"""Cache lines of weights that such a turn reads, and so has to fetch for later."""
_FEWEST = ROWS // 2
"""Rows of a block at least, where there are several."""


def _writer(name: str, lines: int, cases: Sequence[int]) -> Value:
    """``out[r, :PANEL] = (sum over groups g of xs[r, g] * (xc[r, g] + sum of w x)) * ws``.

    It fetches `lines` cache lines in each turn from `ahead` on, which are read next. `x` has a byte for each
    input, `x_step` from row to row; scales and corrections have 4 for each group, `s_step` from row
    to row; `out` has fp32, `out_step` bytes from row to row.
    """

    def multiply(
        b: Value,
        rows: Value,
        w: Value,
        x: Value,
        x_step: Value,
        xs: Value,
        xc: Value,
        s_step: Value,
        ws: Value,
        out: Value,
        out_step: Value,
        groups: Value,
        ahead: Value,
    ) -> None:
        def case(count: int) -> None:
            inputs = _strided(b, x, x_step, count)
            places = _strided(b, integer(0), s_step, count)

            def group(number: Value, sums: list[Value]) -> list[Value]:
                at = b.shl(number, integer(2))
                starts = [splat(b, load(b, b.add(xc, b.add(place, at)), I32)) for place in places]

                def turn(step: Value, dots: list[Value]) -> list[Value]:
                    k = b.add(b.mul(number, integer(GROUP)), b.mul(step, integer(_STEP)))
                    behind = b.add(ahead, b.mul(k, integer(PANEL * lines // LINES)))
                    for line in range(lines):
                        prefetch(b, after(b, behind, 64 * line), 3)
                    return _turn(
                        b, b.add(w, b.mul(k, integer(PANEL))), [b.add(row, k) for row in inputs], dots
                    )

                dots = loop(b, integer(GROUP // _STEP), [start for start in starts for _ in range(2)], turn)
                scales = [splat(b, load(b, b.add(xs, b.add(place, at)), F32)) for place in places]
                return [
                    fma(b, b.sitofp(dot, FLOATS), scales[number // 2], total)
                    for number, (dot, total) in enumerate(zip(dots, sums, strict=True))
                ]

            sums = loop(b, groups, [floats(0)] * (2 * count), group)
            scale = [load(b, after(b, ws, half), FLOATS) for half in (0, BYTES)]
            for row, at in enumerate(_strided(b, out, out_step, count)):
                for half in (0, 1):
                    store(b, b.fmul(sums[2 * row + half], scale[half]), after(b, at, half * BYTES))

        choose(b, rows, cases, case)

    multiply.__name__ = name
    return emitted()(multiply)


def _strided(b: Value, start: Value, step: Value, count: int) -> list[Value]:
    addresses = [start]
    for _ in range(1, count):
        addresses.append(b.add(addresses[-1], step))
    return addresses


def _turn(b: Value, w: Value, inputs: Sequence[Value], dots: list[Value]) -> list[Value]:
    """The sums with the products of `_STEP` inputs added."""
    dot = function(b, f"llvm.x86.avx512.vpdpbusd.{32 * LANES}", INTS, [INTS] * 3)
    dots = list(dots)
    for part in range(_UNROLL):
        weights = [load(b, after(b, w, part * 4 * PANEL + half), INTS, BYTES) for half in (0, BYTES)]
        for row, address in enumerate(inputs):
            four = splat(b, load(b, after(b, address, 4 * part), I32))
            for half in (0, 1):
                dots[2 * row + half] = b.call(dot, [dots[2 * row + half], weights[half], four])
    return dots


multiply_alone = _writer("multiply_alone", LINES, range(1, ROWS + 1))
"""For all rows there are: the weights' following panel is fetched."""
multiply_half = _writer("multiply_half", LINES // 2, range(_FEWEST, ROWS + 1))
"""For one of two blocks of rows, which fetch a half each."""
multiply_part = _writer("multiply_part", 1, range(_FEWEST, ROWS + 1))
"""For one of many."""


@emitted()
def quantise_group(b: Value, x: Value, q: Value, scale: Value, correction: Value) -> None:
    """`GROUP` fp32 numbers at `x` to bytes at `q`, with their scale and what `multiply` starts from."""
    count = GROUP // LANES
    parts = [load(b, after(b, x, BYTES * part), FLOATS) for part in range(count)]
    most = _most(b, parts)
    store(b, b.fdiv(most, ir.Constant(F32, 127.0)), scale)
    factor = splat(b, b.fdiv(ir.Constant(F32, 127.0), most))
    rint = function(b, f"llvm.rint.v{LANES}f32", FLOATS, [FLOATS])
    total: Value = None
    for part, numbers in enumerate(parts):
        whole = b.fptosi(b.call(rint, [b.fmul(numbers, factor)]), INTS)
        store(b, b.trunc(whole, ir.VectorType(ir.IntType(8), LANES)), after(b, q, LANES * part), 1)
        total = whole if total is None else b.add(total, whole)
    add = function(b, f"llvm.vector.reduce.add.v{LANES}i32", I32, [INTS])
    store(b, b.mul(b.call(add, [total]), ir.Constant(I32, -128)), correction)


def _most(b: Value, parts: Sequence[Value]) -> Value:
    """The largest magnitude, never zero."""
    sizes = [of_vector(b, "fabs", part) for part in parts]
    while len(sizes) > 1:
        sizes = [larger(b, x, y) for x, y in zip(sizes[::2], sizes[1::2], strict=True)]
    return larger(b, folded(b, sizes[0], larger), ir.Constant(F32, 1e-30))
