"""Products in fp32 for attention: some rows by a panel of numbers that lie side by side."""

from __future__ import annotations

from lsp_server.engine.runtime.numba.kernels.emit import (
    BYTES,
    F32,
    FLOATS,
    ROWS,
    Value,
    after,
    choose,
    floats,
    fma,
    integer,
    load,
    loop,
    shuffled,
    splat,
    store,
)
from lsp_server.engine.runtime.numba.kernels.jit import emitted
from lsp_server.engine.runtime.numba.layout import LANES


@emitted()
def combine(
    b: Value,
    rows: Value,
    a: Value,
    a_step: Value,
    m: Value,
    m_step: Value,
    count: Value,
    out: Value,
    out_step: Value,
) -> None:
    """``out[r, :PANEL] = sum over k < count of a[r, k] m[k, :PANEL]``.

    In the order of k for any number of rows. Steps are bytes from row to row.
    """

    def case(many: int) -> None:
        factors = [a]
        for _ in range(1, many):
            factors.append(b.add(factors[-1], a_step))

        def add(k: Value, sums: list[Value]) -> list[Value]:
            at, behind = b.add(m, b.mul(k, m_step)), b.shl(k, integer(2))
            parts = [load(b, after(b, at, half), FLOATS) for half in (0, BYTES)]
            new = []
            for row, address in enumerate(factors):
                factor = splat(b, load(b, b.add(address, behind), F32))
                new += [fma(b, factor, parts[half], sums[2 * row + half]) for half in (0, 1)]
            return new

        sums = loop(b, count, [floats(0)] * (2 * many), add)
        at = out
        for row in range(many):
            for half in (0, 1):
                store(b, sums[2 * row + half], after(b, at, half * BYTES))
            at = b.add(at, out_step)

    choose(b, rows, range(1, ROWS + 1), case)


@emitted()
def transpose(b: Value, source: Value, step: Value, out: Value, out_step: Value) -> None:
    """`LANES` rows of as many fp32 numbers, `step` bytes apart, to their columns, `out_step` bytes apart.

    By halves: blocks off the diagonal change places, then within each block, down to single numbers.
    """
    rows = [load(b, b.add(source, b.mul(step, integer(row))), FLOATS) for row in range(LANES)]
    size = LANES // 2
    while size:
        for first in range(LANES):
            if first & size:
                continue
            upper, lower = rows[first], rows[first + size]
            order = range(LANES)
            rows[first] = shuffled(b, upper, lower, [LANES + n - size if n & size else n for n in order])
            rows[first + size] = shuffled(
                b, upper, lower, [LANES + n if n & size else n + size for n in order]
            )
        size //= 2
    for row, numbers in enumerate(rows):
        store(b, numbers, b.add(out, b.mul(out_step, integer(row))))
