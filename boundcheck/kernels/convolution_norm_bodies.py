"""Certified two-sided bounds of the norm of a convolution on a periodic grid: the largest ‖P(f)‖ (T2).

Notation: that of `norm_bodies`, with p <= q the numbers of channels that the part uses at all, and of
`frequency_bodies`: G(f) = P(f)ᴴP(f) is known up to γ_k ‖A‖_F² in norm, A = Σ_t |K_t|, for a kernel that is scaled by
an exact power of two. The computed diagonal, of real numbers >= 0, is clamped to >= 0, which takes it no further off.

Lower bound. For the Ritz vector z of a Lanczos run on fl(G(f)), as a real matrix of order 2p, let x be its real
and imaginary parts. Three sums of 2p products give fl(xᵀGx) up to √2 γ_{4p} ‖fl(G)‖_F ‖x‖², and
‖fl(G)‖_F <= (1 + γ_k) ‖A‖_F². So ‖A_circ‖² >= ‖P(f)‖² >= fl(xᵀGx) / ‖x‖² - γ_{k + 6p + 8} ‖A‖_F².

Upper bound. With one s for all f, let M = fl(s I - fl(G(f))), off by at most 2u s on the diagonal and exact
elsewhere, so that trace M <= p s. Suppose that Cholesky in real arithmetic completes with positive pivots.
The real part of entry (i, j) of RᴴR is a sum of at most 2p products, the sum of their moduli being at most
(|R|ᵀ|R|)_ij by Cauchy's inequality; so is its imaginary part. With a rounding each for the root, its inverse
and the product with it, RᴴR = M + E with |E| <= √2 γ_{2p+2} |R|ᵀ|R| <= g |R|ᵀ|R|, g = γ_{3p+3} (Higham, Lemma 8.4).
Demmel's observation then gives ‖E‖ <= g / (1 - g) · trace M, as in `norm_bodies`, and

    ‖P(f)‖² <= s (1 + 2u + p g / (1 - g)) + γ_k ‖A‖_F².

It holds for every f once it holds with the largest s that was needed. If Cholesky fails, Lanczos starts from
the vector that its pivot gives, s is raised, and that frequency is tried again with the next ones; those that
were done stay done. The frequencies are visited in an order without trend, so that few raise s. The last resort
is ‖P(f)‖ <= ‖A‖_F. Underflow contributes less than 2⁻⁹⁰⁰, as in `norm_bodies`.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from .channel_bodies import absolute_square, load_kernel, used_channels
from .frequency_bodies import coprime_step, fill_circle, fold_lags, lag_products, negated_gram, sum_over_rows
from .hermitian_bodies import (
    cholesky_lanes,
    embed_negated,
    interleave_shifted,
    lanes_length,
    negative_direction_in_lane,
    packed_length,
)
from .jit import ByteArray, FloatArray, IntArray, body
from .lanczos_bodies import fill_start, largest_eigenvalue
from .lane_bodies import LANES
from .linear_bodies import dot, symmetric_times
from .norm_bodies import gamma, rounded_down, rounded_up, unscaled_down, unscaled_up

_ROUNDOFF = 2.0**-53
_UNDERFLOW = 2.0**-900
_FIRST_EXCESS = 1e-7
_SPARE_RESTARTS = 64  # besides one for each frequency


class ConvolutionWorkspace(NamedTuple):
    """Scratch arrays for the worst of several layers: m outputs, n inputs, smaller side p, a window of T taps."""

    outputs: IntArray  # [m] the channels that a part uses
    inputs: IntArray  # [n]
    scaled: FloatArray  # [m·n·T]
    lags: FloatArray  # [p²·rows·(2·columns - 1)]
    planes: FloatArray  # [4·T·p·(p + 1)/2]
    sums: FloatArray  # [4·columns·p·(p + 1)/2]
    negated: FloatArray  # [16·p·(p + 1)]
    factor: FloatArray  # [lanes_length(p)]
    inverses: FloatArray  # [4·16]
    failures: IntArray  # [16]
    gram: FloatArray  # [4·p²]
    circle: FloatArray  # [4·(height and width at most)]
    vector: FloatArray  # [2·p]
    product: FloatArray  # [2·p]
    basis: FloatArray  # [(steps + 1)·2·p]
    diagonal: FloatArray  # [steps]
    off_diagonal: FloatArray  # [steps]
    coefficients: FloatArray  # [steps]
    pivots: FloatArray  # [steps]


@body
def keep_failures(negated: FloatArray, failures: IntArray, count: int) -> tuple[int, int]:
    """Move the matrices that failed to the front, first the one with the earliest pivot; how many, its old lane."""
    kept = 0
    worst = -1
    for lane in range(count):
        if failures[lane] < 0:
            continue
        first = worst < 0 or failures[lane] < failures[worst]
        for e in range(negated.shape[1]):
            moved = negated[lane, e]
            if first:
                negated[kept, e] = negated[0, e]
                negated[0, e] = moved
            else:
                negated[kept, e] = moved
        if first:
            worst = lane
        kept += 1
    return kept, worst


@body
def certified_frequency_square(s: float, p: int, k: int, square: float) -> float:
    """The upper bound of all ‖P(f)‖² that completed Cholesky factorisations of s I - G(f) prove."""
    g = gamma(3 * p + 3)
    return rounded_up(s * (1.0 + 2.0 * _ROUNDOFF + p * g / (1.0 - g)) + gamma(k) * square + _UNDERFLOW)


@body
def rayleigh_square(gram: FloatArray, x: FloatArray, product: FloatArray, k: int, square: float) -> float:
    """‖P(f)‖² from below, by gram[2·p, 2·p] of fl(G(f)) and a vector x[2·p]; may be negative."""
    p = x.shape[0]
    symmetric_times(product, gram, x)
    along = dot(product, x) / (dot(x, x) * (1.0 + gamma(p + 2)))
    return along - rounded_up(gamma(k + 3 * p + 8) * square) - _UNDERFLOW


@body
def convolution_bounds(
    kernel: FloatArray,
    removed: ByteArray,
    part: int,
    rows: int,
    columns: int,
    height: int,
    width: int,
    workspace: ConvolutionWorkspace,
) -> tuple[float, float, float]:
    """(low, high, absolute) with low <= max ‖P(f)‖ <= high and ‖Σ_t |K_t|‖_F <= absolute.

    K is the `part` of kernel[m, n, rows · columns] that `removed` selects; it may be larger than the grid
    of height × width. Zeros give exact zeros, and an entry that is not finite (0, inf, inf).
    """
    taps = rows * columns
    used_outputs, used_inputs, largest, finite = used_channels(
        workspace.outputs, workspace.inputs, kernel, removed, part
    )
    if not finite:
        return 0.0, np.inf, np.inf
    if largest == 0.0:
        return 0.0, 0.0, 0.0
    p = min(used_outputs, used_inputs)
    q = max(used_outputs, used_inputs)
    a = workspace.scaled[: q * taps * p]
    up_1, up_2 = load_kernel(
        a.reshape(q, taps, p),
        kernel,
        removed,
        part,
        workspace.outputs[:used_outputs],
        workspace.inputs[:used_inputs],
        used_outputs < used_inputs,
        largest,
    )
    product = workspace.product[: 2 * p]
    square = absolute_square(a.reshape(q, taps, p), product)
    absolute = rounded_up(math.sqrt(square))

    # A window of one row does not see row frequencies, nor one of one column those of the columns.
    grid_rows = height if rows > 1 else 1
    grid_columns = width if columns > 1 else 1
    circle = workspace.circle
    row_cosines = circle[:grid_rows]
    row_sines = circle[grid_rows : 2 * grid_rows]
    column_cosines = circle[2 * grid_rows : 2 * grid_rows + grid_columns]
    column_sines = circle[2 * grid_rows + grid_columns : 2 * grid_rows + 2 * grid_columns]
    fill_circle(row_cosines, row_sines, grid_rows)
    fill_circle(column_cosines, column_sines, grid_columns)

    t = packed_length(p)
    lags = workspace.lags[: p * rows * (2 * columns - 1) * p].reshape(p, rows * (2 * columns - 1) * p)
    planes = workspace.planes[: 4 * taps * t].reshape(4 * taps, t)
    sums = workspace.sums[: 4 * columns * t].reshape(4 * columns, t)
    negated = workspace.negated[: LANES * 2 * t].reshape(LANES, 2 * t)
    factor = workspace.factor[: lanes_length(p)]
    failures = workspace.failures
    gram = workspace.gram[: 4 * p * p].reshape(2 * p, 2 * p)
    steps = workspace.diagonal.shape[0]
    basis = workspace.basis[: (steps + 1) * 2 * p].reshape(steps + 1, 2 * p)
    x = workspace.vector[: 2 * p]
    lag_products(lags, a.reshape(q, taps * p), rows, columns)
    fold_lags(planes, lags, rows, columns)

    k = q * taps + 3 * (rows + columns) + 64
    low_square = 0.0
    noise = gamma(k) * square
    s = 0.0
    certified = True
    pending = 0  # matrices that are not certified yet
    row_count = grid_rows // 2 + 1  # the others are conjugates
    row_step = coprime_step(row_count)
    restarts = row_count * grid_columns + _SPARE_RESTARTS
    excess = _FIRST_EXCESS
    top = noise
    for row in range(row_count):
        u = (row * row_step) % row_count
        column_count = grid_columns // 2 + 1 if (2 * u) % grid_rows == 0 else grid_columns
        column_step = coprime_step(column_count)
        sum_over_rows(sums, planes, rows, columns, u, grid_rows, row_cosines, row_sines)
        for column in range(column_count):
            v = (column * column_step) % column_count
            negated_gram(negated[pending], sums, columns, v, grid_columns, column_cosines, column_sines)
            pending += 1
            last = row + 1 == row_count and column + 1 == column_count
            while pending == LANES or (last and pending > 0):
                lane = 0
                fill_start(x)
                failed = pending
                if s > 0.0:
                    interleave_shifted(factor, negated, pending, p, s)
                    cholesky_lanes(factor, p, workspace.inverses, failures)
                    failed, lane = keep_failures(negated, failures, pending)
                    if failed > 0:
                        negative_direction_in_lane(x, factor, p, lane, failures[lane])
                        if not dot(x, x) < np.inf:
                            fill_start(x)
                        lane = 0
                pending = failed
                if pending == 0:
                    break
                if restarts == 0:
                    certified = False
                    pending = 0
                    break
                restarts -= 1
                embed_negated(gram, negated[lane], p)
                ritz = largest_eigenvalue(
                    gram,
                    x,
                    basis,
                    workspace.diagonal,
                    workspace.off_diagonal,
                    workspace.coefficients,
                    workspace.pivots,
                )
                low_square = max(low_square, rayleigh_square(gram, x, product, k, square))
                helped = ritz > s and ritz < np.inf
                if helped:
                    top = max(top, ritz)
                excess = _FIRST_EXCESS if helped else 10.0 * excess  # if not, the margin was too small
                s = max(s, top * (1.0 + excess) * (1.0 + excess))
    high = absolute
    if certified:
        high = min(high, rounded_up(math.sqrt(certified_frequency_square(s, p, k, square))))
    low = rounded_down(math.sqrt(low_square)) if low_square > 0.0 else 0.0
    return (
        unscaled_down(rounded_down(low), up_1, up_2),
        unscaled_up(high, up_1, up_2),
        unscaled_up(absolute, up_1, up_2),
    )
