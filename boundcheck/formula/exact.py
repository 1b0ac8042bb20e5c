"""Tails of statistics whose law is known, in ball arithmetic: binomial, normal, and maxima."""

from __future__ import annotations

from collections.abc import Iterator

import sympy
from flint import arb, fmpq
from sympy import Abs, Expr, S

from boundcheck.formula.rigorous import ball, compare, integer_part, precision
from boundcheck.statement.laws import Exponential, Law, Normal, TwoPoint, Uniform
from boundcheck.statement.randomness import Statistic

_BITS = 160


def exact_tail(margin: Expr, statistic: Statistic, *, strict: bool) -> arb | None:
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
    A ball around the probability, sharp also far below the range of floats, or None where the law or the event is
    not one of these.
    """
    if not statistic.sample.identical:
        return None
    total = arb(0)
    with precision(_BITS):
        try:
            for slope, threshold in _half_lines(margin, statistic):
                part = _upper_tail(statistic, slope, threshold, strict)
                if part is None:
                    return None
                total += part
        except _NotLinear:
            return None
        return total.min(arb(1))


def _half_lines(margin: Expr, statistic: Statistic) -> Iterator[tuple[Expr, Expr]]:
    """Events slope·s ≥ threshold whose union is margin ≥ 0; disjoint, or the union is certain."""
    distances = [a for a in margin.atoms(Abs) if a.has(statistic)]
    if not distances:
        yield _linear(margin, statistic)
        return
    if len(distances) > 1:
        raise _NotLinear
    [distance] = distances
    rest = margin.xreplace({distance: S.Zero})
    outer = margin.xreplace({distance: S.One}) - rest
    inner = distance.args[0]
    # A statistic outside the modulus could turn both half-lines to the same side, so that they overlap.
    if margin != outer * distance + rest or not outer.is_positive or rest.has(statistic):
        raise _NotLinear
    for sign in (1, -1):
        yield _linear(outer * sign * inner + rest, statistic)


class _NotLinear(Exception):
    """The event is not one that exact laws decide."""


def _linear(margin: Expr, statistic: Statistic) -> tuple[Expr, Expr]:
    # Structure decides, not values: floor(s) and s³ - 3s² + 3s agree with s at 0, 1 and 2.
    s = sympy.Symbol("s", real=True)
    expanded = margin.xreplace({statistic: s}).expand()
    slope, rest = expanded.coeff(s, 1), expanded.coeff(s, 0)
    if slope.has(s) or rest.has(s) or expanded != (slope * s + rest).expand():
        raise _NotLinear
    if expanded.has(sympy.nan, sympy.zoo, sympy.oo, -sympy.oo):
        raise _NotLinear
    return slope, -rest


def _upper_tail(statistic: Statistic, slope: Expr, threshold: Expr, strict: bool) -> arb | None:
    """P(slope·s ≥ threshold), or > when strict."""
    law, n = statistic.sample.laws[0], int(statistic.sample.size)
    sign = compare(slope, S.Zero)
    if sign in (0, None):
        return None
    level = threshold / slope
    if statistic.kind == "maximum":
        one = _survival(law, level) if sign == 1 else None
        # 1 - (1 - one)^n without cancellation in deep tails.
        return None if one is None else arb(1) if one == 1 else -(n * (-one).log1p()).expm1()
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
    p = fmpq(int(law.p.p), int(law.p.q))
    if not upper:
        count, p = n - count, 1 - p
    below = _integer_below(count, inclusive=strict)
    return None if below is None else _binomial_upper(n, p, below + 1)


def _integer_below(count: Expr, *, inclusive: bool) -> int | None:
    """The largest integer below a number (or equal to it when `inclusive`); None where that cannot be told."""
    whole = integer_part(count, up=not inclusive)
    return whole if whole is None or inclusive else whole - 1


def _binomial_upper(n: int, p: fmpq, first: int) -> arb:
    """P(Binomial(n, p) ≥ first)."""
    if first <= 0:
        return arb(1)
    if first > n or p == 0:
        return arb(0)
    if p == 1:
        return arb(1)
    return arb(p).beta_lower(arb(first), arb(n - first + 1), regularized=True)


def _survival(law: Law, level: Expr) -> arb | None:
    """P(w ≥ level) for a continuous law."""
    if isinstance(law, Normal):
        return (ball((level - law.location) / law.std) / arb(2).sqrt()).erfc() / 2
    if isinstance(law, Uniform):
        share = ball((law.high - level) / (law.high - law.low))
        return share.max(arb(0)).min(arb(1))
    if isinstance(law, Exponential):
        return (-ball(law.rate * level).max(arb(0))).exp()
    return None
