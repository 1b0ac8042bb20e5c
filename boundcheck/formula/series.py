"""Norms from moment generating functions of few entries, in floats."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

STEPS = range(-96, 97)
"""θ = 2^{i/8} for these i. Every θ is valid; those between them gain little."""
_CHUNK = 1024


def series_quantile(m: Any, n: Any, taps: Any, share: Any, level: Any, family: Any) -> Any:
    """The least t(θ) of :class:`boundcheck.statement.functions.SeriesQuantile`.

    2 cosh(θt) - 2 = e^level (m (G^{n taps} - 1) + n (G^{m taps} - 1)), G = 1 + share (M(θ) - 1).

    Parameters
    ----------
    m, n, taps, share
        Numbers of rows, columns and taps, and a probability. Arrays broadcast.
    level
        -log of a probability; what is not finite gives NaN.
    family
        Whose M(θ) = E exp(θw): 0, 1 or 2, the place in `SeriesQuantile.FAMILIES`.

    Returns
    -------
    A float or an array of float64.
    """
    columns = np.broadcast_arrays(*(np.asarray(x, dtype=float) for x in (m, n, taps, share, level, family)))
    shape = columns[0].shape
    points = np.array([x.ravel() for x in columns])
    found = np.empty(points.shape[1])
    for start in range(0, len(found), _CHUNK):
        found[start : start + _CHUNK] = _quantile(*points[:, start : start + _CHUNK])
    return float(found[0]) if shape == () else found.reshape(shape)


def _quantile(m: Array, n: Array, taps: Array, share: Array, level: Array, family: Array) -> Array:
    theta = np.exp2(np.array(STEPS) / 8)[:, None]
    with np.errstate(all="ignore"):
        excess = np.select([family == 0, family == 1, family == 2], _log_excess(theta), np.nan)
        growth = np.logaddexp(0.0, np.log(share) + excess)  # log G
        logs = np.logaddexp(np.log(m) + _log_expm1(n * taps * growth), np.log(n) + _log_expm1(m * taps * growth))
        logs += level - np.log(2.0)
        x = np.exp(np.minimum(logs, 50.0))
        angle = np.where(logs < 50, np.log1p(x + np.sqrt(x * (x + 2))), logs + np.log(2.0))
        value = (angle / theta).min(axis=0)
    value = np.where((m > 0) & (n > 0) & (share > 0), value, 0.0)
    known = np.isfinite(m + n + taps + share + level + family) & (m >= 0) & (n >= 0) & (taps >= 1)
    return np.where(known & (share >= 0) & (share <= 1), value, np.nan)


def _log_expm1(x: Array) -> Array:
    return np.where(x > 1, x + np.log1p(-np.exp(-x)), np.log(np.expm1(x)))


def _log_excess(theta: Array) -> list[Array]:
    """log(M(θ) - 1) of each family, also where M overflows or is close to 1."""
    square = theta**2
    series = square / 6 * (1 + square / 20 * (1 + square / 42 * (1 + square / 72 * (1 + square / 110))))
    uniform = theta - np.log(2 * theta) + np.log1p(-np.exp(-2 * theta))
    signs = theta + np.log1p(-np.exp(-theta)) * 2 - np.log(2.0)  # 2 sinh²(θ/2)
    return [
        np.where(theta < 0.2, np.log(series), uniform + np.log1p(-np.exp(-uniform))),
        _log_expm1(square / 2),
        signs,
    ]
