"""Confidence limits for the mean of an expression in statistics, where theorems give honest ones."""

from __future__ import annotations

import math

import numpy as np
from sympy import Abs, Add, Expr, Max, Min, Mul, Pow, S, oo, sqrt

from boundcheck.check.simulate import Progress, check_known, realise
from boundcheck.formula import realised
from boundcheck.formula.intervals import Intervals, add, constant, evaluate, intervals, multiply
from boundcheck.formula.rigorous import Interval, enclose
from boundcheck.statement.functions import Greatest, Least
from boundcheck.statement.laws import VALUE, Law
from boundcheck.statement.randomness import Matrix, Occupancy, Sample, Statistic

_ROUNDING = 1 + 1e-12
_LEAST_TRIALS = 2


def simulate_expectation(
    argument: Expr,
    *,
    sample: Sample,
    trials: int,
    key: int,
    beta: float,
    device: str = "cpu",
    progress: Progress | None = None,
) -> Interval | None:
    """Two limits that hold the mean of an expression with probability at least 1 - beta, or None.

    The range of the expression follows from the laws' supports, or the expression is Lipschitz in variables that are
    Lipschitz images of normal ones; where both hold, each takes half of beta.

    Parameters
    ----------
    argument
        An expression in numbers and statistics of (functions of) the sample.
    sample
        Single laws without free parameters.
    trials
        At least 2.
    beta
        Failure probability of the two limits together.

    Returns
    -------
    The limits; None where neither theorem applies, because then no number of trials tells anything about the mean.

    Raises
    ------
    UnsupportedClaim
        When a law, statistic or function cannot be simulated.
    """
    check_known(argument, {})
    bounds = value_range(argument, sample)
    proxy = gaussian_constant(argument, sample)
    methods = int(bounds is not None) + int(proxy is not None)
    if methods == 0 or trials < _LEAST_TRIALS:
        return None
    seen = realise(argument, sample=sample, trials=trials, key=key, device=device, progress=progress)
    found = []
    if bounds is not None:
        found.append(_bounded_limits(seen, bounds, beta / methods))
    if proxy is not None:
        found.append(_gaussian_limits(seen, proxy, beta / methods))
    low, high = max(limits.low for limits in found), min(limits.high for limits in found)
    # Limits that contradict each other, which has a probability of at most beta, are no interval.
    return Interval(low, high) if low <= high else found[0]


def _average(values: Intervals) -> Intervals:
    return multiply(realised.total(values), constant(S.One / len(values.low)))


def _bounded_limits(seen: Intervals, bounds: Interval, beta: float) -> Interval:
    """Empirical Bernstein limits for values in a range (A. Maurer and M. Pontil, COLT 2009, Theorem 4), both sides."""
    width, n = bounds.high - bounds.low, len(seen.low)
    share = math.log(4 / beta)
    limits = []
    # Values that are surely not above the realised ones have a mean that is not above theirs, and the same range.
    for ends in (np.maximum(seen.low, bounds.low), np.minimum(seen.high, bounds.high)):
        points = intervals(ends)
        variance = float(realised.sample_variance(points).high)
        radius = math.sqrt(2 * variance * share / n) + 7 * width * share / (3 * (n - 1))
        mean = _average(points)
        limits.append(_around(mean, radius))
    return Interval(max(limits[0].low, bounds.low), min(limits[1].high, bounds.high))


def _gaussian_limits(seen: Intervals, constant: float, beta: float) -> Interval:
    """Limits for an L-Lipschitz function of normal variables: the mean of N is L/√N-Lipschitz.

    Its deviation exceeds t with probability at most exp(-N t²/(2L²)) on each side (S. Boucheron, G. Lugosi and
    P. Massart, Concentration Inequalities, 2013, Theorem 5.6).
    """
    radius = constant * math.sqrt(2 * math.log(2 / beta) / len(seen.low))
    return _around(_average(seen), radius)


def _around(mean: Intervals, radius: float) -> Interval:
    reach = radius * _ROUNDING
    return Interval(float(add(mean, intervals(-reach)).low), float(add(mean, intervals(reach)).high))


# The range. -----------------------------------------------------------------------------------------
def value_range(argument: Expr, sample: Sample) -> Interval | None:
    """A finite range of an expression in statistics, from the supports of the laws; None where that gives none."""
    found = evaluate(argument, {s: _statistic_range(s, sample) for s in argument.atoms(Statistic)})
    low, high = float(found.low), float(found.high)
    return Interval(low, high) if math.isfinite(low) and math.isfinite(high) and math.isfinite(high - low) else None


