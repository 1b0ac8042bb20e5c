"""Inner products with rows of a matrix, in lanes that stay in registers; sums of multiples of rows.

LLVM may not reorder a sum, so a plain loop adds one product after the other. The lanes of a row's partial sums are
written down here instead: lane c takes up the products c, c + LANES, …, the lanes are added in halves, and what is
left over at the end of a row comes last. The order is that of the length alone, whatever the machine's vectors.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from .jit import FloatArray
from .team import device_body

_BYTES = 32
"""Length of a vector: eight lanes of single, four of double precision."""
ROWS = 8
"""Rows that are read together, for they share the loads of what they are multiplied by."""


def data_of(context: Any, builder: Any, signature: Any, values: Any) -> list[Any]:
    """The arguments of an intrinsic, with pointers to their data for the arrays among them."""
    return [
        context.make_array(kind)(context, builder, value).data if isinstance(kind, types.Array) else value
        for kind, value in zip(signature.args, values, strict=True)
    ]


def _rows_times(rows: int, vectors: int) -> Any:
    """A function that returns the inner products of `rows` rows with a vector, with so many vectors of partial sums."""

    @intrinsic
    def rows_times(typing: Any, a: Any, first: Any, apart: Any, x: Any, length: Any) -> Any:
        """Σ_{j < length} a[first + apart·i + j] · x[j] for each i < rows; a and x are flat."""
        return types.UniTuple(a.dtype, rows)(a, first, apart, x, length), emit

    def emit(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        a, first, apart, x, length = data_of(context, builder, signature, values)
        number = a.type.pointee
        align = context.get_abi_sizeof(number)
        word = length.type
        lanes = vectors * _BYTES // align
        vector = ir.VectorType(number, lanes)
        starts = [builder.add(first, builder.mul(apart, word(i))) for i in range(rows)]
        whole = builder.sub(length, builder.srem(length, word(lanes)))

        def loaded(pointer: Any, index: Any, wide: bool) -> Any:
            place = builder.gep(pointer, [index])
            return builder.load(builder.bitcast(place, vector.as_pointer()) if wide else place, align=align)

        def taken_up(sums: list[Any], j: Any, wide: bool) -> list[Any]:
            factor = loaded(x, j, wide)
            products = [builder.fmul(loaded(a, builder.add(s, j), wide), factor, flags=("contract",)) for s in starts]
            return [builder.fadd(*pair, flags=("contract",)) for pair in zip(sums, products, strict=True)]

        sums = _loop(builder, word(0), whole, lanes, [ir.Constant(vector, [0.0] * lanes)] * rows, taken_up, True)
        totals = _loop(builder, whole, length, 1, [_halved(builder, s) for s in sums], taken_up, False)
        return context.make_tuple(builder, signature.return_type, totals)

    return rows_times


def _loop(
    builder: Any, start: Any, stop: Any, step: int, sums: list[Any], body: Callable[..., list[Any]], wide: bool
) -> list[Any]:
    """Emit a loop from start to stop that carries `sums`; return them as they are behind it."""
    before = builder.block
    head, inside, after = (builder.append_basic_block(name) for name in ("head", "inside", "after"))
    builder.branch(head)
    builder.position_at_end(head)
    j = builder.phi(start.type)
    carried = [builder.phi(value.type) for value in sums]
    builder.cbranch(builder.icmp_signed("<", j, stop), inside, after)
    builder.position_at_end(inside)
    following = body(carried, j, wide)
    for phi, first, then in zip(
        [j, *carried], [start, *sums], [builder.add(j, start.type(step)), *following], strict=True
    ):
        phi.add_incoming(first, before)
        phi.add_incoming(then, inside)
    builder.branch(head)
    builder.position_at_end(after)
    return carried


def _halved(builder: Any, value: Any) -> Any:
    """The sum of a vector's lanes: lane c and lane c + half are added, until there is one."""
    index = ir.IntType(32)
    width = value.type.count
    while width > 1:
        width //= 2
        unset = ir.Constant(value.type, ir.Undefined)
        low, high = (
            builder.shuffle_vector(value, unset, ir.Constant(ir.VectorType(index, width), list(range(at, at + width))))
            for at in (0, width)
        )
        value = builder.fadd(low, high)
    return builder.extract_element(value, index(0))


def _rows_added() -> Any:
    """A function that adds multiples of ROWS rows."""

    @intrinsic
    def add_rows(typing: Any, out: Any, a: Any, first: Any, apart: Any, factors: Any, length: Any) -> Any:
        """out[j] += Σ_i factors[i] · a[first + apart·i + j], i = 0, 1, … one after the other, for j < length."""
        return types.void(out, a, first, apart, factors, length), _emit_add_rows

    return add_rows


def _emit_add_rows(context: Any, builder: Any, signature: Any, values: Any) -> Any:
    out, a, first, apart, factors, length = data_of(context, builder, signature, values)
    number = out.type.pointee
    align = context.get_abi_sizeof(number)
    word = length.type
    lanes = _BYTES // align
    vector = ir.VectorType(number, lanes)
    starts = [builder.add(first, builder.mul(apart, word(i))) for i in range(ROWS)]
    singles = [builder.extract_value(factors, i) for i in range(ROWS)]
    unset = ir.Constant(vector, ir.Undefined)
    to_all = ir.Constant(ir.VectorType(ir.IntType(32), lanes), [0] * lanes)
    spread = [builder.shuffle_vector(builder.insert_element(unset, f, word(0)), unset, to_all) for f in singles]

    def place(pointer: Any, index: Any, wide: bool) -> Any:
        at = builder.gep(pointer, [index])
        return builder.bitcast(at, vector.as_pointer()) if wide else at

    def added(_: list[Any], j: Any, wide: bool) -> list[Any]:
        target = place(out, j, wide)
        total = builder.load(target, align=align)
        for start, factor in zip(starts, spread if wide else singles, strict=True):
            value = builder.load(place(a, builder.add(start, j), wide), align=align)
            total = builder.fadd(total, builder.fmul(factor, value, flags=("contract",)), flags=("contract",))
        builder.store(total, target, align=align)
        return []

    whole = builder.sub(length, builder.srem(length, word(lanes)))
    _loop(builder, word(0), whole, lanes, [], added, True)
    _loop(builder, whole, length, 1, [], added, False)
    return context.get_dummy_value()


_eight_rows_times = _rows_times(ROWS, 1)
_one_row_times = _rows_times(1, 4)
_add_eight_rows = _rows_added()


@device_body
def inner(x: FloatArray, y: FloatArray, length: int) -> float:
    """Σ_{j < length} x[j] · y[j]; on CUDA see `row_cuda`."""
    return _one_row_times(x, 0, 0, y, length)[0]


@device_body
def gram_times(out: FloatArray, a: FloatArray, m: int, n: int, x: FloatArray) -> None:
    """out[n] = AᵀA x for a flat a[m·n], in a single pass over A; on CUDA see `row_cuda`."""
    for j in range(n):
        out[j] = 0
    whole = m - m % ROWS
    for i in range(0, whole, ROWS):
        factors = _eight_rows_times(a, i * n, n, x, n)
        _add_eight_rows(out, a, i * n, n, factors, n)
    for i in range(whole, m):
        row = a[i * n : (i + 1) * n]
        c = inner(row, x, n)
        for j in range(n):
            out[j] += c * row[j]
