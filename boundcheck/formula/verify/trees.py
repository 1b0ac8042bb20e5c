"""Formulas as nested tuples: their values, the random atoms in them, and polynomials in one of these."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from boundcheck.formula.verify.functions import FUNCTIONS
from boundcheck.formula.verify.numbers import Number, add, mul
from boundcheck.formula.verify.reading import Refused, Unable

Tree = tuple[Any, ...]
VARIABLE: Tree = ("Variable",)
SUMS = ("sum", "mean")
ORDERS = ("maximum", "minimum", "order")


def tuples(tree: Any) -> Tree:
    """Nested lists as tuples."""
    return tuple(tuples(part) if isinstance(part, list) else part for part in tree)


def value_of(tree: Tree, known: Mapping[Tree, Number] | None = None) -> Number:
    """The value of a tree, with numbers for the atoms that are known."""
    name, *parts = tree
    if known and tree in known:
        return known[tree]
    if name == "Number":
        return parts[0]
    if name == "Rational":
        return Fraction(int(parts[0]), int(parts[1]))
    if name not in FUNCTIONS:
        raise Refused(f"{name!r} has no meaning here")
    return FUNCTIONS[name](*(value_of(part, known) for part in parts))


def atoms_of(tree: Tree) -> set[Tree]:
    """The statistics, or the variable, outside expectations and probabilities."""
    if tree[0] in ("Statistic", "Variable"):
        return {tree}
    if tree[0] in ("Expectation", "Probability"):
        return set()
    return set().union(*(atoms_of(part) for part in tree[1:] if isinstance(part, tuple)))


def one_of(atoms: set[Tree]) -> Tree:
    """The only one."""
    if len(atoms) != 1:
        raise Unable("such an event about several statistics is not re-checked here")
    return next(iter(atoms))


def polynomial(tree: Tree, atom: Tree) -> list[Number] | None:
    """Coefficients, lowest first, of a folded tree that is a polynomial in an atom."""
    name, *parts = tree
    if tree == atom:
        return [Fraction(0), Fraction(1)]
    if name == "Number":
        return [parts[0]]
    if name == "Pow" and parts[1][0] == "Number" and parts[1][1] in range(1, 9):
        name, parts = "Mul", [parts[0]] * int(parts[1][1])
    inner = [polynomial(part, atom) for part in parts] if name in ("Add", "Mul") else [None]
    found: list[Number] = []
    for coefficients in inner:
        if coefficients is None:
            return None
        if name == "Mul":
            found = times(found, coefficients) if found else coefficients
        else:
            found = [add(x, y) for x, y in itertools.zip_longest(found, coefficients, fillvalue=Fraction(0))]
    return found


def times(first: Sequence[Number], second: Sequence[Number]) -> list[Number]:
    """Coefficients of the product of two polynomials."""
    found: list[Number] = [Fraction(0)] * (len(first) + len(second) - 1)
    for (i, x), (j, y) in itertools.product(enumerate(first), enumerate(second)):
        found[i + j] = add(found[i + j], mul(x, y))
    return found


def composed(inner: Sequence[Number], scale: Number, shift: Number) -> list[Number]:
    """Coefficients of inner(scale * X + shift)."""
    found: list[Number] = [inner[-1]]
    for coefficient in reversed(inner[:-1]):
        found = times(found, [shift, scale])
        found[0] = add(found[0], coefficient)
    return found
