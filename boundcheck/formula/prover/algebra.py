"""The normal form: a product of irreducible polynomials in exponentials, logarithms, roots and symbols.

Equal rational functions of the same generators have the same normal form, so an identity is proved when it comes out.
"""

from __future__ import annotations

from functools import lru_cache
from math import comb, gcd, lcm, prod
from typing import Any

import sympy
from flint import Ordering, fmpq, fmpq_mpoly, fmpq_mpoly_ctx
from sympy import Expr, Integer, Rational, exp, log

from boundcheck.errors import UnsupportedClaim
from boundcheck.formula.prover.boxes import Box
from boundcheck.formula.prover.signs import Sign, sign
from boundcheck.formula.rigorous import LONGEST, Unwieldy

_HIGHEST_POWER = 64
_LARGEST_FACTORED = 10**12
_MOST_TERMS = 3000
_HIGHEST_DEGREE = 512
_GROWN = "the normal form has too many terms"

Factors = tuple[Rational, tuple[tuple[Expr, int], ...]]


class _Exponential:
    """A leaf exp(Σ coefficient · monomial), kept apart until all exponents of a formula are known."""

    def __init__(self, exponents: dict[Expr, Rational]) -> None:
        self.exponents = exponents


class _Formula:
    """One formula on its way into a polynomial ring."""

    def __init__(self, box: Box) -> None:
        self.box = box
        self.steps: dict[Expr, int] = {}
        self.monomials: dict[Expr, Rational] = {}

    def shape(self, e: Expr) -> Any:
        """Nested (operation, ...) over leaves: rationals, generators, exponentials."""
        if e.is_Rational:
            return e
        if e.is_Add:
            return ("+", [self.shape(a) for a in e.args])
        if e.is_Mul:
            return ("*", [self.shape(a) for a in e.args])
        if e.is_Pow and e.base is not sympy.E:
            return self.power(*e.args)
        if e.is_Pow or isinstance(e, exp):
            return self.exponential(e.args[-1])
        if isinstance(e, sympy.sinh | sympy.cosh | sympy.tanh):
            return self.shape(e.rewrite(exp))
        if isinstance(e, log):
            return self.shape_of_log(e.args[0])
        if isinstance(e, sympy.erf):
            return ("+", [Integer(1), ("*", [Integer(-1), self.shape(sympy.erfc(*e.args))])])
        if e is sympy.E:
            return self.exponential(Integer(1))
        if e.is_Symbol or e is sympy.pi:
            return ("g", e)
        if e.is_Atom:
            raise UnsupportedClaim(f"{e} is no finite number; rewrite the claim without it")
        return ("g", e.func(*(expression(factors(a, self.box)) for a in e.args)))

    def power(self, base: Expr, exponent: Expr) -> Any:
        if exponent.is_Integer:
            return ("^", self.shape(base), int(exponent))
        if not exponent.is_Rational:
            return self.exponential(exponent * log(base))
        coefficient, parts = factors(base, self.box)
        signs = [sign(f, self.box) for f, _ in parts]
        known = [s.value for s in signs if s is not None and s.strict]
        total = coefficient * sympy.prod(s ** (k % 2) for s, (_, k) in zip(known, parts, strict=False))
        if total == 0:
            return ("^", total, 1 if exponent > 0 else -1)
        if len(known) < len(parts) or total < 0:
            return ("g", expression((coefficient, parts)) ** exponent)
        roots = [self.root(Integer(p), exponent * k) for p, k in _primes(total)]
        return ("*", [*roots, *(self.root(f * s, exponent * k) for (f, k), s in zip(parts, known, strict=True))])

    def root(self, base: Expr, exponent: Rational) -> Any:
        if isinstance(base, exp):
            return self.exponential(exponent * base.args[0])
        direction = 1 if exponent > 0 else -1
        whole, part = divmod(abs(exponent), 1)
        pieces: list[Any] = [("^", self.shape(base), direction * int(whole))] if whole else []
        if part:
            pieces.append(("^", ("g", base ** Rational(1, part.q)), direction * int(part.p)))
        return ("*", pieces)

    def exponential(self, argument: Expr) -> Any:
        pieces: list[Any] = []
        exponents: dict[Expr, Rational] = {}
        for monomial, coefficient in terms(argument, self.box):
            if isinstance(monomial, log):
                pieces.append(self.power(monomial.args[0], coefficient))
                continue
            exponents[monomial] = coefficient
            known = self.monomials.get(monomial, Integer(0))
            self.monomials[monomial] = _common(known, coefficient)
        return ("*", [*pieces, _Exponential(exponents)])

    def shape_of_log(self, argument: Expr) -> Any:
        coefficient, parts = factors(argument, self.box)
        if coefficient == 0:
            raise Unwieldy(f"the logarithm of {argument} is taken, which is 0")
        signs = [sign(f, self.box) for f, _ in parts]
        known = [s for s in signs if s is not None and s.strict]
        if len(known) < len(parts):
            return ("g", log(expression((coefficient, parts))))
        summands: list[Any] = [("*", [Integer(k), ("g", log(Integer(p)))]) for p, k in _primes(abs(coefficient))]
        for (f, k), s in zip(parts, known, strict=True):
            coefficient *= s.value ** (k % 2)
            summands.append(("*", [Integer(k), self.log_of_factor(f if s.value > 0 else -f)]))
        if coefficient < 0:
            return ("g", log(expression((coefficient, parts)), evaluate=False))
        return ("+", summands)

    def log_of_factor(self, f: Expr) -> Any:
        if isinstance(f, exp):
            return self.shape(f.args[0])
        if f.is_Pow:
            return ("*", [f.exp, ("g", log(f.base))])
        return ("g", log(f))


