"""Eigenvalues of the symmetric tridiagonal matrices that Lanczos runs leave: leading blocks of given order."""

from __future__ import annotations

import math

import numpy as np

from .jit import FloatArray, body

_RESOLUTION = 1e-13


@body
def has_eigenvalue_above(diagonal: FloatArray, off_diagonal: FloatArray, order: int, x: float) -> bool:
    """Whether the leading block of a symmetric tridiagonal matrix has an eigenvalue >= x (Sturm)."""
    pivot = x - diagonal[0]
    for i in range(1, order):
        if not pivot > 0.0:
            return True
        pivot = (x - diagonal[i]) - off_diagonal[i - 1] * off_diagonal[i - 1] / pivot
    return not pivot > 0.0


@body
def _largest_reach(diagonal: FloatArray, off_diagonal: FloatArray, order: int) -> float:
    """An upper bound of the eigenvalues (Gershgorin)."""
    most = 0.0
    for i in range(order):
        reach = diagonal[i]
        if i > 0:
            reach += off_diagonal[i - 1]
        if i + 1 < order:
            reach += off_diagonal[i]
        most = max(most, reach)
    return most * (1.0 + _RESOLUTION)


@body
def _descent(x: float, diagonal: FloatArray, off_diagonal: FloatArray, order: int) -> float:
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
        ratio = off_diagonal[i - 1] * off_diagonal[i - 1] * inverse
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
def largest_ritz_value(diagonal: FloatArray, off_diagonal: FloatArray, order: int, low: float, growth: float) -> float:
    """The largest eigenvalue from above, by Laguerre's method; `low` is below it, and low + growth > low a guess.

    Without a guess, growth = 0, it starts where Gershgorin's circles end. Infinite if an entry is not a number.
    """
    high = low + growth if growth > 0.0 else _largest_reach(diagonal, off_diagonal, order)
    step = _descent(high, diagonal, off_diagonal, order)
    while step < 0.0 and high < np.inf:
        growth = 8.0 * max(growth, _RESOLUTION * high)
        high = low + growth
        step = _descent(high, diagonal, off_diagonal, order)
    while step > _RESOLUTION * high:
        following = _descent(high - step, diagonal, off_diagonal, order)
        if following < 0.0:  # rounding led past it
            step *= 0.5
        else:
            high -= step
            step = following
    excess = _RESOLUTION
    # The pivots that `ritz_coefficients` takes are rounded otherwise, and must be positive too.
    while high < np.inf and has_eigenvalue_above(diagonal, off_diagonal, order, high):
        high *= 1.0 + excess
        excess *= 2.0
    return high


@body
def ritz_coefficients(
    out: FloatArray,
    pivots: FloatArray,
    diagonal: FloatArray,
    off_diagonal: FloatArray,
    order: int,
    shift: float,
) -> None:
    """The eigenvector of the largest eigenvalue, just below `shift`, by inverse iteration.

    shift · I - T is positive definite and the vector has no sign change, so neither pivoting nor a
    special start is needed.
    """
    pivots[0] = shift - diagonal[0]
    for i in range(1, order):
        pivots[i] = (shift - diagonal[i]) - off_diagonal[i - 1] * off_diagonal[i - 1] / pivots[i - 1]
    for i in range(order):
        out[i] = 1.0
    for _ in range(3):
        for i in range(1, order):
            out[i] += off_diagonal[i - 1] / pivots[i - 1] * out[i - 1]
        out[order - 1] /= pivots[order - 1]
        largest = abs(out[order - 1])
        for i in range(order - 2, -1, -1):
            out[i] = (out[i] + off_diagonal[i] * out[i + 1]) / pivots[i]
            largest = max(largest, abs(out[i]))
        for i in range(order):
            out[i] /= largest
