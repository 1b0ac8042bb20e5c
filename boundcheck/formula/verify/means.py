"""Means and probabilities under a sample, and formulas that hold them.

Means by quadrature are widened by :data:`QUADRATURE` and by far more than the estimated error. Poisson laws are cut off
where a geometric series bounds what is left.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from mpmath import iv, mp

from boundcheck.formula.verify.enumeration import outcomes_of
from boundcheck.formula.verify.laws import Part, growth, moments, standard
from boundcheck.formula.verify.numbers import (
    MOST,
    Number,
    add,
    between,
    clamped,
    ends_of,
    exactly,
    exp_of,
    hull,
    limited,
    mul,
    power_of,
    product_of,
    sign_of,
    sum_of,
    told,
)
from boundcheck.formula.verify.reading import Unable
from boundcheck.formula.verify.samples import Sample
from boundcheck.formula.verify.tails import mass, solve, tails
from boundcheck.formula.verify.trees import (
    ORDERS,
    SUMS,
    VARIABLE,
    Tree,
    atoms_of,
    composed,
    one_of,
    polynomial,
    times,
    value_of,
)

QUADRATURE = Fraction(1, 10**9)


def evaluated(sample: Sample, tree: Tree) -> Number:
    """The value of a formula that may hold means and probabilities."""
    return value_of(_settled(sample, tree))


def _settled(sample: Sample, tree: Tree) -> Tree:
    """The tree with numbers for its means and probabilities."""
    if tree[0] == "Expectation":
        return ("Number", mean(sample, folded(sample, tree[1])))
    if tree[0] == "Probability":
        return ("Number", probability(sample, tree[2], strict=tree[1] == "strict"))
    return (tree[0], *(_settled(sample, part) if isinstance(part, tuple) else part for part in tree[1:]))


def folded(sample: Sample, tree: Tree) -> Tree:
    """The tree with its parts that are not random evaluated once."""
    if not atoms_of(tree):
        return ("Number", evaluated(sample, tree))
    if tree[0] == "Statistic":
        rank = None if tree[3] is None else evaluated(sample, tree[3])
        return ("Statistic", tree[1], folded(sample, tree[2]), rank)
    return (tree[0], *(folded(sample, part) for part in tree[1:])) if tree != VARIABLE else tree


def probability(sample: Sample, margin: Tree, *, strict: bool) -> Number:
    """P(margin > 0), or ≥ when not strict."""
    margin = folded(sample, margin)
    atoms = atoms_of(margin)
    outcomes = outcomes_of(sample, atoms)
    if outcomes is None:
        atom = one_of(atoms)
        return mass(solve(margin, atom, Fraction(0), above=True), lambda x: tails(sample, atom, x))
    sure, unsure = [], []
    for values, p in outcomes:
        sign = None if values is None else sign_of(value_of(margin, values))
        if sign is None:
            unsure.append(p)
        elif sign > 0 or (sign == 0 and not strict):
            sure.append(p)
    total = sum_of(sure)
    return clamped(hull(total, add(total, sum_of(unsure))) if unsure else total)


def mean(sample: Sample, tree: Tree) -> Number:
    """The mean of a folded tree."""
    name, *parts = tree
    atoms = atoms_of(tree)
    if not atoms:
        return parts[0]
    if name == "Add":
        return sum_of(mean(sample, part) for part in parts)
    if name == "Mul" and sum(part[0] != "Number" for part in parts) == 1:
        return product_of(part[1] if part[0] == "Number" else mean(sample, part) for part in parts)
    closed = _closed_mean(sample, tree, one_of(atoms)) if len(atoms) == 1 else None
    if closed is not None:
        return closed
    outcomes = outcomes_of(sample, atoms)
    if outcomes is None:
        return _integrated(sample, tree, one_of(atoms))
    if any(values is None for values, _ in outcomes):
        raise Unable("this mean under a Poisson law is not re-checked here")
    return sum_of(mul(value_of(tree, values), p) for values, p in outcomes)


def _closed_mean(sample: Sample, tree: Tree, atom: Tree) -> Number | None:
    """The mean of a polynomial in a sum, of the exponential of a linear one, or of a few more, else None."""
    _, kind, function, _ = atom
    if sample.kind not in ("iid", "independent"):
        return None
    parts = [standard(law) for law in sample.laws]
    line = polynomial(function, VARIABLE)
    if tree == atom and line is not None and len(line) == 2 and len(parts) == 1:
        base, scale, shift = parts[0]
        scale, shift = mul(line[1], scale), add(mul(line[1], shift), line[0])
        if kind == "variance" and sample.size > 1:
            _, first, second = moments(base, 2)
            return mul(mul(scale, scale), add(second, -mul(first, first)))
        if kind in ORDERS and base == ("uniform",) and told(scale) > 0 and 1 <= sample.rank(atom) <= sample.size:
            return add(shift, mul(scale, Fraction(sample.rank(atom), sample.size + 1)))
    if kind not in SUMS:
        return None
    copies = sample.size if sample.kind == "iid" else 1
    inner = polynomial(function, VARIABLE)
    share = Fraction(1, sample.size if kind == "mean" else 1)
    outer = polynomial(tree, atom)
    if inner is None:
        return None
    if outer is not None:
        return _polynomial_mean(outer, inner, parts, copies, share)
    line = polynomial(tree[1], atom) if tree[0] == "exp" else None
    if line is None or len(line) > 2 or len(inner) != 2:
        return None
    lam = mul(line[1], share)
    found = exp_of(line[0])
    for base, scale, shift in parts:
        one = mul(exp_of(mul(lam, add(mul(inner[1], shift), inner[0]))), growth(base, mul(lam, mul(inner[1], scale))))
        found = mul(found, power_of(one, Fraction(copies)))
    return found


def _polynomial_mean(
    outer: Sequence[Number], inner: Sequence[Number], parts: Sequence[Part], copies: int, share: Fraction
) -> Number:
    degree = len(outer) - 1
    limited(copies * len(parts) * degree**2, 10 * MOST)
    total: list[Number] = [Fraction(1), *[Fraction(0)] * degree]
    for base, scale, shift in parts:
        raw = moments(base, degree * (len(inner) - 1))
        one: list[Number] = [Fraction(1)]
        image = composed(inner, scale, shift)
        power: list[Number] = [Fraction(1)]
        for _ in range(degree):
            power = times(power, image)
            one.append(sum_of(mul(c, m) for c, m in zip(power, raw, strict=False)))
        for _ in range(copies):
            total = [
                sum_of(mul(Fraction(math.comb(k, j)), mul(total[j], one[k - j])) for j in range(k + 1))
                for k in range(degree + 1)
            ]
    return sum_of(mul(mul(c, total[k]), share**k) for k, c in enumerate(outer))


def _integrated(sample: Sample, tree: Tree, atom: Tree) -> Any:
    """The mean as an integral of tail probabilities, by quadrature up to where they vanish."""
    before = iv.dps, mp.dps

    def tail(y: Any, above: bool) -> Any:
        level = exactly(y) * (1 if above else -1)
        region = solve(tree, atom, level, above=above)
        low, high = ends_of(mass(region, lambda x: tails(sample, atom, x)))
        return (low + high) / 2

    halves = []
    try:
        iv.dps, mp.dps = 30, 20
        for above in (True, False):
            if tail(mp.mpf(0), above) == 0:
                halves.append((0, 0))
                continue
            reach = mp.mpf(1)
            while tail(reach, above) > mp.mpf(10) ** -24:
                reach *= 2
                limited(reach)
            pieces = [reach * k / 8 for k in range(9)]
            halves.append(mp.quad(functools.partial(tail, above=above), pieces, error=True, method="gauss-legendre"))
    finally:
        iv.dps, mp.dps = before
    value, error = halves[0][0] - halves[1][0], 100 * (halves[0][1] + halves[1][1])
    slack = error + abs(value) * QUADRATURE.numerator / QUADRATURE.denominator
    return between(value - slack, value + slack)
