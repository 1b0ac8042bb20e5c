"""The sign of an expression on the open interior of a box, by its structure and by Bernstein coefficients."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from functools import lru_cache
from itertools import product
from math import comb
from typing import NamedTuple

import sympy
from flint import arb
from sympy import Expr, Rational, oo

from boundcheck.formula.prover.boxes import Box
from boundcheck.formula.prover.polynomials import degree
from boundcheck.formula.prover.program import over

_MOST_COEFFICIENTS = 4000
_HIGHEST_POWER = 64
Polynomial = dict[tuple[int, ...], Fraction]


class Sign(NamedTuple):
    """1 or -1; strict if 0 is not taken on the open box."""

    value: int
    strict: bool


@lru_cache(maxsize=20000)
def sign(e: Expr, box: Box) -> Sign | None:
    """The sign on the open box, None where the rules do not tell one (0 included)."""
    if e.is_Rational:
        return None if e == 0 else Sign(1 if e > 0 else -1, True)
    if e in box.ends:
        low, high = box.ends[e]
        return Sign(1, low != high or low > 0) if low >= 0 else Sign(-1, low != high or high < 0) if high <= 0 else None
    if isinstance(e, sympy.exp | sympy.erfc | sympy.cosh):
        return Sign(1, True)
    if isinstance(e, sympy.log):
        return _of_difference(e.args[0] - 1, box)
    if isinstance(e, sympy.sinh | sympy.tanh | sympy.erf | sympy.atan):
        return sign(e.args[0], box)
    if e.is_Mul:
        return _of_product([sign(factor, box) for factor in e.args])
    if e.is_Pow:
        return _of_power(e, box)
    if e.is_Add:
        terms = [sign(term, box) for term in e.args]
        known = [t for t in terms if t is not None]
        if len(known) == len(terms) and len({t.value for t in known}) == 1:
            return Sign(known[0].value, any(t.strict for t in known))
    by_range = _by_range(e, box)
    if e.is_Add and (by_range is None or not by_range.strict):
        return _by_coefficients(e, box) or by_range
    return by_range


def _of_difference(e: Expr, box: Box) -> Sign | None:
    """The sign of a difference, factored where that tells more."""
    known = sign(e, box)
    if (known is None or not known.strict) and degree(e) <= _HIGHEST_POWER and e.is_rational_function():
        return sign(sympy.factor(e), box) or known
    return known


def _of_product(signs: list[Sign | None]) -> Sign | None:
    value, strict = 1, True
    for factor in signs:
        if factor is None:
            return None
        value, strict = value * factor.value, strict and factor.strict
    return Sign(value, strict)


def _of_power(e: Expr, box: Box) -> Sign | None:
    base, exponent = e.args
    if base is sympy.E:
        return Sign(1, True)
    inner = sign(base, box)
    if exponent.is_Integer and exponent % 2 == 0:
        if inner is not None and inner.strict:
            return Sign(1, True)
        return Sign(1, False) if exponent > 0 else None
    if inner is None or (not inner.strict and (not exponent.is_Rational or exponent < 0)):
        return None
    if exponent.is_Integer:
        return inner
    # A real power of a positive number is positive; a root of a nonnegative one nonnegative.
    return inner if inner.value > 0 else None


def _by_range(e: Expr, box: Box) -> Sign | None:
    values = over(e, box)
    if values is None:
        return None
    if values.low > 0 or values.high < 0:
        return Sign(1 if values.low > 0 else -1, True)
    return Sign(1, False) if values.low == 0 else Sign(-1, False) if values.high == 0 else None


def _by_coefficients(e: Expr, box: Box) -> Sign | None:
    """Shift each generator to the end of its range, or take the Bernstein basis of it; all coefficients of one sign."""
    parsed = polynomial(e)
    if parsed is None:
        return None
    generators, terms = parsed
    for i, generator in enumerate(generators):
        bounds = generator_range(generator, box)
        if bounds is None or bounds == (None, None):
            return None
        degree = max(m[i] for m in terms)
        terms = change_basis(terms, i, degree, *bounds)
        if len(terms) > _MOST_COEFFICIENTS:
            return None
    signs = {c > 0 for c in terms.values()}
    if len(signs) != 1:
        return None
    return Sign(1 if signs.pop() else -1, all(strictly_inside(g, box) for g in generators))


def polynomial(e: Expr) -> tuple[list[Expr], Polynomial] | None:
    """A sum of monomials as generators and rational coefficients; None for another shape."""
    found: list[dict[Expr, int]] = []
    coefficients: list[Fraction] = []
    for term in sympy.Add.make_args(e):
        coefficient, powers = Fraction(1), dict[Expr, int]()
        for factor in sympy.Mul.make_args(term):
            if factor.is_Rational:
                coefficient *= Fraction(int(factor.p), int(factor.q))
                continue
            base, exponent = _as_power(factor)
            if not 0 <= exponent <= _HIGHEST_POWER or base.is_Add:
                return None
            powers[base] = powers.get(base, 0) + exponent
        found.append(powers)
        coefficients.append(coefficient)
    generators = sorted({g for powers in found for g in powers}, key=str)
    terms: Polynomial = {}
    for powers, coefficient in zip(found, coefficients, strict=True):
        monomial = tuple(powers.get(g, 0) for g in generators)
        terms[monomial] = terms.get(monomial, Fraction(0)) + coefficient
    return generators, {m: c for m, c in terms.items() if c}


def _as_power(factor: Expr) -> tuple[Expr, int]:
    """(g, n) with factor = g**n; exp(3x) is (exp(x), 3), because exp(x) is the generator."""
    if isinstance(factor, sympy.exp):
        n, rest = factor.args[0].as_coeff_Mul()
        if n.is_Integer and n > 1:
            return sympy.exp(rest), int(n)
        return factor, 1
    if factor.is_Pow and factor.exp.is_Rational and factor.exp.q > 1:
        return factor.base ** Rational(1, factor.exp.q), int(factor.exp.p)
    if factor.is_Pow and factor.exp.is_Integer:
        return factor.base, int(factor.exp)
    return factor, 1


def generator_range(g: Expr, box: Box) -> tuple[Fraction | None, Fraction | None] | None:
    """Rational ends of a generator's values on the box, None for an infinite one."""
    if g in box.ends:
        low, high = box.ends[g]
        return (None if low == -oo else _fraction(low), None if high == oo else _fraction(high))
    values = over(g, box)
    if values is None:
        return None
    low, high = _dyadic(values.low, up=False), _dyadic(values.high, up=True)
    positive = sign(g, box)
    if positive is not None and positive.value > 0 and (low is None or low < 0):
        low = Fraction(0)
    return low, high


