"""The functions of certificates at numbers.

What intervals lack (erf, erfc, erfinv, atan and, for laws, the incomplete gamma and beta functions) is taken at two
precisions and widened far beyond their difference.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from functools import partial, reduce
from operator import add, mul
from typing import Any

from mpmath import iv, mp

from boundcheck.formula.verify.numbers import ONE, ZERO, Number, extreme, hull, limited, undefined
from boundcheck.formula.verify.reading import Unable


def monotone(function: Callable[[Any], Any], x: Number) -> Number:
    """A monotone function that intervals lack: at both ends, at two precisions, widened beyond the difference."""
    found = []
    for end in x.ends:
        values = []
        for extra in (10, 30):
            with mp.workdps(iv.dps + extra):
                values.append(function(end))
        slack = 1000 * abs(values[1] - values[0]) + abs(values[1]) * mp.mpf(10) ** (5 - iv.dps)
        found += [values[1] - slack, values[1] + slack]
    return Number.between(min(found), max(found))


def solved(function: Callable[[Number], Number], level: Number, low: Fraction, high: Fraction) -> Number:
    """Where an increasing function takes a value between two ends, by bisection; both probes fail only near there."""
    least = (high - low) / 2 ** (4 * iv.dps)
    while high - low > least:
        for share in (Fraction(3, 8), Fraction(5, 8)):
            middle = low + share * (high - low)
            sign = (function(Number(Number(middle).wide)) - level).sign
            if sign is not None:
                low, high = (low, middle) if sign >= 0 else (middle, high)
                break
        else:
            break
    return hull(Number(low), Number(high))


def ranked(n: int, rank: int, below: Number, above: Number) -> tuple[Number, Number]:
    """P(≤ x) and P(> x) for the variable of a rank among n, from those of each variable."""
    if rank > n - rank + 1:
        return ranked(n, n + 1 - rank, above, below)[::-1]
    limited(rank, 2_000)
    total, power, ways = ZERO, ONE, 1
    for j in range(rank):  # Σ binomial(n, j) below^j above^(rank - 1 - j)
        total = total * above + ways * power
        power, ways = power * below, ways * (n - j) // (j + 1)
    fewer = total * above ** (n - rank + 1)
    return 1 - fewer, fewer


def beta_quantile(a: Number, b: Number, p: Number) -> Number:
    """What a Beta(a, b) variable exceeds with probability p: an order statistic of uniform variables, for counts."""
    k, n = a.count, a.count + b.count - 1
    limited(min(k, n - k + 1), 500)
    if not 0 < k <= n or (p * (1 - p)).sign != 1:
        raise Unable("such a quantile is not re-checked here")
    return solved(lambda x: ranked(n, k, x, 1 - x)[0], 1 - p, Fraction(0), Fraction(1))


def exp(x: Number) -> Number:
    """e^x."""
    return ONE if x.is_zero else Number(iv.exp(x.wide))


def log(x: Number) -> Number:
    """The natural logarithm."""
    return ZERO if x == ONE else Number(iv.log(x.wide)) if x.told > 0 else undefined()


def _whole(exact: Callable[[Any], int], part: Callable[[Any], Any], x: Number) -> Number:
    if x.exact:
        return Number(exact(x.value))
    low, high = (int(part(end)) for end in x.ends)
    return Number(low) if low == high else Number.between(low, high)


FUNCTIONS: dict[str, Callable[..., Number]] = {
    "Add": lambda *numbers: reduce(add, numbers, ZERO),
    "Mul": lambda *numbers: reduce(mul, numbers, ONE),
    "Pow": lambda base, exponent: base**exponent,
    "exp": exp,
    "log": log,
    "Abs": abs,
    "Min": extreme(min),
    "Max": extreme(max),
    "floor": partial(_whole, math.floor, mp.floor),
    "ceiling": partial(_whole, math.ceil, mp.ceil),
    "sinh": lambda x: (exp(x) - exp(-x)) / 2,
    "cosh": lambda x: (exp(x) + exp(-x)) / 2,
    "tanh": lambda x: 1 - 2 / (exp(2 * x) + 1),
    "sin": lambda x: Number(iv.sin(x.wide)),
    "cos": lambda x: Number(iv.cos(x.wide)),
    "atan": partial(monotone, mp.atan),
    "erf": partial(monotone, mp.erf),
    "erfc": partial(monotone, mp.erfc),
    "erfinv": partial(monotone, mp.erfinv),
    "BetaQuantile": beta_quantile,
    "pi": lambda: Number(iv.pi + 0),
    "E": lambda: exp(ONE),
}
