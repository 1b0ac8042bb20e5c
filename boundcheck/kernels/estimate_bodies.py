"""Estimates of spectral norms in the precision of the weights: a Lanczos run on AᵀA in one pass over A a step.

An estimate is the square root of a Ritz value: it approaches ‖A‖ from below, whatever the start, up to the rounding of
the run, and it is no certificate of either side (`norm_bodies` has those). A run ends when the Ritz value grows by less
than 1e-9 of itself over three steps: a coarser test would now and then stop on the plateau of the second singular
value. In single precision the rounding of the run is what remains, a few units of 2⁻²⁴.

A is used as it is if its largest entry lies in [2⁻²⁰, 2²⁰], else scaled by a power of two, so that no square overflows
and none underflows that matters.

Source of the recurrence: C. C. Paige, J. Inst. Maths Applics 10 (1972), 373-381.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from .jit import FloatArray, IndexArray, body
from .row_bodies import gram_times, inner

ESTIMATE_STEPS = 200
_FIRST_CHECK = 9
_CHECKED_EVERY = 3
_INCREMENT = 1e-9
_RESOLUTION = 1e-13
_BREAKDOWN = (1e-7, 4e-6)  # in double and single precision: what is left of a vector is mostly rounding
_HIGHEST = 2.0**20
_LOWEST = 2.0**-20
_ZERO = 10_000
_NOT_FINITE = 10_001


class EstimateWorkspace(NamedTuple):
    """Scratch arrays for matrices of up to n columns, and the places of the entries of a sparse one."""

    vectors: FloatArray  # [3·n], in the precision of the weights
    scaled: FloatArray  # [D] of the matrix, if it has to be scaled
    diagonal: FloatArray  # [ESTIMATE_STEPS]
    squares: FloatArray  # [ESTIMATE_STEPS] of the off-diagonal
    columns: IndexArray  # [c] of the entries of a sparse matrix, row by row
    ends: IndexArray  # [r] where among them each row that has any ends


@body
def is_above(x: float, diagonal: FloatArray, squares: FloatArray, order: int) -> bool:
    """Whether x exceeds all eigenvalues of a symmetric tridiagonal matrix: all pivots are positive (Sturm)."""
    pivot = x - diagonal[0]
    for i in range(1, order):
        if not pivot > 0.0:
            return False
        pivot = (x - diagonal[i]) - squares[i - 1] / pivot
    return pivot > 0.0


@body
def largest_reach(diagonal: FloatArray, squares: FloatArray, order: int) -> float:
    """An upper bound of the eigenvalues (Gershgorin)."""
    most = 0.0
    for i in range(order):
        reach = diagonal[i]
        if i > 0:
            reach += math.sqrt(squares[i - 1])
        if i + 1 < order:
            reach += math.sqrt(squares[i])
        most = max(most, reach)
    return most * (1.0 + _RESOLUTION)


@body
def descent(x: float, diagonal: FloatArray, squares: FloatArray, order: int) -> float:
    """How far Laguerre's step leads down from x to the largest eigenvalue, without passing it; -1 if x is not above it.

    With the eigenvalues l_i, Σ 1/(x - l_i) and Σ 1/(x - l_i)² come from the pivots and their derivatives in x.
    Source: B. N. Parlett, The Symmetric Eigenvalue Problem, SIAM 1998, section 4.5, for the pivots; Laguerre's method
    converges to the largest root monotonically from above, and cubically.
    """
    pivot = x - diagonal[0]
    if not pivot > 0.0:
        return -1.0
    inverse = 1.0 / pivot
    slope, bend = 1.0, 0.0  # first and second derivative of the pivot
    first = inverse
    second = inverse * inverse
    for i in range(1, order):
        ratio = squares[i - 1] * inverse
        bend = ratio * inverse * (bend - 2.0 * slope * slope * inverse)
        slope = 1.0 + ratio * inverse * slope
        pivot = (x - diagonal[i]) - ratio
        if not pivot > 0.0:
            return -1.0
        inverse = 1.0 / pivot
        term = slope * inverse
        first += term
        second += term * term - bend * inverse
    spread = (order - 1.0) * (order * second - first * first)
    return order / (first + math.sqrt(max(spread, 0.0)))


@body
def largest_ritz(diagonal: FloatArray, squares: FloatArray, order: int, low: float, growth: float) -> float:
    """The largest eigenvalue of a tridiagonal matrix, from above; `low` > 0 is below it, and low + growth a guess."""
    high = low + growth
    step = descent(high, diagonal, squares, order)
    while step < 0.0:
        growth = 8.0 * growth + 4.0 * _RESOLUTION * high
        high = low + growth
        step = descent(high, diagonal, squares, order)
    while step > _RESOLUTION * high:
        following = descent(high - step, diagonal, squares, order)
        if following < 0.0:  # rounding led past it
            step *= 0.5
        else:
            high -= step
            step = following
    return high


@body
def fill_unit_start(x: FloatArray, n: int) -> None:
    """A fixed unit vector without structure: positive, so not orthogonal to a nonnegative matrix's top vector."""
    golden = 0.6180339887498949
    total = 0.0
    for j in range(n):
        turns = (j + 1) * golden
        value = 0.25 + (turns - math.floor(turns))
        x[j] = value
        total += value * value
    scale = x.dtype.type(1.0 / math.sqrt(total))
    for j in range(n):
        x[j] *= scale