def _fraction(value: Expr) -> Fraction:
    return Fraction(int(value.p), int(value.q))


def _dyadic(end: arb, up: bool) -> Fraction | None:
    """An end as a short rational beyond it (an integer or zero end stays exact)."""
    if not end.is_finite():
        return None
    scaled = end * 2**40
    if not scaled.abs_upper() < arb(2) ** 200:
        return None
    rounded = (scaled.ceil() if up else scaled.floor()).unique_fmpz()
    return None if rounded is None else Fraction(int(rounded), 2**40)


def change_basis(terms: Polynomial, i: int, degree: int, low: Fraction | None, high: Fraction | None) -> Polynomial:
    """Write generator i as low + s, high - s or (low + high s)/(1 + s) with s > 0; the power of 1 + s is dropped."""
    rows = []
    for k in range(degree + 1):
        if low is not None and high is not None:
            # (low + high s)^k (1 + s)^(degree - k)
            row = _multiply(_binomial(low, high, k), _binomial(Fraction(1), Fraction(1), degree - k))
        elif low is not None:
            row = _binomial(low, Fraction(1), k)
        else:
            assert high is not None
            row = _binomial(high, Fraction(-1), k)
        rows.append(row)
    result: Polynomial = {}
    for monomial, coefficient in terms.items():
        for power, factor in enumerate(rows[monomial[i]]):
            if factor:
                key = (*monomial[:i], power, *monomial[i + 1 :])
                result[key] = result.get(key, Fraction(0)) + coefficient * factor
    return {m: c for m, c in result.items() if c}


def _binomial(a: Fraction, b: Fraction, n: int) -> list[Fraction]:
    return [comb(n, j) * a ** (n - j) * b**j for j in range(n + 1)]


def _multiply(p: Iterable[Fraction], q: Iterable[Fraction]) -> list[Fraction]:
    p, q = list(p), list(q)
    result = [Fraction(0)] * (len(p) + len(q) - 1)
    for (i, a), (j, b) in product(enumerate(p), enumerate(q)):
        result[i + j] += a * b
    return result


def strictly_inside(g: Expr, box: Box) -> bool:
    """Whether a generator stays off the ends of its range on the open box."""
    if g in box.ends:
        return box.ends[g][0] != box.ends[g][1]
    if isinstance(g, sympy.exp):
        # The exponential of a monomial of one strict sign stays off 0 and 1, the only exact ends.
        exponent, bounds = sign(g.args[0], box), generator_range(g, box)
        return exponent is not None and exponent.strict and bounds is not None and _only_ends(bounds)
    if isinstance(g, sympy.log):
        inner, bounds = sign(g, box), generator_range(g, box)
        return inner is not None and inner.strict and bounds is not None and set(bounds) <= {None, Fraction(0)}
    return False


def _only_ends(bounds: tuple[Fraction | None, Fraction | None]) -> bool:
    return set(bounds) <= {None, Fraction(0), Fraction(1)}