def _common(a: Rational, b: Rational) -> Rational:
    """The greatest rational of which both are multiples."""
    return Rational(gcd(int(a.p) * int(b.q), int(b.p) * int(a.q)), int(a.q) * int(b.q))


def _primes(value: Rational) -> list[tuple[int, int]]:
    """Prime powers of a positive rational; a huge numerator or denominator stays whole."""
    result: list[tuple[int, int]] = []
    for part, direction in ((int(value.p), 1), (int(value.q), -1)):
        if part > 1:
            split = sympy.factorint(part) if part <= _LARGEST_FACTORED else {part: 1}
            result += [(int(p), direction * int(k)) for p, k in sorted(split.items())]
    return result


def _leaves(shape: Any) -> set[Expr]:
    if isinstance(shape, _Exponential) or not isinstance(shape, tuple):
        return set()
    if shape[0] == "g":
        return {shape[1]}
    children = [shape[1]] if shape[0] == "^" else shape[1]
    return set().union(*map(_leaves, children)) if children else set()


class _Ring:
    """ℚ[generators] for one formula."""

    def __init__(self, formula: _Formula, shape: Any) -> None:
        self.units = formula.monomials
        exponentials = [exp(m * unit) for m, unit in self.units.items()]
        self.generators = sorted(_leaves(shape) | set(exponentials), key=str)
        names = tuple(f"g{i}" for i in range(len(self.generators))) or ("g0",)
        context = fmpq_mpoly_ctx.get(names, Ordering.lex)
        self.gens = dict(zip(self.generators, context.gens(), strict=False))
        self.one: fmpq_mpoly = context.constant(1)

    def value(self, shape: Any) -> tuple[fmpq_mpoly, fmpq_mpoly]:
        """Numerator and denominator without a common factor."""
        if isinstance(shape, _Exponential):
            result = (self.one, self.one)
            for monomial, coefficient in shape.exponents.items():
                unit = self.units[monomial]
                power = int(coefficient / unit)
                result = self.times(result, self.raised((self.gens[exp(monomial * unit)], self.one), power))
            return result
        if not isinstance(shape, tuple):
            return fmpq(int(shape.p), int(shape.q)) * self.one, self.one
        if shape[0] == "g":
            return self.gens[shape[1]], self.one
        if shape[0] == "^":
            return self.raised(self.value(shape[1]), shape[2])
        result = (self.one, self.one) if shape[0] == "*" else (0 * self.one, self.one)
        for child in shape[1]:
            value = self.value(child)
            result = self.times(result, value) if shape[0] == "*" else self.plus(result, value)
        return result

    def raised(self, value: tuple[fmpq_mpoly, fmpq_mpoly], power: int) -> tuple[fmpq_mpoly, fmpq_mpoly]:
        top, bottom = value if power >= 0 else (value[1], value[0])
        power = abs(power)
        if bottom == 0:
            raise Unwieldy("a number is divided by 0")
        if power > _HIGHEST_POWER or any(_terms_of_power(p, power) > _MOST_TERMS for p in (top, bottom)):
            raise Unwieldy(_GROWN)
        return top**power, bottom**power

    def times(self, a: tuple[Any, Any], b: tuple[Any, Any]) -> tuple[fmpq_mpoly, fmpq_mpoly]:
        return self.reduced(a[0] * b[0], a[1] * b[1])

    def plus(self, a: tuple[Any, Any], b: tuple[Any, Any]) -> tuple[fmpq_mpoly, fmpq_mpoly]:
        if a[1] == b[1]:
            return self.reduced(a[0] + b[0], a[1])
        return self.reduced(a[0] * b[1] + b[0] * a[1], a[1] * b[1])

    def reduced(self, top: fmpq_mpoly, bottom: fmpq_mpoly) -> tuple[fmpq_mpoly, fmpq_mpoly]:
        if len(top) + len(bottom) > _MOST_TERMS:
            raise Unwieldy(_GROWN)
        if len(bottom) == 1 and bottom.is_constant():
            return top, bottom
        common = top.gcd(bottom)
        return top / common, bottom / common

    def back(self, polynomial: fmpq_mpoly) -> Expr:
        """A ring element as an expression."""
        summands = []
        for monomial, c in polynomial.to_dict().items():
            if max(c.p.bit_length(), c.q.bit_length()) > LONGEST:
                raise Unwieldy(_GROWN)
            powers = [g**k for g, k in zip(self.generators, monomial, strict=False) if k]
            summands.append(sympy.Mul(Rational(int(c.p), int(c.q)), *powers))
        return sympy.Add(*summands)


