"""Which of a block of numbers meet a condition, as the bits of a word: what is rare is then found without looking."""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import extending, types
from numba.core import cgutils

from .row_bodies import data_of

intrinsic: Any = extending.intrinsic

BLOCK = 32
"""Numbers that are looked at together: bit e is for number start + e."""


def _block(context: Any, builder: Any, pointer: Any, start: Any) -> tuple[Any, Any]:
    """The vector of numbers that begins there, and its type."""
    number = pointer.type.pointee
    vector = ir.VectorType(number, BLOCK)
    place = builder.bitcast(builder.gep(pointer, [start]), vector.as_pointer())
    return builder.load(place, align=context.get_abi_sizeof(number)), vector


def _to_all(builder: Any, value: Any) -> Any:
    vector = ir.VectorType(value.type, BLOCK)
    one = builder.insert_element(ir.Constant(vector, ir.Undefined), value, ir.IntType(32)(0))
    zeros = ir.Constant(ir.VectorType(ir.IntType(32), BLOCK), [0] * BLOCK)
    return builder.shuffle_vector(one, ir.Constant(vector, ir.Undefined), zeros)


@intrinsic
def magnitude_masks(typing: Any, numbers: Any, start: Any, low: Any, high: Any) -> Any:
    """Which |numbers[start + e]| are below `low`, and which are in [low, high]; not a number is neither."""
    signature = types.UniTuple(types.uint32, 2)(numbers, start, low, high)

    def emit(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        pointer, start, low, high = data_of(context, builder, signature, values)
        values, vector = _block(context, builder, pointer, start)
        name = f"llvm.fabs.v{BLOCK}{vector.element.intrinsic_name}"
        fabs = cgutils.get_or_insert_function(builder.module, ir.FunctionType(vector, [vector]), name)
        magnitudes = builder.call(fabs, [values])
        below = builder.fcmp_ordered("<", magnitudes, _to_all(builder, low))
        reached = builder.fcmp_ordered(">=", magnitudes, _to_all(builder, low))
        within = builder.and_(reached, builder.fcmp_ordered("<=", magnitudes, _to_all(builder, high)))
        word = ir.IntType(BLOCK)
        masks = [builder.bitcast(mask, word) for mask in (below, within)]
        return context.make_tuple(builder, signature.return_type, masks)

    return signature, emit


@intrinsic
def nonzero_mask(typing: Any, numbers: Any, start: Any) -> Any:
    """Which of the integers numbers[start + e] are not zero."""

    def emit(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        pointer, start = data_of(context, builder, signature, values)
        integers, vector = _block(context, builder, pointer, start)
        return builder.bitcast(builder.icmp_unsigned("!=", integers, ir.Constant(vector, None)), ir.IntType(BLOCK))

    return types.uint32(numbers, start), emit


@intrinsic
def bits_of(typing: Any, word: Any) -> Any:
    """How many bits of a word are set."""

    def emit(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        return builder.zext(builder.ctpop(values[0]), ir.IntType(64))

    return types.int64(types.uint32), emit


@intrinsic
def lowest_bit(typing: Any, word: Any) -> Any:
    """The number of the lowest bit of a word that is not zero."""

    def emit(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        return builder.zext(builder.cttz(values[0], ir.IntType(1)(1)), ir.IntType(64))

    return types.int64(types.uint32), emit


ONE = np.uint32(1)
"""word & (word - ONE) is the word without its lowest bit."""
