"""Cholesky factorisation of sixteen Hermitian matrices at once, in real arithmetic.

One matrix of order p is given packed: the upper triangle by columns, entry (i, j), i <= j, being element
j (j + 1) / 2 + i of t = p (p + 1) / 2, first all real parts, then all imaginary ones: packed[2·t].
Those of the diagonal are taken to be zero.

Sixteen of them are factorised in lanes: order p is filled up to whole blocks of four, column j has room for
the 4 (j // 4 + 1) rows down to the end of its diagonal block, and an entry is 16 real parts and then 16 imaginary
parts. All inner loops run along lanes, so that small matrices are no slower for their size than large ones.
"""

from __future__ import annotations

import math

from .jit import FloatArray, IntArray, body
from .lane_bodies import LANES, eliminate_four, factor_block, solve_four

_ENTRY = 2 * LANES
_FOUR = 4 * _ENTRY
_STRIP = 3 * _FOUR  # rows that stay in the nearest cache while all columns take up their products


@body
def packed_length(p: int) -> int:
    """Entries in the upper triangle of a matrix of order p."""
    return p * (p + 1) // 2


@body
def lanes_column(j: int) -> int:
    """Where column j starts among the lanes; of j = p, filled up to blocks of four, how long they are."""
    block = j // 4
    return (8 * block * (block + 1) + (j % 4) * 4 * (block + 1)) * _ENTRY


@body
def lanes_length(p: int) -> int:
    """Floats in sixteen matrices of order p."""
    return lanes_column(4 * ((p + 3) // 4))


@body
def interleave_shifted(out: FloatArray, negated: FloatArray, count: int, p: int, s: float) -> None:
    """Out = s I - G in lanes, of negated[count, 2·t] = -G; the diagonal of G is clamped to >= 0.

    Lanes without a matrix get the last one, and rows and columns that fill up the order those of s I.
    """
    t = packed_length(p)
    for j in range(4 * ((p + 3) // 4)):
        start = lanes_column(j)
        e = packed_length(j)
        for i in range(4 * (j // 4 + 1)):
            o = start + i * _ENTRY
            entry = out[o : o + _ENTRY]
            if i < j < p:
                for lane in range(count):
                    entry[lane] = negated[lane, e + i]
                    entry[LANES + lane] = negated[lane, t + e + i]
            else:
                for lane in range(LANES):
                    entry[lane] = s if i == j else 0.0
                    entry[LANES + lane] = 0.0
                if i == j < p:
                    for lane in range(count):
                        entry[lane] = s + min(negated[lane, e + i], 0.0)
            for lane in range(count, LANES):
                entry[lane] = entry[count - 1]
                entry[LANES + lane] = entry[LANES + count - 1]


@body
def note_failures(failures: IntArray, column: FloatArray, row: int, j: int) -> None:
    """failures[lane] = j, unless set before, where the root in a row of a column is not positive and finite."""
    for lane in range(LANES):
        root = column[row * _ENTRY + lane]
        if failures[lane] < 0 and not (root > 0.0 and root < math.inf):
            failures[lane] = j


@body
def cholesky_lanes(f: FloatArray, p: int, inverses: FloatArray, failures: IntArray) -> None:
    """Overwrite sixteen matrices M of order p in lanes by the R with RᴴR = M.

    failures[16] is the index j of the first pivot of each that is not positive and finite, or -1: then the columns of
    R before j are final, and column j above the pivot, and the rest is not a number. inverses[4·16] is scratch.
    """
    for lane in range(LANES):
        failures[lane] = -1
    order = 4 * ((p + 3) // 4)
    for start in range(0, order, 4):
        c_a = lanes_column(start)
        c_b = lanes_column(start + 1)
        c_c = lanes_column(start + 2)
        c_d = lanes_column(start + 3)
        row = start * _ENTRY
        a = f[c_a + row : c_a + row + _FOUR]
        b = f[c_b + row : c_b + row + _FOUR]
        c = f[c_c + row : c_c + row + _FOUR]
        d = f[c_d + row : c_d + row + _FOUR]
        for strip in range(0, row, _STRIP):
            stop = min(strip + _STRIP, row)
            for j in range(start, order):
                column = lanes_column(j)
                out = f[column + row : column + row + _FOUR]
                for k in range(strip, stop, _FOUR):
                    end = k + _FOUR
                    eliminate_four(
                        out,
                        f[column + k : column + end],
                        f[c_a + k : c_a + end],
                        f[c_b + k : c_b + end],
                        f[c_c + k : c_c + end],
                        f[c_d + k : c_d + end],
                    )
        factor_block(a, b, c, d, inverses)
        note_failures(failures, a, 0, start)
        note_failures(failures, b, 1, start + 1)
        note_failures(failures, c, 2, start + 2)
        note_failures(failures, d, 3, start + 3)
        for j in range(start + 4, order):
            column = lanes_column(j)
            solve_four(f[column + row : column + row + _FOUR], b, c, d, inverses)


@body
def negative_direction_in_lane(x: FloatArray, f: FloatArray, p: int, lane: int, pivot: int) -> None:
    """A vector z with zᴴMz <= 0 (up to rounding) for the M in a lane whose factorisation failed at a pivot.

    x[2·p] is the real part of z, then the imaginary one. With R of the leading block and r the column
    above the pivot, z = (-R⁻¹r, 1, 0, …) gives the pivot.
    """
    column = lanes_column(pivot) + lane
    for i in range(p):
        x[i] = -f[column + i * _ENTRY] if i < pivot else 0.0
        x[p + i] = -f[column + i * _ENTRY + LANES] if i < pivot else 0.0
    x[pivot] = 1.0
    for k in range(pivot - 1, -1, -1):
        column = lanes_column(k) + lane
        re = x[k] / f[column + k * _ENTRY]
        im = x[p + k] / f[column + k * _ENTRY]
        for i in range(k):
            a = f[column + i * _ENTRY]
            b = f[column + i * _ENTRY + LANES]
            x[i] -= a * re - b * im
            x[p + i] -= a * im + b * re
        x[k] = re
        x[p + k] = im


@body
def embed_negated(out: FloatArray, negated: FloatArray, p: int) -> None:
    """out[2·p, 2·p] = [[X, -Y], [Y, X]] of the packed matrix -(X + iY): as real matrix, the same operator.

    The diagonal is clamped to >= 0.
    """
    t = packed_length(p)
    for j in range(p):
        e = packed_length(j)
        for i in range(j):
            x = -negated[e + i]
            y = -negated[t + e + i]
            out[i, j] = x
            out[j, i] = x
            out[p + i, p + j] = x
            out[p + j, p + i] = x
            out[p + i, j] = y
            out[j, p + i] = y
            out[i, p + j] = -y
            out[p + j, i] = -y
        x = max(-negated[e + j], 0.0)
        out[j, j] = x
        out[p + j, p + j] = x
        out[j, p + j] = 0.0
        out[p + j, j] = 0.0
