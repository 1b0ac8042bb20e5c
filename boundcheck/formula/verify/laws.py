"""Laws of one variable: values, moments and tails of standard ones, each scaled and shifted."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from fractions import Fraction

from mpmath import iv, mp

from boundcheck.formula.verify.functions import monotone
from boundcheck.formula.verify.numbers import (
    MOST,
    Number,
    add,
    between,
    count_of,
    div,
    ends_of,
    exactly,
    exp_of,
    extreme,
    hull,
    is_zero,
    limited,
    mul,
    power_of,
    sum_of,
    told,
    wide,
)
from boundcheck.formula.verify.reading import Refused, Unable
from boundcheck.formula.verify.trees import Tree

FRACTIONS = 200
"""Laws of so few variables are fractions, so that equality can be told."""

Pair = tuple[Number, Number]
Part = tuple[Tree, Number, Number]
"""A standard law with its scale and shift."""


def standard(law: Tree) -> Part:
    """A law as a standard one with its scale and shift."""
    name, *fields = law
    one, zero = Fraction(1), Fraction(0)
    if name == "affine":
        base, scale, shift = standard(fields[0])
        return base, mul(fields[1], scale), add(mul(fields[1], shift), fields[2])
    if name == "uniform":
        return (name,), add(fields[1], -fields[0]), fields[0]
    if name == "normal":
        return (name,), fields[1], fields[0]
    if name == "exponential":
        return ("gamma", one), div(one, fields[0]), zero
    if name == "gamma":
        return (name, fields[0]), div(one, fields[1]), zero
    if name in ("two_point", "discrete", "hypergeometric", "poisson", "beta"):
        return law, one, zero
    raise Refused(f"the law {name!r} is no single law known here")


def finite_law(base: Tree) -> list[tuple[Number, Number]] | None:
    """Values with their probabilities, for a law on finitely many."""
    name, *fields = base
    if name == "two_point":
        low, high, p = fields
        return [(value, q) for value, q in ((low, add(Fraction(1), -p)), (high, p)) if not is_zero(q)]
    if name == "discrete":
        return [(v, p) for v, p in zip(*fields, strict=True) if not is_zero(p)]
    if name == "hypergeometric":
        return [(Fraction(k), p) for k, p in hypergeometric(*map(count_of, fields))]
    return None


def hypergeometric(population: int, marked: int, drawn: int) -> list[tuple[int, Fraction]]:
    """How many marked items are drawn, with the probabilities."""
    limited(drawn * population.bit_length(), 200 * MOST)
    ways = math.comb(population, drawn)
    counts = range(max(0, drawn + marked - population), min(drawn, marked) + 1)
    return [(k, Fraction(math.comb(marked, k) * math.comb(population - marked, drawn - k), ways)) for k in counts]


def poisson(rate: Number) -> Iterator[tuple[Number | None, Number]]:
    """Values with their probabilities; the value None has what is left over."""
    term, k = iv.exp(-wide(rate)), 0
    limited(ends_of(rate)[1], MOST / 4)
    while True:
        yield Fraction(k), term
        k += 1
        ratio = wide(rate) / k
        term = term * ratio
        if ends_of(ratio)[1] < 0.5 and ends_of(term)[1] < mp.mpf(10) ** (-2 * iv.dps):
            yield None, between(0, 2 * ends_of(term)[1])
            return


def moments(base: Tree, most: int) -> list[Number]:
    """E X^k for k = 0, …, most."""
    name, *fields = base
    found: list[Number] = [Fraction(1)]
    for k in range(1, most + 1):
        if name == "poisson":
            found.append(mul(fields[0], sum_of(mul(Fraction(math.comb(k - 1, i)), found[i]) for i in range(k))))
        elif name == "normal":
            found.append(Fraction(0) if k % 2 else (k - 1) * found[k - 2])
        elif name == "uniform":
            found.append(Fraction(1, k + 1))
        elif name == "gamma":
            found.append(mul(found[-1], fields[0] + k - 1))
        elif name == "beta":
            found.append(mul(found[-1], div(fields[0] + k - 1, fields[0] + fields[1] + k - 1)))
        else:
            found.append(sum_of(mul(power_of(v, Fraction(k)), p) for v, p in finite_law(base) or ()))
    return found


def growth(base: Tree, lam: Number) -> Number:
    """E exp(lam X)."""
    name, *fields = base
    if name == "poisson":
        return exp_of(mul(fields[0], add(exp_of(lam), Fraction(-1))))
    if name == "normal":
        return exp_of(mul(lam, lam) / 2)
    if name == "uniform":
        return Fraction(1) if told(lam) == 0 else div(add(exp_of(lam), Fraction(-1)), lam)
    if name == "gamma" and told(add(Fraction(1), -lam)) > 0:
        return power_of(add(Fraction(1), -lam), -fields[0])
    finite = finite_law(base)
    if finite is None:
        raise Unable(f"the mean of an exponential under the law {name!r} is infinite, or not re-checked here")
    return sum_of(mul(p, exp_of(mul(lam, v))) for v, p in finite)


def law_tails(base: Tree, n: int, x: Number) -> tuple[Number, Number]:
    """P(sum ≤ x) and P(sum > x) for n variables of a continuous standard law."""
    name, *fields = base
    if name == "normal":
        z = div(x, power_of(Fraction(2 * n), Fraction(1, 2)))
        return monotone(mp.erfc, -z) / 2, monotone(mp.erfc, z) / 2
    if name == "gamma":
        shape = n * _fraction(fields[0])
        x, a = extreme(max)(x, Fraction(0)), mp.mpf(shape.numerator) / shape.denominator
        return (
            monotone(lambda e: mp.gammainc(a, 0, e, regularized=True), x),
            monotone(lambda e: mp.gammainc(a, e, mp.inf, regularized=True), x),
        )
    if name == "beta" and n == 1:
        a, b = (mp.mpf(f.numerator) / f.denominator for f in map(_fraction, fields))
        x = extreme(min)(extreme(max)(x, Fraction(0)), Fraction(1))
        return (
            monotone(lambda e: mp.betainc(a, b, 0, e, regularized=True), x),
            monotone(lambda e: mp.betainc(a, b, e, 1, regularized=True), x),
        )
    if name == "uniform":
        if isinstance(x, Fraction):
            return _irwin_hall(n, x), _irwin_hall(n, n - x)
        low, high = (exactly(end) for end in ends_of(x))
        below, above = ([_irwin_hall(n, e) for e in ends] for ends in ((low, high), (n - high, n - low)))
        return hull(*below), hull(*above)
    raise Unable(f"sums under the law {name!r} are not re-checked here")


def _irwin_hall(n: int, x: Fraction) -> Fraction:
    """P(sum of n uniforms on [0, 1] ≤ x)."""
    limited(n, FRACTIONS)
    if x <= 0 or x >= n:
        return Fraction(int(x > 0))
    return sum(((-1) ** k * math.comb(n, k) * (x - k) ** n for k in range(int(x) + 1)), Fraction(0)) / math.factorial(n)


def _fraction(x: Number) -> Fraction:
    if not isinstance(x, Fraction):
        raise Unable("a law with an irrational shape is not re-checked here")
    return x


def sum_tails(parts: Sequence[Part], copies: int, x: Number) -> Pair:
    """P(≤ x) and P(> x) for the sum of so many copies of continuous variables."""
    base, scale, _ = parts[0]
    x = add(x, -mul(Fraction(copies), sum_of(shift for _, _, shift in parts)))
    if base == ("normal",):
        scale = power_of(div(sum_of(mul(s, s) for _, s, _ in parts), Fraction(len(parts))), Fraction(1, 2))
    elif any(part[1] != scale for part in parts):
        raise Unable("sums of variables of different continuous laws are not re-checked here")
    if any(part[0] != base for part in parts):
        raise Unable("sums of variables of different continuous laws are not re-checked here")
    below, above = law_tails(base, copies * len(parts), div(x, scale))
    return (below, above) if told(scale) > 0 else (above, below)