@body
def sparse_gram_times(
    out: FloatArray, values: FloatArray, rows: int, n: int, x: FloatArray, workspace: EstimateWorkspace
) -> None:
    """out[n] = AᵀA x, of a matrix whose `rows` nonzero rows the workspace tells."""
    columns = workspace.columns
    for j in range(n):
        out[j] = 0
    start = 0
    for i in range(rows):
        stop = workspace.ends[i]
        total = out.dtype.type(0)
        for e in range(start, stop):
            total += values[e] * x[columns[e]]
        for e in range(start, stop):
            out[columns[e]] += total * values[e]
        start = stop


@body
def by_rows(workspace: EstimateWorkspace, where: IndexArray, count: int, n: int) -> int:
    """Enter the increasing places where[count] of a sparse [·, n] into the workspace; return the number of its rows."""
    rows = 0
    current = -1
    for e in range(count):
        row = where[e] // n
        workspace.columns[e] = where[e] - row * n
        if row != current:
            rows += 1
            current = row
        workspace.ends[rows - 1] = e + 1
    return rows


@body
def largest_exponent(values: FloatArray) -> int:
    """0 if the largest magnitude lies in [2⁻²⁰, 2²⁰], else the exponent of the power of two above it."""
    highest, lowest = values.dtype.type(_HIGHEST), values.dtype.type(_LOWEST)
    outside = np.int32(0)
    ordinary = np.int32(0)
    for e in range(values.shape[0]):
        outside |= np.int32(not abs(values[e]) <= highest)
        ordinary |= np.int32(abs(values[e]) >= lowest)
    if outside == 0 and ordinary != 0:
        return 0
    largest = 0.0
    for e in range(values.shape[0]):
        magnitude = np.float64(abs(values[e]))
        largest = magnitude if magnitude > largest or magnitude != magnitude else largest
    if largest == 0.0:
        return _ZERO
    return math.frexp(largest)[1] if largest < np.inf else _NOT_FINITE


@body
def spectral_estimate(values: FloatArray, sparse: bool, rows: int, n: int, workspace: EstimateWorkspace) -> float:
    """About ‖A‖ of values[rows·n], or of a sparse A[·, n] with entries values[c] in `rows` of its rows.

    0 for a zero matrix, infinity for one with an entry that is not finite.
    """
    exponent = largest_exponent(values)
    if exponent == _ZERO:
        return 0.0
    if exponent == _NOT_FINITE:
        return np.inf
    if exponent == 0:
        return math.sqrt(_largest_ritz_of_gram(values, sparse, rows, n, workspace))
    scaled = workspace.scaled[: values.shape[0]]
    for e in range(values.shape[0]):
        scaled[e] = math.ldexp(np.float64(values[e]), -exponent)
    return math.ldexp(math.sqrt(_largest_ritz_of_gram(scaled, sparse, rows, n, workspace)), exponent)


@body
def _largest_ritz_of_gram(values: FloatArray, sparse: bool, rows: int, n: int, workspace: EstimateWorkspace) -> float:
    before = workspace.vectors[:n]
    now = workspace.vectors[n : 2 * n]
    after = workspace.vectors[2 * n : 3 * n]
    diagonal, squares = workspace.diagonal, workspace.squares
    steps = min(n + 8, diagonal.shape[0])
    breakdown = _BREAKDOWN[1] if values.itemsize == 4 else _BREAKDOWN[0]
    fill_unit_start(now, n)
    for j in range(n):
        before[j] = 0
    ritz = growth = largest = off_diagonal = 0.0
    for step in range(steps):
        if sparse:
            sparse_gram_times(after, values, rows, n, now, workspace)
        else:
            gram_times(after, values, rows, n, now)
        diagonal[step] = inner(after, now, n)
        along, back = now.dtype.type(diagonal[step]), now.dtype.type(off_diagonal)
        for j in range(n):
            value = after[j]
            value -= along * now[j]
            value -= back * before[j]
            after[j] = value
        squares[step] = inner(after, after, n)
        off_diagonal = math.sqrt(squares[step])
        order = step + 1
        largest = max(largest, diagonal[step] + off_diagonal)
        last = order == steps or not off_diagonal > breakdown * largest
        if last or (order >= _FIRST_CHECK and (order - _FIRST_CHECK) % _CHECKED_EVERY == 0):
            if ritz > 0.0 and is_above(ritz * (1.0 + _INCREMENT), diagonal, squares, order):
                break
            if largest > 0.0:
                if ritz == 0.0:
                    growth = largest_reach(diagonal, squares, order)
                grown = largest_ritz(diagonal, squares, order, ritz, growth)
                growth = grown - ritz
                ritz = grown
        if last:
            break
        inverse = now.dtype.type(1.0 / off_diagonal)
        for j in range(n):
            after[j] *= inverse
        before, now, after = now, after, before
    return ritz
