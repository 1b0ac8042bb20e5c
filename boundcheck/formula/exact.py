"""Tails of statistics whose law is known, in ball arithmetic: binomial, normal, and maxima."""

from __future__ import annotations

from collections.abc import Iterator

import sympy
from flint import arb, fmpq
from sympy import Abs, Expr, S

from boundcheck.formula.rigorous import Interval, ball, compare, interval, precision
from boundcheck.statement.randomness import Exponential, Law, Normal, Statistic, TwoPoint, Uniform

_BITS = 160


def exact_tail(margin: Expr, statistic: Statistic, *, strict: bool) -> Interval | None:
    """Enclose P(margin > 0), or P(margin ≥ 0) when not `strict`, where the statistic's law is known.

    Parameters
    ----------
    margin
        slope·s - threshold, or |slope·s - centre| - threshold, in the statistic s; all else numbers.
    statistic
        Sum or mean of n i.i.d. two-point or normal variables, or maximum of i.i.d. variables whose
        distribution function is known.

    Returns
    -------
    An enclosure of the probability (binomial tails are summed with exact integer weights, so it stays sharp down
    to 1e-300 and below), or None where the law or the event is not one of these.
    """
    if not statistic.sample.identical:
        return None
    total = arb(0)
    with precision(_BITS):
        for slope, threshold in _half_lines(margin, statistic):
            part = _upper_tail(statistic, slope, threshold, strict)
            if part is None:
                return None
            total += part
        result = interval(total)
    return Interval(max(result.low, 0.0), min(result.high, 1.0))


def _half_lines(margin: Expr, statistic: Statistic) -> Iterator[tuple[Expr, Expr]]:
    """Disjoint events slope·s ≥ threshold whose union is margin ≥ 0."""
    distances = [a for a in margin.atoms(Abs) if a.has(statistic)]
    if not distances:
        yield _linear(margin, statistic)
        return
    [distance] = distances
    rest = margin.xreplace({distance: S.Zero})
    outer = margin.xreplace({distance: S.One}) - rest
    inner = distance.args[0]
    if margin != outer * distance + rest or not outer.is_positive:
        raise _NotLinear
    for sign in (1, -1):
        yield _linear(outer * sign * inner + rest, statistic)


class _NotLinear(Exception):
    """The event is not one that exact laws decide."""


def _linear(margin: Expr, statistic: Statistic) -> tuple[Expr, Expr]:
    at = [margin.xreplace({statistic: sympy.Integer(v)}) for v in (0, 1, 2)]
    slope = (at[1] - at[0]).expand()
    if (at[2] - at[1] - slope).expand() != 0 or margin.has(sympy.Piecewise, sympy.Min, sympy.Max):
        raise _NotLinear
    return slope, -at[0]


def _upper_tail(statistic: Statistic, slope: Expr, threshold: Expr, strict: bool) -> arb | None:
    """P(slope·s ≥ threshold), or > when strict."""
    law, n = statistic.sample.laws[0], int(statistic.sample.size)
    sign = compare(slope, S.Zero)
    if sign in (0, None):
        return None
    level = threshold / slope
    if statistic.kind == "maximum":
        cdf = _cdf(law, level) if sign == 1 else None
        return None if cdf is None else 1 - cdf**n
    if statistic.kind == "mean":
        level = n * level
    if isinstance(law, TwoPoint):
        return _binomial(law, n, level, sign == 1, strict)
    if isinstance(law, Normal):
        z = ball(sign * (level - n * law.location) / (law.std * sympy.sqrt(2 * n)))
        return z.erfc() / 2
    return None


def _binomial(law: TwoPoint, n: int, level: Expr, upper: bool, strict: bool) -> arb | None:
    """P(sum ≥ level) (or ≤ when not `upper`) for n two-point variables: the sum is low·n + (high - low)·Binomial."""
    if not law.p.is_Rational:
        return None
    count = (level - n * law.low) / (law.high - law.low)
    if upper:
        first = int(sympy.floor(count) + 1 if strict else sympy.ceiling(count))
        return _binomial_upper(n, fmpq(int(law.p.p), int(law.p.q)), first)
    last = int(sympy.ceiling(count) - 1 if strict else sympy.floor(count))
    return _binomial_upper(n, 1 - fmpq(int(law.p.p), int(law.p.q)), n - last)


def _binomial_upper(n: int, p: fmpq, first: int) -> arb:
    """P(Binomial(n, p) ≥ first)."""
    if first <= 0:
        return arb(1)
    if first > n or p == 0:
        return arb(0)
    if p == 1:
        return arb(1)
    return arb(p).beta_lower(arb(first), arb(n - first + 1), regularized=True)


def _cdf(law: Law, level: Expr) -> arb | None:
    """P(w < level) for a continuous law."""
    if isinstance(law, Normal):
        return (-ball((level - law.location) / law.std) / arb(2).sqrt()).erfc() / 2
    if isinstance(law, Uniform):
        share = ball((level - law.low) / (law.high - law.low))
        return share.max(arb(0)).min(arb(1))
    if isinstance(law, Exponential):
        return (1 - (-ball(law.rate * level)).exp()).max(arb(0))
    return None
