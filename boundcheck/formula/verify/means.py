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
from boundcheck.formula.verify.functions import exp
from boundcheck.formula.verify.laws import growth, moments
from boundcheck.formula.verify.numbers import MOST, ONE, ZERO, Number, clamped, digits_set, exactly, hull, limited
from boundcheck.formula.verify.reading import Unable, require
from boundcheck.formula.verify.samples import Sample
from boundcheck.formula.verify.tails import mass, solve, tails
from boundcheck.formula.verify.trees import (
    ORDERS,
    SUMS,
    VARIABLE,
    Tree,
    atoms_of,
    line,
    one_of,
    polynomial,
    rebuilt,
    times,
    value_of,
)

QUADRATURE = Fraction(1, 10**9)


def evaluated(sample: Sample, tree: Tree) -> Number:
    """The value of a formula that may hold means and probabilities."""

    def settled(part: Tree) -> Tree | None:
        match part:
            case ("Expectation", argument):
                return ("Number", mean(sample, folded(sample, argument)))
            case ("Probability", event):
                return ("Number", probability(sample, event))
        return None

    return value_of(rebuilt(tree, settled))


def folded(sample: Sample, tree: Tree) -> Tree:
    """The tree with its parts that are not random evaluated once."""
    if not atoms_of(tree):
        return ("Number", evaluated(sample, tree))
    if tree[0] == "Statistic":
        return ("Statistic", tree[1], folded(sample, tree[2]), tree[3] and ("Number", evaluated(sample, tree[3])))
    return (tree[0], *(folded(sample, part) for part in tree[1:])) if tree != VARIABLE else tree


def probability(sample: Sample, event: Tree) -> Number:
    """The probability of an event, a relation of statistics."""
    name, left, right = event
    require(name in ("Ge", "Gt", "Le", "Lt"), f"{name!r} is no event")
    first, second = (left, right) if name in ("Ge", "Gt") else (right, left)
    margin = folded(sample, ("Add", first, ("Mul", ("Rational", "-1", "1"), second)))
    atoms = atoms_of(margin)
    outcomes = outcomes_of(sample, atoms)
    if outcomes is None:
        atom = one_of(atoms)
        return mass(solve(margin, atom, ZERO, above=True), lambda x: tails(sample, atom, x))
    wanted = (1,) if name in ("Gt", "Lt") else (0, 1)
    signs = [(None if values is None else value_of(margin, values).sign, p) for values, p in outcomes]
    sure = sum((p for sign, p in signs if sign in wanted), ZERO)
    unsure = [p for sign, p in signs if sign is None]
    return clamped(hull(sure, sum(unsure, sure)) if unsure else sure)


def mean(sample: Sample, tree: Tree) -> Number:
    """The mean of a folded tree."""
    name, *parts = tree
    atoms = atoms_of(tree)
    if not atoms:
        return parts[0]
    if name == "Add":
        return sum((mean(sample, part) for part in parts), ZERO)
    if name == "Mul" and sum(part[0] != "Number" for part in parts) == 1:
        factors = (part[1] if part[0] == "Number" else mean(sample, part) for part in parts)
        return functools.reduce(lambda x, y: x * y, factors, ONE)
    closed = _closed(sample, tree, one_of(atoms)) if len(atoms) == 1 and sample.independent else None
    if closed is not None:
        return closed
    outcomes = outcomes_of(sample, atoms)
    if outcomes is None:
        return _integrated(sample, tree, one_of(atoms))
    if any(values is None for values, _ in outcomes):
        raise Unable("this mean under a Poisson law is not re-checked here")
    return sum((value_of(tree, values) * p for values, p in outcomes), ZERO)


