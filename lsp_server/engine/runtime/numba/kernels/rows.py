"""What is done to rows of fp32 numbers between products. All lengths are multiples of `LANES`."""

from __future__ import annotations

from llvmlite import ir

from lsp_server.engine.runtime.numba.kernels.emit import (
    BYTES,
    F32,
    FLOATS,
    INTS,
    Value,
    floats,
    fma,
    folded,
    function,
    integer,
    larger,
    load,
    loop,
    of_vector,
    splat,
    store,
    summed,
)
from lsp_server.engine.runtime.numba.kernels.jit import emitted
from lsp_server.engine.runtime.numba.layout import LANES

LEAST = -1e30
"""The score of a position that must not be seen."""
_EXPONENTS = (
    1.9875691500e-4,
    1.3981999507e-3,
    8.3334519073e-3,
    4.1665795894e-2,
    1.6666665459e-1,
    5.0000001201e-1,
)
_LOG2_E, _LN2_HIGH, _LN2_LOW = 1.44269504088896341, 0.693359375, -2.12194440e-4
_LOWEST, _HIGHEST = -87.0, 88.0


def _vectors(b: Value, length: Value) -> Value:
    return b.udiv(length, integer(LANES))


def _at(b: Value, address: Value, number: Value) -> Value:
    return b.add(address, b.mul(number, integer(BYTES)))


def _exp(b: Value, x: Value) -> Value:
    """e^x as Cephes' expf computes it; exactly 0 below `_LOWEST`, so that what is not seen adds nothing."""
    gone = b.fcmp_ordered("<", x, floats(_LOWEST))
    x = b.select(gone, floats(_LOWEST), x)
    x = b.select(b.fcmp_ordered(">", x, floats(_HIGHEST)), floats(_HIGHEST), x)
    power = of_vector(b, "rint", b.fmul(x, floats(_LOG2_E)))
    rest = fma(b, power, floats(-_LN2_LOW), fma(b, power, floats(-_LN2_HIGH), x))
    y = floats(_EXPONENTS[0])
    for factor in _EXPONENTS[1:]:
        y = fma(b, y, rest, floats(factor))
    y = b.fadd(fma(b, y, b.fmul(rest, rest), rest), floats(1))
    whole = b.add(b.fptosi(power, INTS), ir.Constant(INTS, [127] * LANES))
    y = b.fmul(y, b.bitcast(b.shl(whole, ir.Constant(INTS, [23] * LANES)), FLOATS))
    return b.select(gone, floats(0), y)


@emitted()
def norm(b: Value, x: Value, weight: Value, epsilon: Value, out: Value, length: Value) -> None:
    """``out = x / rms(x) * weight`` (arXiv 1910.07467); `epsilon` is the address of one number."""

    def square(number: Value, total: list[Value]) -> list[Value]:
        part = load(b, _at(b, x, number), FLOATS)
        return [fma(b, part, part, total[0])]

    (total,) = loop(b, _vectors(b, length), [floats(0)], square)
    mean = b.fdiv(summed(b, total), b.sitofp(length, F32))
    root = function(b, "llvm.sqrt.f32", F32, [F32])
    size = splat(b, b.call(root, [b.fadd(mean, load(b, epsilon, F32))]))

    def scale(number: Value, _: list[Value]) -> list[Value]:
        part = b.fdiv(load(b, _at(b, x, number), FLOATS), size)
        store(b, b.fmul(part, load(b, _at(b, weight, number), FLOATS)), _at(b, out, number))
        return []

    loop(b, _vectors(b, length), [], scale)


@emitted()
def add_to(b: Value, x: Value, y: Value, length: Value) -> None:
    """``x += y``."""

    def add(number: Value, _: list[Value]) -> list[Value]:
        at = _at(b, x, number)
        store(b, b.fadd(load(b, at, FLOATS), load(b, _at(b, y, number), FLOATS)), at)
        return []

    loop(b, _vectors(b, length), [], add)


