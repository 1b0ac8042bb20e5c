"""Statistics of samples whose variables are known up to intervals, all rounding included."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from boundcheck.formula.intervals import Floats, Intervals, above, add, below, intervals, multiply, negative, square
from boundcheck.formula.rounding import gamma

_GRID = 2.0**10
_EXACT = 2.0**53
_WIDER = 2.0**-48
_TINY = 1e-300
"""Above everything that underflow can take from a square."""


def total(x: Intervals) -> Intervals:
    """Sums along the last axis, exact for multiples of 2⁻¹⁰ that floats hold.

    Others are off by at most γ_n Σ|x| in any order (Higham, Accuracy and Stability, 2nd ed., Section 4.2).

    Parameters
    ----------
    x
        Variables, shape (trials, n).
    """
    low, high = _sum_ends(x.low)[0], _sum_ends(x.high)[1]
    return intervals(low, high)


def _sum_ends(x: Floats) -> tuple[Floats, Floats]:
    with np.errstate(all="ignore"):
        sums, sizes = x.sum(axis=-1), np.abs(x).sum(axis=-1)
        on_grid = np.all(x * _GRID == np.rint(x * _GRID), axis=-1) & (sizes * _GRID < _EXACT)
        slack = np.where(on_grid, 0.0, gamma(x.shape[-1] + 4) * sizes)
        inexact = slack > 0
        low = np.where(inexact, below(sums - slack), sums)
        high = np.where(inexact, above(sums + slack), sums)
    return low, high


def order_statistic(x: Intervals, rank: int) -> Intervals:
    """The rank-th smallest along the last axis, from 1; it increases with each variable."""
    low, high = (np.partition(end, rank - 1, axis=-1)[..., rank - 1] for end in x)
    return Intervals(low, high)


def middle_and_radius(x: Intervals) -> Intervals:
    """Middles m and radii r with |exact - m| ≤ r, as a pair."""
    with np.errstate(all="ignore"):
        middle = x.low + (x.high - x.low) / 2
        radius = above(np.maximum(middle - x.low, x.high - middle))
        return Intervals(middle, np.where(x.low == x.high, 0.0, radius))


def euclidean_norm_above(x: Floats) -> Floats:
    """Upper bounds of Euclidean norms along the last axis."""
    largest = np.maximum(np.abs(x).max(axis=-1), _TINY)
    with np.errstate(all="ignore"):
        scaled = np.sqrt(np.square(x / largest[..., None]).sum(axis=-1))
        return np.asarray(largest * scaled * (1 + gamma(x.shape[-1] + 8)) + _TINY)


def sample_variance(x: Intervals) -> Intervals:
    """Unbiased sample variances along the last axis, n ≥ 2.

    Where sums of squares are exact so is their difference. Else Σ(x - x̄)² is the square of a seminorm that is
    1-Lipschitz in the Euclidean norm, and around the computed mean c it is Σ(x - c)² - n(c - x̄)².
    """
    n = x.low.shape[-1]
    if np.array_equal(x.low, x.high):
        sums, squares = total(x), total(square(x))
        exact = (sums.low == sums.high) & (squares.low == squares.high) & (n * squares.high < _EXACT)
        if exact.all():
            scatter = add(multiply(intervals(float(n)), squares), negative(square(sums)))
            return Intervals(*_widened(scatter.low / (n * (n - 1)), scatter.high / (n * (n - 1))))
    middle, radius = middle_and_radius(x)
    with np.errstate(all="ignore"):
        centre = middle.mean(axis=-1)
        scatter_about = np.square(middle - centre[..., None]).sum(axis=-1)
        slack = gamma(n + 8)
        off = 2 * gamma(n + 4) * np.abs(middle).sum(axis=-1) / n
        low = np.sqrt(np.maximum(scatter_about * (1 - slack) - _TINY - n * off**2 * (1 + slack), 0.0)) * (1 - _WIDER)
        high = np.sqrt(scatter_about * (1 + slack) + _TINY) * (1 + _WIDER)
        reach = euclidean_norm_above(radius)
        low, high = np.maximum(low - reach, 0.0) ** 2 / (n - 1), (high + reach) ** 2 / (n - 1)
        return intervals(*_widened(low, high))


def _widened(low: Floats, high: Floats) -> tuple[Floats, Floats]:
    return np.maximum(low * (1 - _WIDER) - _TINY, 0.0), high * (1 + _WIDER) + _TINY


def kolmogorov_of_uniforms(u: Intervals) -> Intervals:
    """sup over x in [0, 1] of |share of u ≤ x - x|, along the last axis; it is this of F(X) for a continuous F."""
    n = u.low.shape[-1]
    low, high = np.sort(u.low, axis=-1), np.sort(u.high, axis=-1)
    above, below = np.arange(1, n + 1) / n, np.arange(n) / n
    least = np.maximum((above - high).max(axis=-1), (low - below).max(axis=-1))
    most = np.maximum((above - low).max(axis=-1), (high - below).max(axis=-1))
    return Intervals(np.maximum(least - _WIDER, 0.0), most + _WIDER)


def kolmogorov_of_cells(cells: Intervals, cumulative: Floats, band: float) -> Intervals:
    """The same for a law on numbers, from the places of the values among them, shape (trials, n).

    Parameters
    ----------
    cells
        Places 0, 1, …
    cumulative
        Probabilities of places up to 0, 1, …; that of all places may be left out.
    band
        How far they, and what lies beyond the table, may be off.
    """
    n = cells.low.shape[-1]
    least, most = np.zeros(len(cells.low)), np.full(len(cells.low), band + _WIDER)
    for place, probability in enumerate(cumulative):
        # A larger place is counted later.
        low, high = ((end <= place).sum(axis=-1) / n - probability for end in (cells.high, cells.low))
        least = np.maximum(least, np.maximum(low, -high) - band - _WIDER)
        most = np.maximum(most, np.maximum(high, -low) + band + _WIDER)
    return Intervals(least, most)


def zeros(counts: Intervals) -> Intervals:
    """How many are 0, along the last axis."""
    sure: NDArray[np.bool_] = (counts.low == 0) & (counts.high == 0)
    possible = (counts.low <= 0) & (counts.high >= 0)
    return Intervals(sure.sum(axis=-1).astype(np.float64), possible.sum(axis=-1).astype(np.float64))