def _closed(sample: Sample, tree: Tree, atom: Tree) -> Number | None:
    """The mean of a polynomial in a sum, of the exponential of a linear one, or of a few more, else None."""
    _, kind, function, _ = atom
    n, parts, linear = sample.size, sample.parts, line(function, VARIABLE)
    if tree == atom and linear and len(parts) == 1:
        base, scale, shift = parts[0]
        if kind == "variance" and n > 1:
            _, first, second = moments(base, 2)
            return (linear[0] * scale) ** 2 * (second - first * first)
        if kind in ORDERS and base == ("uniform",) and (linear[0] * scale).told > 0:
            return linear[0] * (shift + scale * sample.rank(atom) / (n + 1)) + linear[1]
    inner, outer = polynomial(function, VARIABLE), polynomial(tree, atom)
    share = Number(Fraction(1, n if kind == "mean" else 1))
    if kind not in SUMS or inner is None:
        return None
    if outer is not None:
        return _polynomial_mean(sample, outer, [c * share for c in inner])
    exponent = line(tree[1], atom) if tree[0] == "exp" else None
    if exponent is None or linear is None:
        return None
    lam = exponent[0] * share
    found = exp(exponent[1])
    for base, scale, shift in parts:
        one = exp(lam * (linear[0] * shift + linear[1])) * growth(base, lam * linear[0] * scale)
        found = found * one**sample.copies
    return found


def _polynomial_mean(sample: Sample, outer: Sequence[Number], inner: Sequence[Number]) -> Number:
    """The mean of a polynomial in the sum of a polynomial of each variable, by moments of partial sums."""
    degree = len(outer) - 1
    limited(sample.size * degree**2, 10 * MOST)
    total = [ONE, *[ZERO] * degree]
    for base, scale, shift in sample.parts:
        raw = moments(base, degree * (len(inner) - 1))
        image, power = [inner[-1]], [ONE]
        for coefficient in reversed(inner[:-1]):
            image = times(image, [shift, scale])
            image[0] = image[0] + coefficient
        one = [ONE]
        for _ in range(degree):
            power = times(power, image)
            one.append(sum((c * m for c, m in zip(power, raw, strict=False)), ZERO))
        for _ in range(sample.copies):
            total = [
                sum((math.comb(k, j) * total[j] * one[k - j] for j in range(k + 1)), ZERO) for k in range(degree + 1)
            ]
    return sum((c * moment for c, moment in zip(outer, total, strict=True)), ZERO)


def _integrated(sample: Sample, tree: Tree, atom: Tree) -> Number:
    """The mean as an integral of tail probabilities, by quadrature up to where they vanish."""
    widest = mp.mpf(0)

    def tail(y: Any, above: bool) -> Any:
        nonlocal widest
        region = solve(tree, atom, Number(exactly(y) * (1 if above else -1)), above=above)
        low, high = mass(region, lambda x: tails(sample, atom, x)).ends
        widest = max(widest, high - low)
        return (low + high) / 2

    value, error = mp.mpf(0), mp.mpf(0)
    with digits_set(30), mp.workdps(20):
        tiny = mp.mpf(10) ** -24
        for above in (True, False):
            chance = functools.partial(tail, above=above)
            reach = mp.mpf(1)
            while chance(reach) > tiny:
                reach *= 2
                limited(reach)
            error += 10 * tiny * reach  # what is left out
            while reach > tiny and chance(reach / 2) <= tiny:
                reach /= 2
            if reach <= tiny:
                continue
            pieces = [reach * k / 8 for k in range(9)]
            half, slack = mp.quad(chance, pieces, error=True, method="gauss-legendre")
            # A tail only falls: what quadrature misses between its points shows here.
            heights = [chance(reach * k / 64) for k in range(65)]
            if not sum(heights[1:]) <= half * 64 / reach <= sum(heights[:-1]):
                raise Unable("an integral is not certain")
            value, error = value + (half if above else -half), error + 100 * slack + widest * reach
        slack = error + abs(value) * QUADRATURE.numerator / QUADRATURE.denominator
        return Number(iv.mpf([value - slack, value + slack]))
