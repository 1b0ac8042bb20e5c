"""A certified lower bound of the norm of a convolution as a layer applies it: any padding, any stride.

The input x[n, H, W] is padded, with zeros or periodically, and correlated with K at every position of the padded grid;
the stride selects outputs. On the padded grid, as rows of numbers, a tap is a shift by a · (padded width) + b, so
that A and Aᵀ are sums of long rows; positions that are no output are set to zero.

Lanczos on AᵀA gives a Ritz vector x, and with y = fl(Ax)

    ‖A‖ >= ‖Ax‖ / ‖x‖ >= ‖y‖ / ‖x‖ - γ_{nT} ‖|A|‖,   ‖|A|‖ <= √c ‖Σ_t |K_t|‖_F,

T being the number of taps and c the number of copies that periodic padding makes of one input at most: without them |A|
is a compression of a convolution on a larger periodic grid, to which T2 applies. The number of steps is small
and the start fixed, so the bound may be far from the norm: it says nothing from above.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from .channel_bodies import absolute_square, load_kernel, used_channels
from .jit import ByteArray, FloatArray, IntArray, body, compiled
from .lanczos_bodies import fill_start
from .linear_bodies import add_eight_rows, add_row, dot
from .norm_bodies import gamma, rounded_down, rounded_up, unscaled_down
from .tridiagonal_bodies import has_eigenvalue_above, largest_ritz_value, ritz_coefficients

OPERATOR_STEPS = 32
_CHECKED_EVERY = 4
_INCREMENT = 1e-4
_BREAKDOWN = 1e-13
_UNDERFLOW = 2.0**-900


class OperatorWorkspace(NamedTuple):
    """Scratch arrays for the worst of several layers: m outputs, n inputs, T taps, a grid that is padded."""

    outputs: IntArray  # [m]
    inputs: IntArray  # [n]
    scaled: FloatArray  # [m·T·n]
    row: FloatArray  # [n]
    padded: FloatArray  # [n·padded height·padded width]
    image: FloatArray  # [m·padded height·padded width]
    vector: FloatArray  # [n·H·W]
    basis: FloatArray  # [(OPERATOR_STEPS + 1)·n·H·W]
    diagonal: FloatArray  # [OPERATOR_STEPS]
    off_diagonal: FloatArray  # [OPERATOR_STEPS]
    coefficients: FloatArray  # [OPERATOR_STEPS]
    pivots: FloatArray  # [OPERATOR_STEPS]


@body
def pad_image(padded: FloatArray, x: FloatArray, top: int, left: int, circular: bool) -> None:
    """padded[n, padded height, padded width] of x[n, H, W]."""
    height, width = x.shape[1], x.shape[2]
    for k in range(padded.shape[0]):
        for row in range(padded.shape[1]):
            y = (row - top) % height
            inside = circular or y == row - top
            for column in range(padded.shape[2]):
                z = (column - left) % width
                padded[k, row, column] = x[k, y, z] if inside and (circular or z == column - left) else 0.0


@body
def fold_padding(x: FloatArray, padded: FloatArray, top: int, left: int, circular: bool) -> None:
    """The transpose of `pad_image`."""
    height, width = x.shape[1], x.shape[2]
    for k in range(padded.shape[0]):
        for y in range(height):
            for z in range(width):
                x[k, y, z] = 0.0
        for row in range(padded.shape[1]):
            y = (row - top) % height
            if circular or y == row - top:
                for column in range(padded.shape[2]):
                    z = (column - left) % width
                    if circular or z == column - left:
                        x[k, y, z] += padded[k, row, column]


@body
def correlate(image: FloatArray, padded: FloatArray, a: FloatArray, columns: int, padded_width: int) -> None:
    """image[m, L] = Σ a[m, T, n] · shifted padded[n, ·] at all positions, outputs or not."""
    m, taps, n = a.shape
    length = image.shape[1]
    whole = n - n % 8
    for i in range(m):
        out = image[i]
        for e in range(length):
            out[e] = 0.0
        for t in range(taps):
            w = a[i, t]
            shift = (t // columns) * padded_width + t % columns
            for k in range(0, whole, 8):
                if (
                    w[k] != 0.0 or w[k + 1] != 0.0 or w[k + 2] != 0.0 or w[k + 3] != 0.0
                    or w[k + 4] != 0.0 or w[k + 5] != 0.0 or w[k + 6] != 0.0 or w[k + 7] != 0.0
                ):  # fmt: skip
                    add_eight_rows(
                        out, padded, k, shift,
                        w[k], w[k + 1], w[k + 2], w[k + 3], w[k + 4], w[k + 5], w[k + 6], w[k + 7],
                    )  # fmt: skip
            for k in range(whole, n):
                if w[k] != 0.0:
                    add_row(out, padded[k, shift : shift + length], w[k])


@body
def correlate_transposed(padded: FloatArray, image: FloatArray, a: FloatArray, columns: int, padded_width: int) -> None:
    """The transpose of `correlate`."""
    m, taps, n = a.shape
    length = image.shape[1]
    whole = m - m % 8
    for k in range(n):
        for e in range(padded.shape[1]):
            padded[k, e] = 0.0
        for t in range(taps):
            shift = (t // columns) * padded_width + t % columns
            out = padded[k, shift : shift + length]
            for i in range(0, whole, 8):
                w0, w1, w2, w3 = a[i, t, k], a[i + 1, t, k], a[i + 2, t, k], a[i + 3, t, k]
                w4, w5, w6, w7 = a[i + 4, t, k], a[i + 5, t, k], a[i + 6, t, k], a[i + 7, t, k]
                if (
                    w0 != 0.0 or w1 != 0.0 or w2 != 0.0 or w3 != 0.0
                    or w4 != 0.0 or w5 != 0.0 or w6 != 0.0 or w7 != 0.0
                ):  # fmt: skip
                    add_eight_rows(out, image, i, 0, w0, w1, w2, w3, w4, w5, w6, w7)
            for i in range(whole, m):
                if a[i, t, k] != 0.0:
                    add_row(out, image[i], a[i, t, k])


@body
def select_outputs(image: FloatArray, padded_width: int, columns: int, row_stride: int, column_stride: int) -> None:
    """Set to zero what the stride skips, and positions where the window would wrap around the padded grid."""
    for e in range(image.shape[1]):
        y, x = e // padded_width, e % padded_width
        if y % row_stride != 0 or x % column_stride != 0 or x > padded_width - columns:
            for i in range(image.shape[0]):
                image[i, e] = 0.0


@compiled
def operator_low(
    kernel: FloatArray,
    removed: ByteArray,
    part: int,
    rows: int,
    columns: int,
    height: int,
    width: int,
    row_stride: int,
    column_stride: int,
    top: int,
    bottom: int,
    left: int,
    right: int,
    circular: bool,
    workspace: OperatorWorkspace,
) -> float:
    """A lower bound of ‖A‖, A by the `part` of kernel[m, n, rows · columns] on inputs of height × width.

    The padded grid must hold the window. 0 if the part is zero, or has an entry that is not finite.
    """
    taps = rows * columns
    m, n, largest, finite = used_channels(workspace.outputs, workspace.inputs, kernel, removed, part)
    if not finite or largest == 0.0:
        return 0.0
    a = workspace.scaled[: m * taps * n].reshape(m, taps, n)
    up_1, up_2 = load_kernel(a, kernel, removed, part, workspace.outputs[:m], workspace.inputs[:n], False, largest)
    padded_height = height + top + bottom
    padded_width = width + left + right
    cells = padded_height * padded_width
    length = (padded_height - rows) * padded_width + padded_width - columns + 1
    size = n * height * width
    padded = workspace.padded[: n * cells].reshape(n, cells)
    padded_grid = workspace.padded[: n * cells].reshape(n, padded_height, padded_width)
    image = workspace.image[: m * length].reshape(m, length)
    x = workspace.vector[:size]
    steps = min(size, OPERATOR_STEPS)
    basis = workspace.basis[: (steps + 1) * size].reshape(steps + 1, size)
    diagonal = workspace.diagonal
    off_diagonal = workspace.off_diagonal

    fill_start(x)
    scale = math.sqrt(dot(x, x))
    for e in range(size):
        basis[0, e] = x[e] / scale
    ritz = 0.0
    order = 0
    for step in range(steps):
        current = basis[step]
        following = basis[step + 1]
        pad_image(padded_grid, current.reshape(n, height, width), top, left, circular)
        correlate(image, padded, a, columns, padded_width)
        select_outputs(image, padded_width, columns, row_stride, column_stride)
        correlate_transposed(padded, image, a, columns, padded_width)
        fold_padding(following.reshape(n, height, width), padded_grid, top, left, circular)
        if step > 0:
            add_row(following, basis[step - 1], -off_diagonal[step - 1])
        diagonal[step] = dot(following, current)
        add_row(following, current, -diagonal[step])
        off_diagonal[step] = math.sqrt(dot(following, following))
        order = step + 1
        ended = order == steps or not off_diagonal[step] > _BREAKDOWN * (abs(diagonal[step]) + abs(diagonal[0]))
        if ended or order % _CHECKED_EVERY == 0:
            if ritz > 0.0 and not has_eigenvalue_above(diagonal, off_diagonal, order, ritz * (1.0 + _INCREMENT)):
                break
            if diagonal[0] > 0.0:
                ritz = largest_ritz_value(diagonal, off_diagonal, order, max(ritz * (1.0 - 1e-9), 0.0), 0.0)
        if ended:
            break
        for e in range(size):
            following[e] /= off_diagonal[step]
    if not (ritz > 0.0 and ritz < np.inf):
        return 0.0
    ritz = largest_ritz_value(diagonal, off_diagonal, order, ritz * (1.0 - 1e-9), 0.0)
    ritz_coefficients(workspace.coefficients, workspace.pivots, diagonal, off_diagonal, order, ritz)
    for e in range(size):
        x[e] = 0.0
    for step in range(order):
        add_row(x, basis[step], workspace.coefficients[step])

    pad_image(padded_grid, x.reshape(n, height, width), top, left, circular)
    correlate(image, padded, a, columns, padded_width)
    select_outputs(image, padded_width, columns, row_stride, column_stride)
    total = 0.0
    for i in range(m):
        total += dot(image[i], image[i])
    copies = 1
    if circular:
        copies = ((padded_height + height - 1) // height) * ((padded_width + width - 1) // width)
    error = gamma(n * taps) * math.sqrt(copies * absolute_square(a, workspace.row))
    along = math.sqrt(total) * (1.0 - gamma(m + length + 2)) / (math.sqrt(dot(x, x)) * (1.0 + gamma(size + 2)))
    low = rounded_down(along) - rounded_up(error) - _UNDERFLOW
    return unscaled_down(rounded_down(low), up_1, up_2) if low > 0.0 else 0.0  # a NaN is no bound
