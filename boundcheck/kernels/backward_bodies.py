"""The derivative of a network at a point, taken backward through its steps, on the CPU alone.

A network is locally x -> J x + c up to higher order, with c = 0 if it has no biases; ReLU and pooling make it exactly
affine where no cell changes its side. A row of seeds, one a column, goes from the outputs to the inputs: what comes out
is Jᵀ seeds.
"""

from __future__ import annotations

from .jit import FloatArray, IntArray, body
from .network_bodies import cells_after, cells_before, term_count
from .steps import (
    ACTIVATE,
    AVERAGE_POOL,
    CHANNELS_IN,
    CHANNELS_OUT,
    CIRCULAR,
    COLUMNS_IN,
    COLUMNS_OUT,
    DETAIL,
    KERNEL_COLUMNS,
    KERNEL_ROWS,
    KIND,
    LINEAR,
    PAD_LEFT,
    PAD_TOP,
    ROWS_IN,
    ROWS_OUT,
    STRIDE_COLUMNS,
    STRIDE_ROWS,
)
from .tables import LEAKY_RELU, RELU, TANH
from .tile_bodies import add_products


@body
def record_slopes(slopes: FloatArray, before: FloatArray, after: FloatArray, activation: int, slope: float) -> None:
    """slopes[e] = the derivative of an activation where it made after[e] out of before[e]; 0 for ReLU at 0."""
    for e in range(before.shape[0]):
        if activation == RELU:
            slopes[e] = 1.0 if before[e] > 0.0 else 0.0
        elif activation == LEAKY_RELU:
            slopes[e] = 1.0 if before[e] > 0.0 else slope
        elif activation == TANH:
            slopes[e] = 1.0 - after[e] * after[e]
        else:
            slopes[e] = 1.0


@body
def record_largest(chosen: IntArray, before: FloatArray, step: IntArray) -> None:
    """chosen[cell] = the cell of `before` that a maximum is taken from, the first of equal ones."""
    height, width = step[ROWS_IN], step[COLUMNS_IN]
    e = 0
    for k in range(step[CHANNELS_OUT]):
        for y in range(step[ROWS_OUT]):
            row = y * step[STRIDE_ROWS] - step[PAD_TOP]
            for x in range(step[COLUMNS_OUT]):
                column = x * step[STRIDE_COLUMNS] - step[PAD_LEFT]
                best = -1
                for v in range(max(row, 0), min(row + step[KERNEL_ROWS], height)):
                    for h in range(max(column, 0), min(column + step[KERNEL_COLUMNS], width)):
                        place = (k * height + v) * width + h
                        if best < 0 or before[place] > before[best]:
                            best = place
                chosen[e] = best
                e += 1


@body
def _back_dense(
    out: FloatArray, seeds: FloatArray, weights: FloatArray, m: int, n: int, count: int, w: FloatArray, places: IntArray
) -> None:
    """out[n, count] = Wᵀ seeds[m, count]; w[m·n] and places[m] are scratch."""
    for i in range(m):
        places[i] = i * count
        for k in range(n):
            w[k * m + i] = weights[i * n + k]
    add_products(out, 0, count, w[: m * n], n, seeds, 0, places[:m], count)


@body
def _back_convolution(out: FloatArray, seeds: FloatArray, weights: FloatArray, step: IntArray, count: int) -> None:
    """Add to out[n, rows, columns, count] what each tap of each output has read there."""
    n, height, width = step[CHANNELS_IN], step[ROWS_IN], step[COLUMNS_IN]
    rows, columns = step[KERNEL_ROWS], step[KERNEL_COLUMNS]
    circular = step[CIRCULAR] != 0
    for i in range(step[CHANNELS_OUT]):
        for y in range(step[ROWS_OUT]):
            for x in range(step[COLUMNS_OUT]):
                o = ((i * step[ROWS_OUT] + y) * step[COLUMNS_OUT] + x) * count
                seed = seeds[o : o + count]
                for k in range(n):
                    for a in range(rows):
                        v = y * step[STRIDE_ROWS] + a - step[PAD_TOP]
                        if circular:
                            v %= height
                        if not 0 <= v < height:
                            continue
                        for b in range(columns):
                            h = x * step[STRIDE_COLUMNS] + b - step[PAD_LEFT]
                            if circular:
                                h %= width
                            if not 0 <= h < width:
                                continue
                            weight = weights[((i * n + k) * rows + a) * columns + b]
                            o = ((k * height + v) * width + h) * count
                            cell = out[o : o + count]
                            for c in range(count):
                                cell[c] += weight * seed[c]


