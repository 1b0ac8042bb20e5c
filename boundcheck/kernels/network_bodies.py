"""A network and its pruned twin, evaluated side by side on the same inputs, step by step (see `steps`).

Hidden states are flat arrays [channels, rows, columns, B], B inputs innermost, so that every inner loop runs along
inputs, and along the columns of a grid with them.
"""

from __future__ import annotations

import math

import numpy as np

from .jit import ByteArray, FloatArray, IndexArray, IntArray, body
from .selection_bodies import where_removed
from .steps import (
    CHANNELS_IN,
    CHANNELS_OUT,
    CIRCULAR,
    COLUMNS_IN,
    COLUMNS_OUT,
    DISJOINT,
    KERNEL_COLUMNS,
    KERNEL_ROWS,
    PAD_BOTTOM,
    PAD_LEFT,
    PAD_RIGHT,
    PAD_TOP,
    ROWS_IN,
    ROWS_OUT,
    STRIDE_COLUMNS,
    STRIDE_ROWS,
)
from .tables import LEAKY_RELU, RELU, TANH
from .team import lane, lanes, primitive, rank, ranks, squad, squads, sync, team_sum
from .tile_bodies import add_products

SPARSE_BELOW = 16
"""What is removed is stored as single entries where at most one weight of so many is."""


@primitive
def few_of(count: int, size: int) -> bool:
    """Whether `count` of `size` entries are stored as single ones: on CUDA only if there are none."""
    return count * SPARSE_BELOW <= size


@body
def take_out(weights: FloatArray, rest: FloatArray, where: IndexArray, removed: ByteArray) -> int:
    """Move the removed weights into `rest`, zeros taking their place.

    If they are few, return their number: they are then rest[:number], and where[:number] tells their places. Else
    return -1: rest[D] has zeros where weights are kept.
    """
    size = weights.shape[0]
    zero = weights.dtype.type(0)
    part = 0
    for e in range(lane(), size, lanes()):
        part += removed[e]
    few = int(team_sum(part))
    if few_of(few, size):
        if few > 0:
            where_removed(where, removed, size)
        for e in range(few):
            rest[e] = weights[where[e]]
            weights[where[e]] = 0
        return few
    for e in range(lane(), size, lanes()):
        rest[e] = weights[e] if removed[e] != 0 else zero
    for e in range(lane(), size, lanes()):
        weights[e] -= rest[e]  # exactly what is kept, if it is finite; a conditional store would be slow
    sync()
    return -1


@body
def cells_before(step: IntArray) -> int:
    """Cells of a hidden state before a step, for one input."""
    return step[CHANNELS_IN] * step[ROWS_IN] * step[COLUMNS_IN]


@body
def cells_after(step: IntArray) -> int:
    """Cells of a hidden state after a step, for one input."""
    return step[CHANNELS_OUT] * step[ROWS_OUT] * step[COLUMNS_OUT]


@body
def is_matrix(step: IntArray) -> bool:
    """Whether a linear step is one matrix [m, n·taps] at each window."""
    return step[KERNEL_ROWS] * step[KERNEL_COLUMNS] == 1 or step[DISJOINT] != 0


@body
def term_count(step: IntArray) -> int:
    """K = n · taps, the number of products in each output of a linear step."""
    return step[CHANNELS_IN] * step[KERNEL_ROWS] * step[KERNEL_COLUMNS]


@body
def padded_rows(step: IntArray) -> int:
    """Rows of the padded grid."""
    return step[PAD_TOP] + step[ROWS_IN] + step[PAD_BOTTOM]


@body
def padded_columns(step: IntArray) -> int:
    """Columns of the padded grid for each remainder modulo the stride."""
    stride = step[STRIDE_COLUMNS]
    return (step[PAD_LEFT] + step[COLUMNS_IN] + step[PAD_RIGHT] + stride - 1) // stride


@body
def padded_size(step: IntArray) -> int:
    """Length of the padded grid of a linear step, for one input."""
    return padded_rows(step) * step[CHANNELS_IN] * step[STRIDE_COLUMNS] * padded_columns(step)


@body
def stands_as_padded(step: IntArray) -> bool:
    """Whether a hidden state is laid out as its padded grid: in a dense layer, for instance."""
    no_padding = step[PAD_TOP] + step[PAD_BOTTOM] + step[PAD_LEFT] + step[PAD_RIGHT] == 0
    return no_padding and step[ROWS_IN] == 1 and step[STRIDE_COLUMNS] == 1


