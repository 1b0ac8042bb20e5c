"""Products of a matrix with rows of a buffer, in tiles that stay in registers.

What LLVM makes of a plain loop along a row loads and stores every output once for a few products, and checks before
each row that the arrays do not overlap: half of the machine's speed, a quarter on short rows. So the tile is written
down: 4 outputs × 8 columns (16 in single precision) are loaded once, take up one product after the other, and are
stored once. The order of every sum is that of the rows, whatever the tile: results do not depend on vector widths.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from .jit import FloatArray, IntArray
from .team import device_body

BYTES = 64
"""A tile's columns: sixteen numbers of single, eight of double precision."""
TALL = 4
_STRIP = 512  # bytes of columns, and
_DEPTH = 48  # rows, that stay in the nearest cache while all outputs take up their products


def _tile(outputs: int, wide: bool) -> Any:
    """A function that adds the products of a stretch of rows to a tile of `outputs` × BYTES, or × one number."""

    @intrinsic
    def add_tile(
        typing: Any, out: Any, at: Any, apart: Any, a: Any, first: Any, long: Any, rows: Any, start: Any, offsets: Any,
        k0: Any, k1: Any,
    ) -> Any:  # fmt: skip
        """out[at + apart·i + c] += Σ_{k0 <= k < k1} a[first + long·i + k] · rows[start + offsets[k] + c], k0 < k1."""
        signature = types.void(out, at, apart, a, first, long, rows, start, offsets, k0, k1)
        return signature, emit

    def emit(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        data = [
            context.make_array(kind)(context, builder, value).data if isinstance(kind, types.Array) else value
            for kind, value in zip(signature.args, values, strict=True)
        ]
        out, at, apart, a, first, long, rows, start, offsets, k0, k1 = data
        number = out.type.pointee
        align = context.get_abi_sizeof(number)
        word = k0.type
        lanes = BYTES // align if wide else 1
        vector = ir.VectorType(number, lanes)
        unset = ir.Constant(vector, ir.Undefined)
        to_all = ir.Constant(ir.VectorType(ir.IntType(32), lanes), [0] * lanes)

        def along(pointer: Any, index: Any) -> Any:
            return builder.bitcast(builder.gep(pointer, [index]), vector.as_pointer())

        def stepped(base: Any, step: Any, i: int) -> Any:
            return builder.add(base, builder.mul(step, ir.Constant(word, i)))

        places = [along(out, stepped(at, apart, i)) for i in range(outputs)]
        coefficients = [builder.gep(a, [stepped(first, long, i)]) for i in range(outputs)]
        before = builder.block
        loaded = [builder.load(place, align=align) for place in places]
        loop = builder.append_basic_block("rows")
        after = builder.append_basic_block("done")
        builder.branch(loop)
        builder.position_at_end(loop)
        k = builder.phi(word)
        totals = [builder.phi(vector) for _ in places]
        row = builder.load(along(rows, builder.add(start, builder.load(builder.gep(offsets, [k])))), align=align)
        sums = []
        for total, coefficient in zip(totals, coefficients, strict=True):
            one = builder.insert_element(unset, builder.load(builder.gep(coefficient, [k])), ir.Constant(word, 0))
            product = builder.fmul(builder.shuffle_vector(one, unset, to_all), row, flags=("contract",))
            sums.append(builder.fadd(total, product, flags=("contract",)))
        following = builder.add(k, ir.Constant(word, 1))
        k.add_incoming(k0, before)
        k.add_incoming(following, loop)
        for total, value, result in zip(totals, loaded, sums, strict=True):
            total.add_incoming(value, before)
            total.add_incoming(result, loop)
        builder.cbranch(builder.icmp_signed("<", following, k1), loop, after)
        builder.position_at_end(after)
        for place, result in zip(places, sums, strict=True):
            builder.store(result, place, align=align)
        return context.get_dummy_value()

    return add_tile


_tall_wide, _low_wide = _tile(TALL, True), _tile(1, True)
_tall_narrow, _low_narrow = _tile(TALL, False), _tile(1, False)


@device_body
def add_products(
    out: FloatArray,
    at: int,
    apart: int,
    a: FloatArray,
    m: int,
    rows: FloatArray,
    start: int,
    offsets: IntArray,
    length: int,
) -> None:
    """out[at + apart·i + c] += Σ_k a[i·K + k] · rows[start + offsets[k] + c] for i < m, c < length, K offsets.

    out, a and rows are flat. The products of one output are added in the order of k, as multiply-adds.
    """
    count = offsets.shape[0]
    tall = m - m % TALL
    lanes, strip = BYTES // out.itemsize, _STRIP // out.itemsize
    for left in range(0, length, strip):
        right = min(left + strip, length)
        wide = right - (right - left) % lanes
        for k0 in range(0, count, _DEPTH):
            k1 = min(k0 + _DEPTH, count)
            for i in range(0, tall, TALL):
                o = at + apart * i
                for c in range(left, wide, lanes):
                    _tall_wide(out, o + c, apart, a, i * count, count, rows, start + c, offsets, k0, k1)
                for c in range(wide, right):
                    _tall_narrow(out, o + c, apart, a, i * count, count, rows, start + c, offsets, k0, k1)
            for i in range(tall, m):
                o = at + apart * i
                for c in range(left, wide, lanes):
                    _low_wide(out, o + c, apart, a, i * count, count, rows, start + c, offsets, k0, k1)
                for c in range(wide, right):
                    _low_narrow(out, o + c, apart, a, i * count, count, rows, start + c, offsets, k0, k1)
