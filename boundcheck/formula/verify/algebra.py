"""Expressions as rational functions of independent generators."""

from __future__ import annotations

from collections.abc import Callable
from math import lcm

import sympy
from sympy import Dummy, Expr, Integer, Rational, exp, log

from boundcheck.formula.verify.reading import expandable

Signs = Callable[[Expr], tuple[int, bool] | None]
"""The sign of an expression, and whether 0 is left out; None where unknown."""


class Algebra:
    """Expressions as rational functions of independent generators, so that what cancels is 0.

    Generators are symbols, exponentials of monomials, logarithms and roots of irreducible factors that are positive on
    the box, and whole functions of anything else. That two expressions agree in them is sufficient for their equality.
    """

    def __init__(self, signs: Signs) -> None:
        self.signs = signs
        self.generators: dict[Expr, Dummy] = {}
        self.meanings: dict[Expr, Expr] = {}
        self.whole: dict[Dummy, Expr] = {}
        self.roots: dict[Dummy, tuple[int, Expr]] = {}
        self.memo: dict[Expr, Expr] = {}

    def zero(self, e: Expr) -> bool:
        """Whether the expression vanishes identically."""
        if e == 0:
            return True
        numerator = sympy.fraction(sympy.together(self.reduced(e)))[0]
        numerator = sympy.expand(numerator)
        # In the generators of the numerator; the last root may hold earlier ones.
        parts = {whole.base: part ** (1 / whole.exp) for part, whole in self.whole.items()}
        for root, (degree, base) in reversed(self.roots.items()):
            if numerator.has(root):
                numerator = sympy.expand(sympy.rem(numerator, root**degree - base.xreplace(parts), root))
        return bool(numerator == 0)

    def reduced(self, e: Expr) -> Expr:
        """The expression in generators, with whole powers of each only."""
        result = self.shape(e)
        units: dict[Expr, int] = {}
        for power in result.atoms(sympy.Pow):
            if power.base.is_Dummy and power.exp.is_Rational:
                units[power.base] = lcm(units.get(power.base, 1), int(power.exp.q))
        for generator, unit in units.items():
            if unit > 1:
                part = Dummy(f"{generator.name}/{unit}", positive=True)
                self.meanings[part] = self.meaning(generator) ** Rational(1, unit)
                if isinstance(self.meaning(generator), exp):
                    self.meanings[part] = exp(self.meaning(generator).args[0] / unit)
                self.whole[part] = generator ** Rational(1, unit)
                result = result.xreplace({generator: part**unit})
        return expandable(result)

    def meaning(self, generator: Expr) -> Expr:
        return self.meanings[generator]

    def back(self, e: Expr) -> Expr:
        """The expression that one in generators stands for."""
        return e.xreplace(self.meanings)

    def generator(self, e: Expr) -> Dummy:
        if e not in self.generators:
            known = self.signs(e)
            positive = True if known is not None and known[0] > 0 and known[1] else None
            dummy = Dummy(f"g{len(self.generators)}", real=True, positive=positive)
            self.generators[e], self.meanings[dummy] = dummy, e
        return self.generators[e]

    def shape(self, e: Expr) -> Expr:
        if e not in self.memo:
            self.memo[e] = self._shape(e)
        return self.memo[e]

    def _shape(self, e: Expr) -> Expr:
        if e.is_Rational:
            return e
        if e.is_Symbol or e is sympy.pi:
            return self.generator(e)
        if e is sympy.E or isinstance(e, exp) or (e.is_Pow and e.base is sympy.E):
            return self.exponential(Integer(1) if e is sympy.E else e.args[-1])
        if e.is_Add or e.is_Mul:
            return e.func(*(self.shape(a) for a in e.args))
        if e.is_Pow:
            return self.power(*e.args)
        if isinstance(e, sympy.sinh | sympy.cosh | sympy.tanh):
            return self.shape(e.rewrite(exp))
        if isinstance(e, sympy.erf):
            return 1 - self.shape(sympy.erfc(*e.args))
        if isinstance(e, log):
            return self.logarithm(e.args[0])
        return self.generator(e.func(*(self.back(self.normal(a)) for a in e.args)))

    def normal(self, e: Expr) -> Expr:
        return sympy.factor(self.cancelled(e)).xreplace(self.whole)

    def cancelled(self, e: Expr) -> Expr:
        return sympy.cancel(sympy.together(self.reduced(e)))

    def exponential(self, argument: Expr) -> Expr:
        whole = self.cancelled(argument)
        bottom = sympy.denom(whole)
        summands = sympy.Add.make_args(sympy.expand(whole)) if not bottom.is_Add else [sympy.factor(whole)]
        result = Integer(1)
        for summand in summands:
            coefficient, monomial = summand.as_coeff_Mul()
            meaning = self.back(monomial)
            if isinstance(meaning, log):
                result *= self.power(meaning.args[0], coefficient)
            elif meaning == 1:
                result *= self.generator(sympy.exp(1, evaluate=False)) ** coefficient
            else:
                result *= self.generator(exp(meaning)) ** coefficient
        return result

    def _split(self, e: Expr) -> list[tuple[Expr, Rational]] | None:
        """Positive factors in generators with exponents; None if some sign is unknown."""
        coefficient, parts = Rational(1), list[tuple[Expr, Rational]]()
        for direction, polynomial in zip((1, -1), sympy.fraction(self.cancelled(e)), strict=True):
            content, factors = (polynomial, []) if polynomial.is_Rational else sympy.factor_list(polynomial)
            coefficient *= content**direction
            for f, k in factors:
                known = self.signs(self.back(f))
                if known is None or not known[1]:
                    return None
                coefficient *= known[0] ** k
                parts.append((f.xreplace(self.whole) * known[0], Integer(direction * k)))
        if not coefficient.is_Rational or coefficient <= 0:
            return None
        return parts + [(Integer(p), Integer(k)) for p, k in sympy.factorrat(coefficient).items()]

    def power(self, base: Expr, exponent: Expr) -> Expr:
        if exponent.is_Integer:
            return self.shape(base) ** exponent
        if not exponent.is_Rational:
            return self.exponential(exponent * log(base))
        parts = self._split(base)
        if parts is None:
            return self.root(self.normal(base), int(exponent.q)) ** exponent.p
        result = Integer(1)
        for f, k in parts:
            power = k * exponent
            simple = f.is_Dummy and f.is_positive
            result *= f**power if simple or power.is_Integer else self.root(f, int(power.q)) ** power.p
        return result

    def root(self, base: Expr, degree: int) -> Dummy:
        root = self.generator(self.back(base) ** Rational(1, degree))
        expandable(root**degree)
        self.roots[root] = degree, base
        return root

    def logarithm(self, argument: Expr) -> Expr:
        parts = self._split(argument)
        if parts is None:
            return self.generator(log(self.back(self.normal(argument))))
        total = Integer(0)
        for f, k in parts:
            meaning = self.back(f)
            if meaning.is_Pow:
                meaning, k = meaning.base, k * meaning.exp
            if isinstance(meaning, exp):
                total += k * self.shape(meaning.args[0])
            else:
                total += k * self.generator(log(meaning))
        return total