@body
def pad(padded: FloatArray, hidden: FloatArray, step: IntArray, count: int) -> None:
    """Copy hidden[n, H, W, B] into padded[rows, n, remainder, columns, B], with zeros or wrapped around it.

    Column c of the padded grid is column c // stride of remainder c % stride: what one tap sees along a row
    of outputs is contiguous whatever the stride.
    """
    n, height, width = step[CHANNELS_IN], step[ROWS_IN], step[COLUMNS_IN]
    top, left, stride = step[PAD_TOP], step[PAD_LEFT], step[STRIDE_COLUMNS]
    circular = step[CIRCULAR] != 0
    columns = padded_columns(step)
    for y in range(padded_rows(step)):
        source_y = y - top
        if circular:
            source_y %= height
        for k in range(squad(), n, squads()):
            for c in range(stride * columns):
                source_x = c - left
                if circular:
                    source_x %= width
                o = (((y * n + k) * stride + c % stride) * columns + c // stride) * count
                out = padded[o : o + count]
                if 0 <= source_y < height and 0 <= source_x < width:
                    o = ((k * height + source_y) * width + source_x) * count
                    inside = hidden[o : o + count]
                    for b in range(rank(), count, ranks()):
                        out[b] = inside[b]
                else:
                    for b in range(rank(), count, ranks()):
                        out[b] = 0.0
    sync()


@body
def tap_offsets(offsets: IntArray, step: IntArray, count: int) -> None:
    """offsets[K]: where in a padded grid channel k under tap (a, b) begins for output (0, 0)."""
    n, rows, window, stride = step[CHANNELS_IN], step[KERNEL_ROWS], step[KERNEL_COLUMNS], step[STRIDE_COLUMNS]
    columns = padded_columns(step)
    for k in range(lane(), n, lanes()):
        e = k * rows * window
        for a in range(rows):
            for b in range(window):
                offsets[e] = (((a * n + k) * stride + b % stride) * columns + b // stride) * count
                e += 1
    sync()


@body
def correlate(
    out: FloatArray, weights: FloatArray, m: int, padded: FloatArray, offsets: IntArray, step: IntArray, count: int
) -> None:
    """out[m, rows, columns, B] = the cross-correlation of a padded grid with weights[m, n, taps].

    Each output takes the same sum in the same order, so what pruning does not touch is bit-identical.
    """
    height = step[ROWS_OUT]
    length = step[COLUMNS_OUT] * count
    row = step[STRIDE_ROWS] * step[CHANNELS_IN] * step[STRIDE_COLUMNS] * padded_columns(step) * count
    for e in range(lane(), m * height * length, lanes()):
        out[e] = 0.0
    sync()
    for y in range(height):
        add_products(out, y * length, height * length, weights, m, padded, y * row, offsets, length)


@body
def add_biases(state: FloatArray, biases: FloatArray, step: IntArray, count: int) -> None:
    """Add biases[m] of the outputs to every cell of state[m, rows, columns, count] after a linear step."""
    cells = step[ROWS_OUT] * step[COLUMNS_OUT] * count
    for k in range(step[CHANNELS_OUT]):
        bias = biases[k]
        for e in range(k * cells + lane(), (k + 1) * cells, lanes()):
            state[e] += bias
    sync()


@body
def activate(out: FloatArray, hidden: FloatArray, activation: int, slope: float) -> None:
    """out = an activation of hidden, entry by entry; `slope` is LEAKY_RELU's on negative numbers.

    Not in place: LLVM would store only what changes, which some processors do many times slower.
    """
    size = hidden.shape[0]
    zero, factor = hidden.dtype.type(0), hidden.dtype.type(slope)
    if activation == RELU:
        for e in range(lane(), size, lanes()):
            out[e] = hidden[e] if not hidden[e] < zero else zero
    elif activation == LEAKY_RELU:
        for e in range(lane(), size, lanes()):
            out[e] = hidden[e] if not hidden[e] < zero else factor * hidden[e]
    elif activation == TANH:
        for e in range(lane(), size, lanes()):
            out[e] = math.tanh(hidden[e])
    else:
        for e in range(lane(), size, lanes()):
            out[e] = hidden[e]
    sync()


@body
def worst_gap(
    target: FloatArray, kept: FloatArray, m: int, count: int, largest: FloatArray, totals: FloatArray
) -> tuple[float, int]:
    """The largest ‖kept[:, b] - target[:, b]‖ over the inputs b < count of flat [m·count], and the first b with it.

    Each norm is scaled by its largest entry, so it neither overflows nor underflows early. A gap that is
    not a number counts as the worst, so that an overflowing network cannot pass for a small gap.
    largest[B] and totals[B] are scratch.
    """
    for b in range(lane(), count, lanes()):
        largest[b] = 0.0
        totals[b] = 0.0
    for i in range(m):
        f, g = kept[i * count : (i + 1) * count], target[i * count : (i + 1) * count]
        for b in range(lane(), count, lanes()):
            difference = abs(np.float64(f[b]) - np.float64(g[b]))
            largest[b] = difference if difference > largest[b] or difference != difference else largest[b]
    for i in range(m):
        f, g = kept[i * count : (i + 1) * count], target[i * count : (i + 1) * count]
        for b in range(lane(), count, lanes()):
            ratio = (np.float64(f[b]) - np.float64(g[b])) / largest[b]  # not a number where it is not used
            totals[b] += ratio * ratio
    sync()
    worst = -1.0
    where = 0
    for b in range(count):
        norm = largest[b]
        if norm > 0.0 and norm < np.inf:
            norm *= math.sqrt(totals[b])
        if norm != norm:
            worst = norm
            where = b
            break
        if norm > worst:
            worst = norm
            where = b
    sync()
    return worst, where