@emitted()
def copy(b: Value, x: Value, out: Value, length: Value) -> None:
    """``out = x``."""

    def move(number: Value, _: list[Value]) -> list[Value]:
        store(b, load(b, _at(b, x, number), FLOATS), _at(b, out, number))
        return []

    loop(b, _vectors(b, length), [], move)


@emitted()
def divide_by(b: Value, x: Value, divisor: Value, out: Value, length: Value) -> None:
    """``out = x / divisor``; `divisor` is the address of one number."""
    every = splat(b, load(b, divisor, F32))

    def divide(number: Value, _: list[Value]) -> list[Value]:
        store(b, b.fdiv(load(b, _at(b, x, number), FLOATS), every), _at(b, out, number))
        return []

    loop(b, _vectors(b, length), [], divide)


@emitted()
def plus(b: Value, x: Value, bias: Value, out: Value, length: Value) -> None:
    """``out = x + bias``."""

    def add(number: Value, _: list[Value]) -> list[Value]:
        part = b.fadd(load(b, _at(b, x, number), FLOATS), load(b, _at(b, bias, number), FLOATS))
        store(b, part, _at(b, out, number))
        return []

    loop(b, _vectors(b, length), [], add)


@emitted()
def turn(b: Value, x: Value, bias: Value, cos: Value, sin: Value, out: Value, half: Value) -> None:
    """``x + bias`` turned to its position: `half` of its numbers are turned with the other half."""
    behind = b.mul(half, integer(4))

    def rotate(number: Value, _: list[Value]) -> list[Value]:
        def sums(offset: Value) -> Value:
            at = b.add(_at(b, x, number), offset)
            return b.fadd(load(b, at, FLOATS), load(b, b.add(_at(b, bias, number), offset), FLOATS))

        first, second = sums(integer(0)), sums(behind)
        c, s = load(b, _at(b, cos, number), FLOATS), load(b, _at(b, sin, number), FLOATS)
        at = _at(b, out, number)
        store(b, b.fsub(b.fmul(first, c), b.fmul(second, s)), at)
        store(b, b.fadd(b.fmul(second, c), b.fmul(first, s)), b.add(at, behind))
        return []

    loop(b, _vectors(b, half), [], rotate)


@emitted()
def softmax(b: Value, scores: Value, seen: Value, vectors: Value, total: Value) -> None:
    """``exp(s - max)`` in place for the first `seen` numbers, 0 for the others; their sum at `total`."""
    lane = ir.Constant(INTS, list(range(LANES)))

    def visible(number: Value) -> Value:
        first = splat(b, b.trunc(b.mul(number, integer(LANES)), ir.IntType(32)))
        shown = b.icmp_signed("<", b.add(first, lane), splat(b, b.trunc(seen, ir.IntType(32))))
        return b.select(shown, load(b, _at(b, scores, number), FLOATS), floats(LEAST))

    def most(number: Value, top: list[Value]) -> list[Value]:
        return [larger(b, visible(number), top[0])]

    (top,) = loop(b, vectors, [floats(LEAST)], most)
    best = splat(b, folded(b, top, larger))

    def exponentials(number: Value, sums: list[Value]) -> list[Value]:
        part = _exp(b, b.fsub(visible(number), best))
        store(b, part, _at(b, scores, number))
        return [b.fadd(sums[0], part)]

    (sums,) = loop(b, vectors, [floats(0)], exponentials)
    store(b, summed(b, sums), total)


@emitted()
def gate(b: Value, x: Value, up: Value, length: Value) -> None:
    """``x = silu(x) * up`` (arXiv 2002.05202)."""

    def silu(number: Value, _: list[Value]) -> list[Value]:
        at = _at(b, x, number)
        part = load(b, at, FLOATS)
        divisor = b.fadd(floats(1), _exp(b, b.fsub(floats(0), part)))
        store(b, b.fmul(b.fdiv(part, divisor), load(b, _at(b, up, number), FLOATS)), at)
        return []

    loop(b, _vectors(b, length), [], silu)