def _terms_of_power(polynomial: fmpq_mpoly, power: int) -> int:
    """At most so many terms has the power of a polynomial."""
    dense = prod(degree * power + 1 for degree in polynomial.degrees())
    return min(dense, comb(max(len(polynomial), 1) + power - 1, power))


@lru_cache(maxsize=20000)
def factors(e: Expr, box: Box) -> Factors:
    """Coefficient and irreducible factors with exponents (negative in the denominator) of an expression on a box.

    Raises
    ------
    Unwieldy
        When the polynomials grow beyond use, or something is divided by 0.
    """
    formula = _Formula(box)
    shape = formula.shape(e)
    ring = _Ring(formula, shape)
    top, bottom = ring.value(shape)
    coefficient, parts = Rational(1), list[tuple[Expr, int]]()
    bases = {g.base for g in ring.generators if g.is_Pow}
    again = False
    for polynomial, direction in ((top, 1), (bottom, -1)):
        if polynomial == 0:
            return Integer(0), ()
        if len(polynomial) > 1 and max(polynomial.degrees()) > _HIGHEST_DEGREE:
            raise Unwieldy(_GROWN)
        content, split = polynomial.factor()
        coefficient *= Rational(int(content.p), int(content.q)) ** direction
        for f, k in split:
            scale, factor = _primitive(ring.back(f))
            if -factor in bases:
                # sqrt(1 - q)/(q - 1) is -1/sqrt(1 - q).
                scale, factor = -scale, -factor
            again |= _powers_of_roots(f, ring)
            coefficient *= scale ** (direction * int(k))
            if factor != 1:
                parts.append((factor, direction * int(k)))
    result = coefficient, tuple(parts)
    # Converting back turns sqrt(2)**2 into 2, which the ring did not know.
    return factors(expression(result), box) if again else result


def _powers_of_roots(polynomial: fmpq_mpoly, ring: _Ring) -> bool:
    degrees = polynomial.degrees()
    return any(
        g.is_Pow and g.exp.is_Rational and degree >= g.exp.q
        for g, degree in zip(ring.generators, degrees, strict=False)
    )


def _primitive(f: Expr) -> tuple[Rational, Expr]:
    """Integer coefficients without a common divisor, the last one positive."""
    if not f.is_Add:
        coefficient, rest = f.as_coeff_Mul()
        return coefficient, rest
    coefficients = [t.as_coeff_Mul()[0] for t in f.args]
    scale = Rational(gcd(*(int(c.p) for c in coefficients)), lcm(*(int(c.q) for c in coefficients)))
    ordered = sorted(f.args, key=str)
    scale = scale if ordered[-1].as_coeff_Mul()[0] > 0 else -scale
    return scale, sympy.Add(*(t / scale for t in f.args))


def expression(parts: Factors) -> Expr:
    """The product that the factors are."""
    coefficient, split = parts
    return sympy.Mul(coefficient, *(f**k for f, k in split))


def terms(e: Expr, box: Box) -> list[tuple[Expr, Rational]]:
    """Monomials and coefficients of a sum whose denominator is one monomial; else the whole as one."""
    coefficient, split = factors(e, box)
    sums = [(f, k) for f, k in split if f.is_Add]
    if all(k > 0 for _, k in sums):
        outer = sympy.Mul(coefficient, *(f**k for f, k in split if not f.is_Add))
        whole = sympy.expand(outer * sympy.Mul(*(f**k for f, k in sums)))
        return [(m, c) for c, m in (t.as_coeff_Mul() for t in sympy.Add.make_args(whole)) if c]
    return [(expression((Integer(1), split)), coefficient)]


def definite(e: Expr, box: Box) -> Sign | None:
    """The sign by structure, or else by that of every factor of the normal form."""
    direct = sign(e, box)
    if direct is not None and direct.strict:
        return direct
    try:
        return sign(expression(factors(e, box)), box) or direct
    except Unwieldy:
        return direct
