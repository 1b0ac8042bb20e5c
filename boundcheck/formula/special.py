"""Float versions of the quantiles in statement/functions.py, rounded to the safe (larger) side."""

from __future__ import annotations

import math

import numpy as np
import scipy

from boundcheck.formula.standalone.beta import beta_power

_NEWTON = 1e12
"""Sizes of parameters beyond which tails of Beta laws are not good enough for a step of Newton's method."""


def beta_quantile(a: float, b: float, delta: float, *, inflate: bool = True) -> float:
    """The x with P(Beta(a, b) > x) = delta; 0 when a = 0 (the law at 0), 1 when b = 0 (the law at 1).

    Parameters
    ----------
    a, b
        Shape parameters, at least 0 and not both 0.
    delta
        Upper tail probability in (0, 1).
    inflate
        Enlarge by 1e-9 relative, far more than the inverse's error, so that the result errs on the safe side.
    """
    if not (a > 0 and b > 0):
        return 1.0 if a > 0 and b == 0 else 0.0 if b > 0 and a == 0 else math.nan
    x = float(scipy.special.betainccinv(a, b, delta))
    if math.isnan(x) and 0 < delta < 1 and a + b < math.inf:
        x = _normal_beta_quantile(a, b, delta)
    elif 0 < x < 1 and a + b < _NEWTON and (density := beta_power(x, a, b) / (x * (1 - x))) > 0:
        # A step of Newton's method, by the smaller tail: SciPy's inverse has errors up to 1e-11 of x.
        upper = delta <= 0.5
        excess = scipy.special.betaincc(a, b, x) - delta if upper else 1 - delta - scipy.special.betainc(a, b, x)
        x += float(excess) / density
    return min(1.0, x * (1 + 1e-9 * inflate))


def _normal_beta_quantile(a: float, b: float, delta: float) -> float:
    """The same for parameters too large for SciPy, near 1e20, by the normal limits of the binomial law.

    The x with 2 n KL(a/n ‖ x) = z², n = a + b - 1 and z the normal quantile, is at or above the quantile by less than
    1/a relative (Zubkov and Serov 2013; see :mod:`boundcheck.formula.exact.binomial`).
    """
    n = a + b - 1
    q, z = a / n, float(-scipy.special.ndtri(delta))
    before, above = 0.0, z * math.sqrt((1 - q) / a)
    root = 0.0
    for _ in range(50):  # secants: √(2 n KL) is nearly linear
        reached = math.copysign(math.sqrt(2 * n * _divergence_near(q, above)), above)
        if reached == root:
            break
        before, above, root = above, above + (z - reached) * (above - before) / (reached - root), reached
        if abs(above - before) <= 1e-14 * abs(above):
            break
    return q * (1 + above)


def _divergence_near(q: float, off: float) -> float:
    """KL(q ‖ q (1 + off)) without cancellation."""
    other = -off * q / (1 - q)
    if max(abs(off), abs(other)) > 1e-3:
        return -q * math.log1p(off) - (1 - q) * math.log1p(other)
    tails = (sum((-x) ** j / j for j in range(2, 7)) for x in (off, other))
    left, right = tails
    return q * left + (1 - q) * right


def bernoulli_divergence(q: float, p: float) -> float:
    """KL(q‖p) of two Bernoulli laws, 0 ≤ q ≤ 1 and 0 < p < 1."""
    left = q * math.log(q / p) if q > 0 else 0.0
    return left + ((1 - q) * math.log1p((p - q) / (1 - p)) if q < 1 else 0.0)


def hypergeometric_exponent(count: float, population: float, marked: float, drawn: float) -> float:
    """The E with P(X ≥ count) ≤ exp(-E), X hypergeometric (Hoeffding 1963, Theorems 1 and 4).

    The larger of drawn·KL(count/drawn ‖ marked/population) and marked·KL(count/marked ‖ drawn/population);
    0 at counts below the mean, infinite at counts that cannot occur.
    """
    if count > min(drawn, marked):
        return math.inf
    if count <= drawn * marked / population:
        return 0.0
    return max(
        drawn * bernoulli_divergence(count / drawn, marked / population) if marked < population else 0.0,
        marked * bernoulli_divergence(count / marked, drawn / population) if drawn < population else 0.0,
    )


def hypergeometric_bound(population: float, marked: float, drawn: float, delta: float) -> float:
    """The least integer c for which Hoeffding's tail bound gives P(X ≥ c + 1) ≤ delta.

    Parameters
    ----------
    population, marked, drawn
        Of `population` entries, `marked` are removed at random; X counts those among `drawn` given entries.
    delta
        Probability in (0, 1).

    Examples
    --------
    >>> hypergeometric_bound(100, 10, 20, 0.01)
    6.0
    """
    if not (delta > 0 and drawn * marked < math.inf):
        return float(min(drawn, marked))
    needed = -math.log(delta)
    low, high = math.floor(drawn * marked / population), int(min(drawn, marked))
    while low < high:
        middle = (low + high) // 2
        if hypergeometric_exponent(middle + 1, population, marked, drawn) >= needed:
            high = middle
        else:
            low = middle + 1
    return float(high)


def exact_floor(x: float) -> float:
    """Floor of a float that stands for an algebraic number: a value within 8 ulp of an integer is that integer."""
    nearest = np.rint(x)
    return nearest if abs(x - nearest) <= 8 * np.spacing(abs(x)) else np.floor(x)
