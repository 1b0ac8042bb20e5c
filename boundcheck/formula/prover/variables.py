"""Changes of one variable that make a goal simpler: the logarithm of odds, and a shift to where two terms balance."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import sympy
from sympy import Expr, Integer, Rational, Symbol, exp, log, oo

from boundcheck.formula.prover.algebra import expression, factors
from boundcheck.formula.prover.boxes import Box
from boundcheck.formula.prover.certificate import Node
from boundcheck.formula.prover.descent import Descent
from boundcheck.formula.prover.forms import forms
from boundcheck.formula.prover.limits import regular
from boundcheck.formula.rigorous import Unwieldy

_ODDS = {Integer(0): oo, Rational(1, 2): Integer(0), Integer(1): -oo}
"""log((1 - p)/p) at the ends of a side."""


@dataclass(frozen=True)
class Change:
    """`symbol` = `value`, which takes all values between the ends of its side as `fresh` runs over its own."""

    symbol: Symbol
    value: Expr
    fresh: Symbol
    side: tuple[Expr, Expr]

    def __call__(self, goal: Expr, box: Box) -> tuple[Expr, Box]:
        """Goal, each term in its normal form, and box in the new variable."""
        sides = (*box.face(self.symbol).sides, (self.fresh, *self.side))
        box = Box(tuple(sorted(sides, key=lambda s: s[0].name)))
        terms = sympy.Add.make_args(goal.xreplace({self.symbol: self.value}))
        return sympy.Add(*(expression(factors(term, box)) for term in terms)), box

    def wrap(self, goal: Expr, box: Box, proof: Node) -> Node:
        """The proof of the goal from that in the new variable."""
        detail = {"symbol": self.symbol, "value": self.value, "fresh": self.fresh, "side": [str(e) for e in self.side]}
        return Node("change", goal, box, detail, (proof,))


def by_change(goal: Expr, box: Box, effort: int) -> Node | None:
    """A proof in other variables, None where there are none that help."""
    if not regular(goal, box):
        return None
    try:
        for change in _odds(goal, box):
            changed = change(goal, box)
            proof = _by_shift(*changed, effort) or Descent(effort).search(*changed)
            if proof is not None:
                return change.wrap(goal, box, proof)
        return _by_shift(goal, box, effort)
    except Unwieldy:
        return None


def _by_shift(goal: Expr, box: Box, effort: int) -> Node | None:
    for change in dict.fromkeys(_shifts(goal, box)):
        proof = Descent(effort).search(*change(goal, box))
        if proof is not None:
            return change.wrap(goal, box, proof)
    return None


def _odds(goal: Expr, box: Box) -> Iterator[Change]:
    """p = 1/(1 + e^w), or 1/(1 + e^-w) beyond 1/2, where logarithms of both p and 1 - p occur."""
    for symbol, low, high in box.sides:
        if low in _ODDS and high in _ODDS and low < high and {symbol, symbol - 1} <= _inside_logarithms(goal, box):
            fresh = Symbol(f"{symbol.name}_w", real=True)
            direction = 1 if low < Rational(1, 2) else -1
            ends = sorted(direction * _ODDS[end] for end in (low, high))
            yield Change(symbol, 1 / (1 + exp(direction * fresh)), fresh, (ends[0], ends[1]))


def _inside_logarithms(goal: Expr, box: Box) -> set[Expr]:
    found = {f for logarithm in goal.atoms(log) for f, _ in factors(logarithm.args[0], box)[1]}
    return found | {-f for f in found}


def _shifts(goal: Expr, box: Box) -> Iterator[Change]:
    """x = r + w where the logarithm of e^x + e^r occurs in a form of the goal."""
    for form in forms(goal, box):
        for logarithm in sorted(form.value.atoms(log), key=str):
            exponents = [_exponent(term) for term in sympy.Add.make_args(logarithm.args[0])]
            known = [e for e in exponents if e is not None]
            if len(exponents) != 2 or len(known) != 2:
                continue
            gap = known[0] - known[1]
            for symbol, low, high in box.sides:
                rate = gap.coeff(symbol)
                rest = gap - rate * symbol
                if (low, high) == (-oo, oo) and rate in (1, -1) and rest != 0 and symbol not in rest.free_symbols:
                    fresh = Symbol(f"{symbol.name}_w", real=True)
                    yield Change(symbol, fresh - rest / rate, fresh, (-oo, oo))


def _exponent(term: Expr) -> Expr | None:
    """The logarithm of a product of exponentials."""
    parts = [f for f in sympy.Mul.make_args(term) if f != 1]
    return sympy.cancel(sympy.Add(*(f.args[0] for f in parts))) if all(isinstance(f, exp) for f in parts) else None
