"""Formulas as nested tuples: their values, the random atoms in them, and polynomials in one of these."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from boundcheck.formula.verify.functions import FUNCTIONS
from boundcheck.formula.verify.numbers import ONE, ZERO, Number, limited
from boundcheck.formula.verify.reading import Refused, Unable

Tree = tuple[Any, ...]
VARIABLE: Tree = ("Variable",)
NORM: Tree = ("Pow", ("Statistic", "sum", ("Pow", VARIABLE, ("Rational", "2", "1")), None), ("Rational", "1", "2"))
"""The norm of a vector."""
SUMS = ("sum", "mean")
ORDERS = ("maximum", "minimum", "order")


def tuples(tree: Any) -> Any:
    """Nested lists as tuples."""
    return tuple(map(tuples, tree)) if isinstance(tree, list) else tree


def rebuilt(tree: Any, change: Callable[[Tree], Any]) -> Any:
    """The tree with other subtrees, from the leaves up, where the change is not None."""
    if not isinstance(tree, tuple):
        return tree
    changed = change(tree)
    return tuple(rebuilt(part, change) for part in tree) if changed is None else changed


def value_of(tree: Tree, known: Mapping[Tree, Number] | None = None) -> Number:
    """The value of a tree, with numbers for the atoms that are known."""
    name, *parts = tree
    if known and tree in known:
        return known[tree]
    if name == "Number":
        return parts[0]
    if name == "Rational":
        return Number(Fraction(int(parts[0]), int(parts[1])))
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
        return [ZERO, ONE]
    if name == "Number":
        return [parts[0]]
    if name == "Pow" and parts[1] in [("Number", Number(k)) for k in range(1, 9)]:
        name, parts = "Mul", [parts[0]] * parts[1][1].count
    found = [ZERO] if name == "Add" else [ONE]
    for part in parts:
        coefficients = polynomial(part, atom) if name in ("Add", "Mul") else None
        if coefficients is None:
            return None
        if name == "Mul":
            found = times(found, coefficients)
        else:
            found = [x + y for x, y in itertools.zip_longest(found, coefficients, fillvalue=ZERO)]
    return found


def line(tree: Tree, atom: Tree) -> tuple[Number, Number] | None:
    """Slope and value at 0 of a folded tree that is linear in an atom."""
    found = polynomial(tree, atom)
    return (found[1], found[0]) if found is not None and len(found) == 2 else None


def times(first: Sequence[Number], second: Sequence[Number]) -> list[Number]:
    """Coefficients of the product of two polynomials."""
    limited(len(first) * len(second))
    found = [ZERO] * (len(first) + len(second) - 1)
    for (i, x), (j, y) in itertools.product(enumerate(first), enumerate(second)):
        found[i + j] += x * y
    return found
