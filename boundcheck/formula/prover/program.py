"""An expression as a straight-line program, run on balls at a point or on intervals over a box."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import sympy
from flint import arb
from sympy import Expr, Symbol

from boundcheck.errors import UnsupportedClaim
from boundcheck.formula.prover.boxes import Box
from boundcheck.formula.prover.extended import Interval, Undefined
from boundcheck.formula.rigorous import precision, rational

BITS = 96
_HIGHEST_ROOT = 10**9
_SINGLE: dict[Any, str] = {f: f.__name__ for f in (sympy.log, sympy.erf, sympy.erfc, sympy.sin, sympy.cos, sympy.atan)}
_SINGLE[sympy.Abs] = "__abs__"

Step = Callable[[list[Any]], Any]


class Program:
    """Each step reads earlier values from a list and appends its own; common subexpressions are one step."""

    def __init__(self, e: Expr) -> None:
        self.symbols: list[Symbol] = sorted(e.free_symbols, key=str)
        self.constants: list[tuple[int, Expr]] = []
        self.steps: list[Step | None] = [None] * len(self.symbols)
        self.index: dict[Expr, int] = {s: i for i, s in enumerate(self.symbols)}
        self.result = self._compile(e)

    def run(self, arguments: Mapping[Symbol, Any], constant: Callable[[arb], Any]) -> Any:
        """Evaluate with values of one kind; `constant` makes a value out of a ball."""
        values: list[Any] = [None] * len(self.steps)
        for i, symbol in enumerate(self.symbols):
            values[i] = arguments[symbol]
        for i, e in self.constants:
            values[i] = constant(_constant(e))
        for i, step in enumerate(self.steps):
            if step is not None:
                values[i] = step(values)
        return values[self.result]

    def _compile(self, e: Expr) -> int:
        if e not in self.index:
            step = None if e.is_Atom else self._step(e)
            if e.is_Atom:
                self.constants.append((len(self.steps), e))
            self.steps.append(step)
            self.index[e] = len(self.steps) - 1
        return self.index[e]

    def _step(self, e: Expr) -> Step:
        if e.is_Pow and e.base is not sympy.E:
            return self._power(e)
        inputs = [self._compile(a) for a in ([e.exp] if e.is_Pow else e.args)]
        first, rest = inputs[0], inputs[1:]
        if e.is_Add or e.is_Mul:
            multiply = e.is_Mul

            def fold(values: list[Any]) -> Any:
                total = values[first]
                for i in rest:
                    total = total * values[i] if multiply else total + values[i]
                return total

            return fold
        if isinstance(e, sympy.Max | sympy.Min):
            return self._extreme(inputs, "max" if isinstance(e, sympy.Max) else "min")
        if e.is_Pow or isinstance(e, sympy.exp):
            return lambda values: values[first].exp()
        if isinstance(e, sympy.sinh | sympy.cosh | sympy.tanh):
            return self._again(e.rewrite(sympy.exp))
        name = _SINGLE.get(type(e))
        if name is None:
            raise UnsupportedClaim(f"{type(e).__name__} in {e} cannot be proved; rewrite the claim without it")
        return lambda values: getattr(values[first], name)()

    def _extreme(self, inputs: list[int], name: str) -> Step:
        def fold(values: list[Any]) -> Any:
            result = values[inputs[0]]
            for i in inputs[1:]:
                result = getattr(result, name)(values[i])
            return result

        return fold

    def _again(self, e: Expr) -> Step:
        i = self._compile(e)
        return lambda values: values[i]

    def _power(self, e: Expr) -> Step:
        base, exponent = e.args
        if not exponent.is_Rational or exponent.q > _HIGHEST_ROOT:
            return self._again(sympy.exp(exponent * sympy.log(base), evaluate=False))
        i, p, q = self._compile(base), int(exponent.p), int(exponent.q)
        if q == 1:
            return lambda values: values[i] ** p
        return lambda values: values[i].root(q) ** p


def _constant(e: Expr) -> arb:
    if e.is_Rational:
        return rational(e)
    if e is sympy.pi:
        return arb.pi()
    if e is sympy.E:
        return arb.const_e()
    raise UnsupportedClaim(f"{e} is no finite number; rewrite the claim without it")


@lru_cache(maxsize=4096)
def program(e: Expr) -> Program:
    """The expression's program, compiled once."""
    return Program(e)


def at(e: Expr, point: Mapping[Symbol, Expr], bits: int = BITS) -> arb:
    """The value at a rational point as a ball, not finite where undefined or not resolved."""
    with precision(bits):
        return program(e).run({s: rational(v) for s, v in point.items()}, lambda ball: ball)


def over(e: Expr, box: Box) -> Interval | None:
    """An interval that holds all values on the box, None where some are not known to be real."""
    with precision(BITS):
        try:
            return program(e).run({s: Interval.between(a, b) for s, a, b in box.sides}, Interval.point)
        except Undefined:
            return None


def sign_at(e: Expr, point: Mapping[Symbol, Expr]) -> int | None:
    """The sign at a rational point: -1 or 1 where 400 bits tell it, 0 where the value is exactly 0, else None."""
    for bits in (BITS, 400):
        value = at(e, point, bits)
        if value.is_finite() and (value > 0 or value < 0 or value == 0):
            return 1 if value > 0 else -1 if value < 0 else 0
    return None
