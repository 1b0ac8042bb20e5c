"""Certificates of the prover: refutations, and proofs: the claim, its domain, and whether the leaves prove it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sympy
from mpmath import iv
from sympy import Expr, Integer, Poly, Rational, Symbol, oo

from boundcheck.formula.verify.boxes import Box, covered, face_of, read_box
from boundcheck.formula.verify.kinks import Choice, choices
from boundcheck.formula.verify.points import refutation_complaints
from boundcheck.formula.verify.reading import DAMAGE, complaint_of, expandable, from_tree, require
from boundcheck.formula.verify.rules import check_node, never_zero
from boundcheck.formula.verify.signs import defined, positive, zero

_MOST_INTEGERS = 10_000


def verify_certificate(data: Mapping[str, Any]) -> list[str]:
    """Check a certificate of :func:`boundcheck.formula.prover.prove`.

    Parameters
    ----------
    data
        The plain data, as made or read back from JSON: ``claim``, ``conditions`` and ``domain``; for a proof
        ``substitutions`` and ``leaves`` or, by cases, ``kink`` and ``cases``, for a refutation the ``point``.

    Returns
    -------
    Complaints; none when the certificate proves the claim that it states, or refutes it at its point.
    """
    try:
        if ("point" in data) == ("leaves" in data or "cases" in data):
            return ["the certificate is not either of a proof or of a refutation"]
        return refutation_complaints(data) if "point" in data else proof_complaints(data)
    except DAMAGE as error:
        return [complaint_of(error)]


def proof_complaints(data: Mapping[str, Any]) -> list[str]:
    """What is wrong with a certificate that proves a claim on a whole domain."""
    precision = iv.prec
    iv.prec = 100
    try:
        return _complaints(data, data, ())
    finally:
        iv.prec = precision


def _complaints(data: Mapping[str, Any], node: Mapping[str, Any], chosen: tuple[Choice, ...]) -> list[str]:
    """What is wrong with the proof of the claim where some kinks have the chosen values."""
    statement = _Statement(data, node["substitutions"], chosen)
    if "cases" not in node:
        return statement.complaints(node["leaves"])
    found = statement.choices(from_tree(node["kink"]))
    require(len(found) == len(node["cases"]), "the cases do not fit the kink")
    complaints = []
    for choice, case in zip(found, node["cases"], strict=True):
        if case is not None:
            complaints += _complaints(data, case, (*chosen, choice))
        elif not (statement.never(choice) or _Statement(data, (), (*chosen, choice)).empty):
            complaints.append(f"{choice.kink} may be {choice.value}")
    return complaints


class _Statement:
    """The claim where kinks have chosen values, its domain, and what leaves must prove."""

    def __init__(
        self, data: Mapping[str, Any], substitutions: Sequence[Mapping[str, Any]], chosen: tuple[Choice, ...]
    ) -> None:
        self.chosen = chosen
        self.claim = from_tree(data["claim"])
        self.sides = [self._resolved(side) for side in (self.claim.lhs, self.claim.rhs)]
        self.goal = self._resolved(difference(self.claim))
        self.strict = isinstance(self.claim, sympy.Lt | sympy.Gt)
        self.domain: Box = {}
        self.integers: set[Symbol] = set()
        self.included: dict[Symbol, tuple[bool, bool]] = {}
        for name, side in data["domain"].items():
            symbol = Symbol(name, real=True)
            low, high = from_tree(side["low"]), from_tree(side["high"])
            self.domain[symbol] = (low, high)
            self.included[symbol] = (side["exclude_low"] is not True, side["exclude_high"] is not True)
            if side["integer"] is True:
                self.integers.add(symbol)
        require(self.claim.free_symbols <= set(self.domain), "a symbol of the claim has no domain")
        self.box: Box = dict(self.domain)
        self.substitutions: list[tuple[Symbol, Expr]] = []
        conditions = [self._resolved(difference(from_tree(c))) for c in data["conditions"]]
        conditions += [condition for choice in chosen for condition in choice.conditions]
        for condition in conditions:
            self._restrict(condition, rational=True)
        for item in substitutions:
            self._substitute(item, conditions)
        for condition in conditions:
            self._restrict(condition, rational=False)

    def complaints(self, leaves: Sequence[Mapping[str, Any]]) -> list[str]:
        """What is wrong with leaves that prove the claim."""
        self._check_covering(leaves)
        complaints = []
        for number, leaf in enumerate(leaves):
            try:
                self._check_leaf(leaf)
            except DAMAGE as error:
                complaint = complaint_of(error)
                complaints.append(type(complaint)(f"part {number}: {complaint}"))
        return complaints

    @property
    def empty(self) -> bool:
        """Whether the conditions leave no point."""
        return any(low > high for low, high in self.box.values())

    def choices(self, kink: Expr) -> list[Choice]:
        """The cases of a kink, which is to be real almost everywhere."""
        require(kink.free_symbols <= set(self.domain), "a symbol of the kink has no domain")
        require(all(low < high for low, high in self.box.values()), "a side has no inside")
        for argument in kink.args:
            require(defined(self.apply(argument), self.box), f"{argument} is not known to be defined")
        return choices(kink)

    def never(self, choice: Choice) -> bool:
        """Whether a condition of a choice fails inside the box; what is left lies in the closures of other cases."""
        return any(positive(-self.apply(condition), self.box) for condition in choice.conditions)

    def _resolved(self, e: Expr) -> Expr:
        for choice in self.chosen:
            e = e.xreplace({choice.kink: choice.value})
        return e

    def apply(self, e: Expr) -> Expr:
        for symbol, value in self.substitutions:
            e = expandable(e.xreplace({symbol: value}))
        return e

    def _restrict(self, condition: Expr, *, rational: bool) -> None:
        """A condition a x + b ≥ 0 shortens a side, an irrational one where no substitution did and points are left."""
        if len(condition.free_symbols) != 1 or not condition.is_polynomial():
            return
        [symbol] = condition.free_symbols
        poly = Poly(condition, symbol)
        if symbol in self.box and poly.degree() == 1 and all(c.is_Rational for c in poly.all_coeffs()) is rational:
            lead, rest = poly.all_coeffs()
            low, high = self.box[symbol]
            bound = -rest / lead
            low, high = (max(low, bound), high) if lead > 0 else (low, min(high, bound))
            if rational or low < high:
                self.box[symbol] = low, high

    def _substitute(self, item: Mapping[str, Any], conditions: Sequence[Expr]) -> None:
        symbol, fresh = Symbol(item["symbol"], real=True), Symbol(item["fresh"], real=True)
        value, condition = from_tree(item["value"]), self.apply(conditions[item["condition"]])
        require(symbol in self.box and fresh not in self.domain | self.box, "a substitution of no symbol")
        rate = sympy.diff(value, fresh)
        require(symbol not in value.free_symbols and fresh not in rate.free_symbols, "no linear substitution")
        require(value.free_symbols <= {*self.box, fresh}, "a substitution by unknown symbols")
        low, high = self.box[symbol]
        start = value.xreplace({fresh: Integer(0)})
        if start.is_Rational and (start <= low or start >= high):  # at an end, or beyond an irrational one
            side, bound = (Integer(0), Integer(1)), value.xreplace({fresh: Integer(1)})
            upper = start <= low
        else:
            side, bound = (Integer(0), oo), start
            upper = rate == -1
            require((upper and low == -oo) or (rate == 1 and high == oo), "the substitution misses points")
        gap = bound - symbol if upper else symbol - bound
        ratio = sympy.cancel(sympy.together(condition / gap))
        require(zero(self.box, condition - ratio * gap), "the condition is not the bound")
        require(self._positive_on_closure(ratio, self.box), "the condition does not imply the bound")
        del self.box[symbol]
        self.box[fresh] = side
        self.substitutions.append((symbol, value))

    def _positive_on_closure(self, e: Expr, box: Box) -> bool:
        """Positive also where symbols are at those ends that belong to their domains."""
        if not positive(e, box):
            return False
        for symbol in e.free_symbols:
            for end, belongs in zip(box[symbol], self.included.get(symbol, (True, True)), strict=True):
                if belongs and end.is_finite:
                    value = e.xreplace({symbol: end})
                    if value.has(sympy.zoo, sympy.nan, oo, -oo):
                        return False
                    if not self._positive_on_closure(value, face_of(box, symbol)):
                        return False
        return True

    def _check_covering(self, leaves: Sequence[Mapping[str, Any]]) -> None:
        whole = [leaf for leaf in leaves if not leaf["values"]]
        require(all(set(leaf["values"]) <= {s.name for s in self.integers} for leaf in leaves), "a real is fixed")
        boxes = [read_box(leaf["box"]) for leaf in whole]
        if len(whole) == len(leaves):
            require(covered(self.box, boxes), "the parts do not cover the domain")
            return
        [name] = {name for leaf in leaves for name in leaf["values"]}
        symbol = Symbol(name, real=True)
        low, high = self.box[symbol]
        rest = min((box[symbol][0] for box in boxes), default=high + 1)
        require(low != -oo and rest - low <= _MOST_INTEGERS, "infinitely many integers are fixed")
        if rest <= high:
            require(covered(self.box | {symbol: (rest, high)}, boxes), "the parts do not cover the domain")
        face = {s: side for s, side in self.box.items() if s != symbol}
        for k in range(int(sympy.ceiling(low)), int(sympy.ceiling(rest))):
            fixed = [read_box(leaf["box"]) for leaf in leaves if leaf["values"] == {name: str(k)}]
            require(covered(face, fixed), f"the parts do not cover {name} = {k}")

    def _check_leaf(self, leaf: Mapping[str, Any]) -> None:
        values = {Symbol(name, real=True): Rational(v) for name, v in leaf["values"].items()}
        box = read_box(leaf["box"])
        for side in self.sides:
            e = self.apply(side.xreplace(values))
            require(defined(e, box), f"{e} is not known to be defined")
        check_node(leaf["proof"], self.apply(self.goal.xreplace(values)), box)
        if self.strict:
            require(never_zero(leaf["proof"]), "equality is not excluded")


def difference(relation: Any) -> Expr:
    """What must not be negative for the relation to hold (its strictness aside)."""
    if isinstance(relation, sympy.Eq):
        return -((relation.lhs - relation.rhs) ** 2)
    if isinstance(relation, sympy.Le | sympy.Lt):
        return relation.rhs - relation.lhs
    require(isinstance(relation, sympy.Ge | sympy.Gt), f"{relation} is no inequality")
    return relation.lhs - relation.rhs