def _statistic_range(statistic: Statistic, sample: Sample) -> Intervals:
    n, kind = int(sample.size), statistic.kind
    if kind == "kolmogorov":
        return intervals(0.0, 1.0)
    if isinstance(sample, Occupancy):
        bins = int(sample.bins)
        if kind == "empty":
            return intervals(float(max(0, bins - n)), float(bins))
        each = [evaluate(statistic.sample.function, {VALUE: intervals(0.0, float(n))})]
    else:
        each = [evaluate(statistic.sample.function, {VALUE: _support(law)}) for law in sample.laws]
    low, high = min(float(x.low) for x in each), max(float(x.high) for x in each)
    if kind in ("sum", "mean"):
        terms = Intervals(*(np.array([float(x[end]) for x in each]) for end in (0, 1)))
        total = multiply(intervals(float(n)), each[0]) if len(each) == 1 else realised.total(terms)
        return total if kind == "sum" else multiply(total, constant(S.One / n))
    if kind == "variance":
        # The variance of n numbers in an interval is at most a quarter of its squared length times n/(n - 1).
        most = n / (n - 1) * (high - low) ** 2 / 4 * _ROUNDING if n > 1 else math.inf
        return intervals(0.0, most)
    if kind == "spectral_norm":
        return intervals(0.0, math.sqrt(n) * max(abs(low), abs(high)) * _ROUNDING)
    return intervals(low, high)


def _support(law: Law) -> Intervals:
    low, high = law.support
    return intervals(
        -math.inf if low == -oo else enclose(low).low,
        math.inf if high == oo else enclose(high).high,
    )


# The Lipschitz constant. ----------------------------------------------------------------------------
def gaussian_constant(argument: Expr, sample: Sample) -> float | None:
    """L such that the expression is an L-Lipschitz function of independent standard normal variables; or None."""
    if sample.describes_itself and not isinstance(sample, Matrix):
        return None
    lipschitz = _lipschitz(argument, sample)
    factors = [_transport(law) for law in sample.laws]
    if lipschitz is None or any(factor is None for factor in factors):
        return None
    return enclose(lipschitz * Max(*(f for f in factors if f is not None))).high


def _transport(law: Law) -> Expr | None:
    """How Lipschitz the law is as an image of the normal law; a shift changes nothing."""
    centred = law.image(VALUE - law.mean)
    return None if centred is None else centred.transport


def _lipschitz(e: Expr, sample: Sample) -> Expr | None:
    """The Lipschitz constant of an expression in the Euclidean norm of the sample."""
    if isinstance(e, Statistic):
        return _of_statistic(e, sample)
    if not e.atoms(Statistic):
        return S.Zero
    if isinstance(e, Mul):
        factor, rest = e.as_independent(*e.atoms(Statistic), as_Add=False)
        inner = _lipschitz(rest, sample) if factor != 1 else None
        return None if inner is None else Abs(factor) * inner
    if isinstance(e, Pow):
        return _of_root(e, sample)
    parts = [_lipschitz(a, sample) for a in e.args]
    if any(part is None for part in parts):
        return None
    if isinstance(e, Add):
        return sum((part for part in parts if part is not None), S.Zero)
    if isinstance(e, Abs | Max | Min | Greatest | Least):
        return Max(*(part for part in parts if part is not None))
    return None


def _of_statistic(statistic: Statistic, sample: Sample) -> Expr | None:
    slope = _slope(statistic.sample.function)
    if slope is None:
        return None
    factors = {
        "sum": sqrt(sample.size),
        "mean": 1 / sqrt(sample.size),
        "maximum": S.One,
        "minimum": S.One,
        "order": S.One,
        "spectral_norm": S.One,
    }
    return factors[statistic.kind] * slope if statistic.kind in factors else None


def _of_root(e: Expr, sample: Sample) -> Expr | None:
    """√Σf(x)² and the sample's standard deviation are seminorms."""
    base, exponent = e.args
    if exponent != S.Half or not isinstance(base, Statistic):
        return None
    function = base.sample.function
    if base.kind == "variance":
        slope = _slope(function)
        return None if slope is None else slope / sqrt(sample.size - 1)
    if base.kind == "sum" and isinstance(function, Pow) and function.exp == 2:
        return _slope(function.base)
    return None


def _slope(function: Expr) -> Expr | None:
    """The Lipschitz constant of a function aX + b, or its absolute value."""
    inside = function.args[0] if isinstance(function, Abs) else function
    slope = inside.diff(VALUE)
    return Abs(slope) if slope.is_number else None
