"""Other forms of f ≥ 0 whose derivative is simpler: logarithms or exponentials of both sides, or a quotient."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import sympy
from sympy import Expr

from boundcheck.formula.prover.algebra import expression, factors
from boundcheck.formula.prover.boxes import Box
from boundcheck.formula.prover.certificate import Node
from boundcheck.formula.prover.polynomials import degree
from boundcheck.formula.prover.signs import sign
from boundcheck.formula.rigorous import Unwieldy, built

_MOST_QUOTIENTS, _HIGHEST_DEGREE = 4, 32


@dataclass(frozen=True)
class Form:
    """An expression whose nonnegativity implies that of `goal`, and the rule that says so."""

    goal: Expr
    box: Box
    value: Expr
    rule: str
    detail: tuple[tuple[str, Expr], ...] = ()

    def wrap(self, proof: Node) -> Node:
        """The proof of the goal from that of the form."""
        return Node(self.rule, self.goal, self.box, dict(self.detail), (proof,)) if self.rule else proof


def forms(f: Expr, box: Box) -> Iterator[Form]:
    """The expression itself, quotients by coefficients of its generators, the difference of logarithms."""
    yield Form(f, box, f, "")
    try:
        if f.is_Add:
            yield from _logarithms(f, box)
            yield from _quotients(f, box)
    except Unwieldy:
        return


def _logarithms(f: Expr, box: Box) -> Iterator[Form]:
    groups: dict[int, list[Expr]] = {1: [], -1: []}
    for term in f.args:
        known = sign(term, box)
        if known is None or not known.strict:
            return
        groups[known.value].append(term)
    if not (groups[1] and groups[-1]) or not any(t.has(sympy.exp) for t in f.args):
        return
    larger, smaller = sympy.Add(*groups[1]), -sympy.Add(*groups[-1])
    value = _logarithm(larger, box) - _logarithm(smaller, box)
    yield Form(f, box, value, "logarithms", (("larger", larger), ("smaller", smaller)))


def squares(f: Expr, box: Box) -> Iterator[Form]:
    """The difference of the squares of both sides, for a sum of roots and rational functions."""
    roots = [e for e in f.atoms(sympy.Pow) if e.exp.is_Rational and e.exp.q == 2]
    negative = [t for t in f.args if (known := sign(t, box)) is not None and known.value < 0]
    if not (f.is_Add and roots and negative) or f.has(sympy.Function) or degree(f) > _HIGHEST_DEGREE:
        return
    smaller = -sympy.Add(*negative)
    larger = f + smaller
    if sign(larger + smaller, box) == (1, True):
        value = larger**2 - smaller**2
        # Expanded, for the normal form takes a root for independent of its square; but what vanishes shows no factor.
        yield Form(f, box, sympy.expand(value) or value, "scale", (("multiplier", 1 / (larger + smaller)),))


def exponentials(f: Expr, box: Box) -> Iterator[Form]:
    """The difference of exponentials of both sides, for a sum of rational multiples of logarithms and a rest."""
    logarithms = [t for t in sympy.Add.make_args(f) if isinstance(t.as_coeff_Mul()[1], sympy.log)]
    rest = f - sympy.Add(*logarithms)
    if not logarithms or rest.has(sympy.log):
        return
    larger = sympy.Add(*(t for t in logarithms if t.as_coeff_Mul()[0] > 0))
    smaller = larger - f
    try:
        value = sympy.Add(
            *(expression(factors(sign * built(sympy.exp, e), box)) for sign, e in ((1, larger), (-1, smaller)))
        )
    except Unwieldy:
        return
    yield Form(f, box, value, "exponentials", (("larger", larger), ("smaller", smaller)))


def _logarithm(e: Expr, box: Box) -> Expr:
    """The logarithm of a positive expression, written out over its factors."""
    coefficient, parts = factors(e, box)
    total = sympy.log(abs(coefficient))
    for f, k in parts:
        known = sign(f, box)
        total += k * (f.args[0] if isinstance(f, sympy.exp) else sympy.log(f if known and known.value > 0 else -f))
    return total


def _quotients(f: Expr, box: Box) -> Iterator[Form]:
    """f / p for f = p T + q: the derivative of ±T + q/p is free of T when T is a logarithm."""
    count = 0
    found = f.atoms(sympy.log, sympy.exp, sympy.erfc, sympy.atan)
    generators = sorted(found, key=lambda g: (not isinstance(g, sympy.log), str(g)))
    seen: set[Expr] = set()
    for generator in generators:
        with_it = [t for t in f.args if generator in t.args or t == generator]
        rest = [t for t in f.args if t not in with_it]
        if not rest or any(t.has(generator) for t in rest):
            continue
        p, q = sympy.Add(*(t / generator for t in with_it)), sympy.Add(*rest)
        for divisor in (p, q):
            known = sign(divisor, box)
            if divisor.is_number or divisor in seen or known is None or not known.strict:
                continue
            seen.add(divisor)
            multiplier = divisor if known.value > 0 else -divisor
            parts = [sympy.Add(*with_it), q]
            value = sympy.Add(*(expression(factors(part / multiplier, box)) for part in parts))
            yield Form(f, box, value, "scale", (("multiplier", multiplier),))
            count += 1
            if count == _MOST_QUOTIENTS:
                return