@body
def _back_average(out: FloatArray, seeds: FloatArray, step: IntArray, count: int) -> None:
    """Add to out[n, rows, columns, count] its share of each average."""
    height, width = step[ROWS_IN], step[COLUMNS_IN]
    o = 0
    for k in range(step[CHANNELS_OUT]):
        for y in range(step[ROWS_OUT]):
            top = max(y * step[STRIDE_ROWS] - step[PAD_TOP], 0)
            bottom = min(y * step[STRIDE_ROWS] - step[PAD_TOP] + step[KERNEL_ROWS], height)
            for x in range(step[COLUMNS_OUT]):
                left = max(x * step[STRIDE_COLUMNS] - step[PAD_LEFT], 0)
                right = min(x * step[STRIDE_COLUMNS] - step[PAD_LEFT] + step[KERNEL_COLUMNS], width)
                cells = step[KERNEL_ROWS] * step[KERNEL_COLUMNS]
                if step[DETAIL] == 0:
                    cells = (bottom - top) * (right - left)
                for v in range(top, bottom):
                    for h in range(left, right):
                        place = ((k * height + v) * width + h) * count
                        for c in range(count):
                            out[place + c] += seeds[o + c] / cells
                o += count


@body
def backward(
    seeds: FloatArray,
    other: FloatArray,
    steps: IntArray,
    weights: FloatArray,
    slopes: FloatArray,
    chosen: IntArray,
    count: int,
    transposed: FloatArray,
    places: IntArray,
) -> FloatArray:
    """Jᵀ seeds, [inputs, count] at the start of one of the two buffers, both of which are overwritten.

    Parameters
    ----------
    seeds
        [outputs, count] at its start, and as long as the largest hidden state for `count` inputs; so is `other`.
    steps, weights
        The network: its table, and the weights of all layers.
    slopes, chosen
        What :func:`record_slopes` and :func:`record_largest` have recorded at all steps that are not linear, one after
        the other.
    transposed, places
        Scratch, [weights of the largest layer] and [cells of the largest hidden state].
    """
    offset = weights.shape[0]
    recorded = slopes.shape[0]
    for s in range(steps.shape[0] - 1, -1, -1):
        step = steps[s]
        before, after = cells_before(step), cells_after(step)
        if step[KIND] != LINEAR:
            recorded -= after
        if step[KIND] == ACTIVATE:
            for e in range(after):
                for c in range(e * count, (e + 1) * count):
                    seeds[c] *= slopes[recorded + e]
            continue
        for c in range(before * count):
            other[c] = 0.0
        if step[KIND] == LINEAR:
            m, n = step[CHANNELS_OUT], term_count(step)
            offset -= m * n
            layer = weights[offset : offset + m * n]
            if n == before and m == after and step[PAD_TOP] == 0 and step[PAD_LEFT] == 0:
                _back_dense(other, seeds, layer, m, n, count, transposed, places)
            else:
                _back_convolution(other, seeds, layer, step, count)
        elif step[KIND] == AVERAGE_POOL:
            _back_average(other, seeds, step, count)
        else:
            for e in range(after):
                place = chosen[recorded + e] * count
                for c in range(count):
                    other[place + c] += seeds[e * count + c]
        seeds, other = other, seeds
    return seeds
