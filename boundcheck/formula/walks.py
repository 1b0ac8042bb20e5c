"""Moments E tr(RRᵀ)^q of a matrix R of a few independent symmetric weights, from the numbers of closed walks.

The table `walks.txt` has the numbers of shapes of closed walks of 2q steps that take every edge an even number of
times, with a and b vertices on the two sides and edges that are taken 2j times. Exchanging the sides changes no number,
so that it has a ≤ b alone. `tests/walk_shapes.py` made it. The theorem is at
:mod:`boundcheck.inequalities.bounds.walk_moments`; rigorous values are in :mod:`boundcheck.formula.rigorous`.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_CHUNK = 256
_NEVER = -1e300
"""Stands for log 0 where it is multiplied by a number that may be 0."""
_ROUNDING = 2.0**-40


class Shapes(NamedTuple):
    """Shapes of closed walks that are counted together."""

    q: int
    a: int
    b: int
    number: int
    times: tuple[int, ...]
    """Half the number of times that each edge is taken; they add up to q."""


@lru_cache(maxsize=1)
def shapes() -> tuple[Shapes, ...]:
    """The table, by q, with both orders of the sides."""
    found = []
    for line in files("boundcheck.formula").joinpath("walks.txt").read_text(encoding="ascii").splitlines():
        q, a, b, number, *times = map(int, line.split())
        found.append(Shapes(q, a, b, number, tuple(times)))
        if a < b:
            found.append(Shapes(q, b, a, number, tuple(times)))
    return tuple(found)


class _Rows(NamedTuple):
    """Shapes as arrays, [rows] each, and where the rows of each q begin."""

    a: NDArray[np.intp]
    b: NDArray[np.intp]
    edges: NDArray[np.intp]
    log_number: Array
    starts: NDArray[np.intp]


@lru_cache(maxsize=4)
def _table(most: int) -> tuple[_Rows, Array]:
    """The shapes up to a q, and how many of their edges are taken 2j times, j = 1, 2, …: [rows, j]."""
    found = [x for x in shapes() if x.q <= most]
    times = np.zeros((len(found), most))
    for i, shape in enumerate(found):
        for j in shape.times:
            times[i, j - 1] += 1
    sizes = np.array([(x.q, x.a, x.b, len(x.times)) for x in found])
    return _rows(sizes, np.log([float(x.number) for x in found])), times


@lru_cache(maxsize=64)
def _weighted(moments: tuple[float, ...]) -> _Rows:
    """The same with the product of moments as part of the number: then shapes differ by their sizes alone."""
    table, times = _table(len(moments))
    logs = table.log_number + times @ _logarithm(np.array(moments))
    q = np.searchsorted(table.starts, np.arange(len(logs)), side="right")
    sizes, place = np.unique(np.stack([q, table.a, table.b, table.edges], axis=1), axis=0, return_inverse=True)
    largest = np.full(len(sizes), -np.inf)
    np.maximum.at(largest, place, logs)
    return _rows(sizes, largest + np.log(np.bincount(place, np.exp(logs - largest[place]))))


def _rows(sizes: NDArray[np.intp], log_number: Array) -> _Rows:
    q, a, b, edges = sizes.T
    return _Rows(a, b, edges, log_number, np.searchsorted(q, np.arange(1, q[-1] + 1)))


def _logarithm(x: Array) -> Array:
    """log x, and for 0 a number that may be multiplied by 0."""
    with np.errstate(all="ignore"):
        return np.where(x > 0, np.log(x), _NEVER)


def walk_quantile(m: Any, n: Any, taps: Any, count: Any, size: Any, level: Any, *moments: Any) -> Any:
    """The least (e^level E_q)^{1/(2q)}, E_q an upper bound of E tr(RRᵀ)^q.

    R has m × n entries, each a sum of `taps` weights, of which a uniform subset of `count` of the `size` in all is
    there; with one tap E_q is E tr(RRᵀ)^q itself.

    Parameters
    ----------
    m, n, count, size
        Whole numbers (rounded up); `count` at most `size`. Arrays broadcast.
    level
        -log of a probability; what is not finite gives NaN.
    moments
        E w^{2j} of a weight, or upper bounds, j = 1, 2, …: q is at most their number.

    Returns
    -------
    A float or an array of float64.
    """
    return _broadcast(m, n, taps, count, size, level, moments, ordered=False)


def ordered_walk_quantile(m: Any, n: Any, taps: Any, count: Any, size: Any, level: Any, *moments: Any) -> Any:
    """The same with all weights multiplied by an independent variable with the law Beta(count + 1, size - count)."""
    return _broadcast(m, n, taps, count, size, level, moments, ordered=True)


def _broadcast(
    m: Any, n: Any, taps: Any, count: Any, size: Any, level: Any, moments: tuple[Any, ...], *, ordered: bool
) -> Any:
    columns = np.broadcast_arrays(*(np.asarray(x, dtype=float) for x in (m, n, taps, count, size, level, *moments)))
    shape = columns[0].shape
    points = np.array([x.ravel() for x in columns])
    found = np.empty(points.shape[1])
    for start in range(0, len(found), _CHUNK):
        found[start : start + _CHUNK] = _quantile(points[:, start : start + _CHUNK], ordered=ordered)
    return float(found[0]) if shape == () else found.reshape(shape)


def _quantile(points: Array, *, ordered: bool) -> Array:
    """[points] of [arguments, points]."""
    m, n, taps, count, size, level = points[:6]
    moments = points[6:]
    most = len(moments)
    m, n, count = (np.ceil(x * (1 - _ROUNDING)) for x in (m, n, count))
    one = taps == 1
    with np.errstate(all="ignore"):
        if one.all() and (moments == moments[:, :1]).all():
            table = _weighted(tuple(moments[:, 0].tolist()))
            logs = np.repeat(table.log_number[:, None], points.shape[1], axis=1)
        else:
            table, times = _table(most)
            entry = np.where(one, moments, thinned_sums(moments, taps, count / size))
            logs = times @ _logarithm(entry) + table.log_number[:, None]
        logs += _falling(m, most)[table.a] + _falling(n, most)[table.b]
        step = np.arange(most)[:, None]
        there = np.where(count > step, np.log(count - step) - np.log(size - step), -np.inf)
        there = np.where(one, there, 0.0)
        logs += np.concatenate([np.zeros((1, points.shape[1])), np.cumsum(there, axis=0)])[table.edges]
        largest = np.maximum(np.maximum.reduceat(logs, table.starts), _NEVER)
        rows = np.diff(np.append(table.starts, len(logs)))
        sums = np.add.reduceat(np.exp(logs - np.repeat(largest, rows, axis=0)), table.starts)
        log_trace = largest + np.log(sums)
        q = np.arange(1, most + 1)[:, None]
        if ordered:
            i = np.arange(1, 2 * most + 1)[:, None]
            log_trace += np.cumsum(np.log((count + i) / (size + i)), axis=0)[1::2]
        value = np.exp(((log_trace + level) / (2 * q)).min(axis=0))
    value = np.where((m > 0) & (n > 0) & (count > 0), value, 0.0)
    known = np.isfinite(points).all(axis=0) & (points[:5] >= 0).all(axis=0) & (taps >= 1) & (count <= size)
    return np.where(known, value, np.nan)


def _falling(x: Array, most: int) -> Array:
    """log x (x-1) … (x-a+1) for a = 0, …, most: [a, points]."""
    steps = np.arange(most)[:, None]
    logs = np.where(x > steps, np.log(x - steps), -np.inf)
    return np.concatenate([np.zeros((1, len(x))), np.cumsum(logs, axis=0)])


def thinned_sums(moments: Array, taps: Array, share: Array) -> Array:
    """E x^{2j} of a sum of `taps` weights, each there with probability `share`, for symmetric weights: [j, points].

    Σ_j E x^{2j} z^j/(2j)! is the power of that of one weight.
    """
    most = len(moments)
    factorials = np.cumprod(np.arange(1.0, 2 * most + 1))[1::2][:, None]
    base = np.concatenate([np.ones((1, len(taps))), share * moments / factorials])
    found = np.zeros_like(base)
    found[0] = 1.0
    power = np.where(np.isfinite(taps), np.round(taps), 0).astype(np.int64)
    while power.any():
        found = np.where(power % 2 == 1, _product(found, base), found)
        base, power = _product(base, base), power // 2
    return np.asarray(found[1:] * factorials)


def _product(x: Array, y: Array) -> Array:
    """The product of two polynomials, as far as they go: [degree, points] each."""
    found = np.zeros_like(x)
    for i in range(len(x)):
        found[i:] += x[i] * y[: len(y) - i]
    return found
