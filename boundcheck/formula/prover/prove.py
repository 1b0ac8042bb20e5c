"""The way from a claim to a verdict: look for a counterexample, then for a proof, then look harder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import isfinite
from typing import Any

from sympy import Eq, Expr, Float, Ge, Gt, Le, Lt, Max, Min, Rational, Symbol, floor, nan, oo, zoo
from sympy.core.relational import Relational

from boundcheck.errors import InvalidArgument, UnsupportedClaim
from boundcheck.formula.prover.algebra import definite
from boundcheck.formula.prover.boxes import Box
from boundcheck.formula.prover.certificate import Node
from boundcheck.formula.prover.conditions import Region, eliminate, outward
from boundcheck.formula.prover.covering import cover
from boundcheck.formula.prover.definedness import covering, defined, undefined_point
from boundcheck.formula.prover.descent import Descent, short
from boundcheck.formula.prover.kinks import Choice, choices, innermost, resolved
from boundcheck.formula.prover.results import Proved, Refuted, Result, Undecided
from boundcheck.formula.prover.search import Search
from boundcheck.formula.prover.variables import by_change
from boundcheck.formula.rigorous import Unwieldy, ball, compare, enclose, put
from boundcheck.formula.tree import FUNCTIONS, to_tree, too_long
from boundcheck.statement.domain import Parameter, parameters_of
from boundcheck.statement.functions import Greatest, Least

DEFAULT = 300
"""Proof steps for each part of the domain, and boxes of the last search for a counterexample."""
_PARTS = 12
_FIRST_LOOK = 100
_COVER = 400
_BESIDE = Rational(1, 10**6)
_ENUMERATED = 40
_KINKS = 6
"""Kinks in a claim, each of which multiplies the cases."""
_FALSE_SIGNS = {Le: (1,), Lt: (0, 1), Ge: (-1,), Gt: (-1, 0), Eq: (-1, 1)}


def prove(claim: Relational, conditions: Sequence[Relational] = (), *, effort: int = DEFAULT) -> Result:
    """Prove an inequality on the whole domain of its parameters, or refute it at a rational point.

    Parameters
    ----------
    claim
        A relation ``<=``, ``>=``, ``<``, ``>`` or ``Eq`` between expressions in parameters. It is made at every point
        of the domain at which both sides are real; a removable singularity is read as the limit.
    conditions
        Relations that restrict the domain.
    effort
        Proof steps and boxes to spend; the verdict depends on nothing else.

    Returns
    -------
    Proved, or Refuted with a point verified in ball arithmetic, each with a certificate for
    :func:`boundcheck.formula.verify.verify_certificate`, or Undecided with the boxes that are left.

    Raises
    ------
    InvalidArgument
        When the claim or a condition is no such relation, or a symbol has no domain.

    Examples
    --------
    >>> from sympy import exp
    >>> from boundcheck.statement.domain import real
    >>> x = real("x")
    >>> type(prove(exp(x) >= 1 + x)).__name__
    'Proved'
    """
    problem = _Problem(_exact(claim), tuple(_exact(c) for c in conditions))
    try:
        return problem.decide(effort)
    except UnsupportedClaim as error:
        return Undecided((str(problem.box),), str(error))


def _exact(relation: Relational) -> Relational:
    """A relation whose floats are the decimals that they print as, with the least and the greatest as Min and Max."""
    if not relation.has(Float, Least, Greatest):
        return relation
    sides = (side.replace(lambda e: isinstance(e, Float), lambda e: Rational(str(e))) for side in relation.args)
    return relation.func(*(side.replace(Least, Min).replace(Greatest, Max) for side in sides), evaluate=False)


@dataclass(frozen=True)
class _Part:
    """A part of the domain: some integer parameters fixed, the others on a region."""

    region: Region
    values: tuple[tuple[Symbol, Expr], ...] = ()


@dataclass(frozen=True)
class _Problem:
    claim: Relational
    conditions: tuple[Relational, ...]
    chosen: tuple[Choice, ...] = ()
    """Values of kinks, which hold on a part of the domain only."""
    beside: int = 0
    """-1 or 1 lets a parameter that has one value take those a little below or above it too, so that more is asked."""

    def __post_init__(self) -> None:
        for name, relation in (("claim", self.claim), *(("conditions", c) for c in self.conditions)):
            if not isinstance(relation, Le | Ge | Lt | Gt | Eq):
                raise InvalidArgument(
                    name,
                    relation,
                    "is no inequality between two expressions",
                    "pass a relation such as exp(x) >= 1 + x",
                )
            ends = [end for p in parameters_of(*relation.args) for end in (p.domain.low, p.domain.high)]
            if any(map(too_long, (relation, *ends))):
                problem = "holds a number of more than 4,000 digits"
                raise InvalidArgument(name, "…", problem, "write it with shorter ones")
        names = [p.name for p in self.parameters]
        if len(set(names)) < len(names):
            raise InvalidArgument("claim", names, "holds two parameters of one name", "rename one of them")

    @cached_property
    def parameters(self) -> list[Parameter]:
        relations = (self.claim, *self.conditions)
        return sorted(parameters_of(*(s for r in relations for s in (r.lhs, r.rhs))), key=lambda p: p.name)

    @cached_property
    def plain(self) -> dict[Parameter, Symbol]:
        """Symbols that are only known to be real, so that SymPy draws no conclusions of its own."""
        return {p: Symbol(p.name, real=True) for p in self.parameters}

    @cached_property
    def sides(self) -> tuple[Expr, Expr]:
        left, right = (resolved(side.xreplace(self.plain), self.chosen) for side in (self.claim.lhs, self.claim.rhs))
        return left, right

    @cached_property
    def goal(self) -> Expr:
        """The expression that must not be negative."""
        return resolved(difference(self.claim).xreplace(self.plain), self.chosen)

    @cached_property
    def restrictions(self) -> list[Expr]:
        """The expressions that are ≥ 0 where the conditions hold and the kinks have the chosen values."""
        given = [resolved(difference(c).xreplace(self.plain), self.chosen) for c in self.conditions]
        return given + [condition for choice in self.chosen for condition in choice.conditions]

    @cached_property
    def region(self) -> Region:
        """What the restrictions leave of the domain; those with kinks are dropped, so that more is asked."""
        included = {self.plain[p]: (not p.domain.exclude_low, not p.domain.exclude_high) for p in self.parameters}
        return eliminate(self.box, self.restrictions, included)

    @cached_property
    def box(self) -> Box:
        return Box(tuple((self.plain[p], *self._side(p)) for p in self.parameters))

    def _side(self, p: Parameter) -> tuple[Expr, Expr]:
        low, high = outward(p.domain.low, False), outward(p.domain.high, True)
        reach = self.beside * _BESIDE if low == high else 0
        return min(low, low + reach), max(high, high + reach)

    def decide(self, effort: int) -> Result:
        region = self.region
        if region.emptied_by is not None:
            condition = self.conditions[region.emptied_by]
            return Undecided((), f"the condition {condition} leaves no point of the domain", condition)
        search = self._search(region)
        point = search.quick() or search.deep(_FIRST_LOOK)[0]
        if point is not None:
            return self._refuted(region, point)
        if any(low == high for _, low, high in region.box.sides):
            return self._proof_beside(effort)
        proof = self._proof(effort)
        if isinstance(proof, dict):
            return self._proved(proof)
        if isinstance(proof, Refuted):
            return proof
        point, left = search.deep(effort)
        if point is not None:
            return self._refuted(region, point)
        return proof if proof.reason.startswith("a side") else replace(proof, boxes=tuple(map(str, left)))

    def _proof_beside(self, effort: int) -> Result:
        """The rules speak about the open box, which would be empty where a parameter has one value only."""
        if innermost(*self.sides, *self.restrictions) is None:
            for direction in (-1, 1):
                problem = replace(self, beside=direction)
                proof = problem._proof(effort)
                if isinstance(proof, dict):
                    return problem._proved(proof)
        return Undecided((str(self.box),), "a parameter has one value only; substitute it")

    def _proof(self, effort: int) -> dict[str, Any] | Refuted | Undecided:
        """A certificate without the statement: leaves that cover the region, or a case for each value of a kink."""
        kink = innermost(*self.sides, *self.restrictions)
        if kink is not None:
            return self._by_cases(kink, effort)
        leaves = self._leaves(_Part(self.region), effort)
        if isinstance(leaves, Undecided) and any(s in self.region.box.ends for s in self._integers(self.region)):
            leaves = self._enumerated(self.region, effort) or leaves
        if not isinstance(leaves, Undecided):
            return self._substitutions() | {"leaves": leaves}
        searched = self.chosen and not self.goal.has(oo, -oo, zoo, nan)
        point = self._search(self.region).quick() if searched else None
        return leaves if point is None else self._refuted(self.region, point)

    def _by_cases(self, kink: Expr, effort: int) -> dict[str, Any] | Refuted | Undecided:
        region, box = self.region, self.region.box
        arguments = [region.apply(a) for a in kink.args]
        if len(self.chosen) == _KINKS:
            return Undecided((str(box),), f"there are more than {_KINKS} kinks")
        if not all(defined(a, box) for a in arguments):
            return self._undefined(arguments, [box])
        cases: list[dict[str, Any] | None] = []
        for choice in choices(kink):
            problem = replace(self, chosen=(*self.chosen, choice))
            never = any(_negative(region.apply(condition), box) for condition in choice.conditions)
            if never or problem.region.emptied_by is not None:
                cases.append(None)
                continue
            proof = problem._proof(effort)
            if not isinstance(proof, dict):
                return proof
            cases.append(proof)
        return self._substitutions() | {"kink": to_tree(kink), "cases": cases}

    def _integers(self, region: Region) -> list[Symbol]:
        whole = {self.plain[p] for p in self.parameters if p.domain.integer and p.domain.low != p.domain.high}
        return [symbol for symbol in region.box.symbols if symbol in whole]

    def _search(self, region: Region) -> Search:
        return Search(
            region.apply(self.goal),
            region.box,
            lambda point: self._fails_at(self._original(region, point)),
            set(self._integers(region)),
            ties=0 in _FALSE_SIGNS[type(self.claim)],
        )

    def _original(self, region: Region, point: Mapping[Symbol, Expr]) -> dict[Parameter, Expr]:
        values = {p: region.apply(s).xreplace(dict(point)) for p, s in self.plain.items()}
        return {p: _near(value, p.domain.integer) for p, value in values.items()}

    def _fails_at(self, point: dict[Parameter, Expr]) -> bool:
        """Whether ball arithmetic shows that the point is allowed and the claim false there."""
        if not all(value.is_Rational and value in p.domain for p, value in point.items()):
            return False
        for condition in self.conditions:
            if self._sign(condition, point) not in _TRUE_SIGNS[type(condition)]:
                return False
        return self._sign(self.claim, point) in _FALSE_SIGNS[type(self.claim)]

    def _sign(self, relation: Relational, point: dict[Parameter, Expr]) -> int | None:
        return compare(relation.lhs, relation.rhs, point)

    def _leaves(self, part: _Part, effort: int) -> list[dict[str, Any]] | Undecided:
        """Certificates for parts that cover a region, or what is left."""
        values = dict(part.values)
        goal, *sides = (part.region.apply(put(e, values)) for e in (self.goal, *self.sides))
        boxes, bad = [part.region.box], list[Box]()
        for side in sides:
            boxes, more = _refine(side, boxes)
            bad += more
        if bad:
            return self._undefined(sides, bad)
        leaves = []
        for box in boxes:
            proof = self._strictly(goal, box) or Descent(effort).search(goal, box) or by_change(goal, box, effort)
            if proof is None:
                return Undecided((str(box),), f"no proof of {goal} ≥ 0 within {effort} steps")
            written = {s.name: str(v) for s, v in part.values}
            leaves.append({"values": written, "box": box.tree(), "proof": proof.tree()})
        return leaves

    def _strictly(self, goal: Expr, box: Box) -> Node | None:
        """For < and >: enclosures of closed boxes, which leave out 0."""
        boxes = cover(goal, box, _COVER) if isinstance(self.claim, Lt | Gt) else None
        return None if boxes is None else Node("cover", goal, box, {"boxes": boxes})

    def _undefined(self, sides: Sequence[Expr], boxes: Sequence[Box]) -> Undecided:
        for side in sides:
            for box in boxes:
                point = undefined_point(side, box)
                if point is not None:
                    where = ", ".join(f"{s} = {v}" for s, v in point.items())
                    return Undecided(tuple(map(str, boxes)), f"a side is undefined on a part of the domain: {where}")
        return Undecided(tuple(map(str, boxes)), "a side is not known to be defined everywhere on the domain")

    def _enumerated(self, region: Region, effort: int) -> list[dict[str, Any]] | None:
        """One integer parameter after the other: its first values one by one, the rest as reals."""
        for symbol in self._integers(region):
            low, high = region.box.ends[symbol]
            if low == -oo:
                continue
            last = low + _ENUMERATED - 1 if high == oo or high - low >= _ENUMERATED else high
            while last >= low and not _writable(self.goal, symbol, last):
                last -= 1
            parts = [
                _Part(replace(region, box=region.box.face(symbol)), ((symbol, low + k),))
                for k in range(int(last - low) + 1)
            ]
            if last != high:
                parts.insert(0, _Part(replace(region, box=region.box.restrict(symbol, last + 1, high))))
            leaves: list[dict[str, Any]] = []
            for part in parts:
                found = self._leaves(part, effort)
                if isinstance(found, Undecided):
                    break
                leaves += found
            else:
                return leaves
        return None

    def _substitutions(self) -> dict[str, Any]:
        found = [
            {"symbol": s.symbol.name, "value": to_tree(s.value), "fresh": s.fresh.name, "condition": s.condition}
            for s in self.region.substitutions
        ]
        return {"substitutions": found}

    def _proved(self, proof: dict[str, Any]) -> Result:
        leaves = list(_leaves_of(proof))
        if isinstance(self.claim, Lt | Gt) and not all(_only_covers(leaf["proof"]) for leaf in leaves):
            return Undecided((), f"{self.goal} ≥ 0 is proved, but not that it is never 0")
        certificate = self._statement() | proof
        size = sum(_size(leaf["proof"]) for leaf in leaves)
        rules = sorted(set().union(*(_rules(leaf["proof"]) for leaf in leaves)))
        parts = f" on {len(leaves)} parts of the domain" if len(leaves) > 1 else ""
        return Proved(certificate, f"{self.claim}: {size} steps{parts} ({', '.join(rules)})")

    def _statement(self) -> dict[str, Any]:
        return {
            "claim": self._relation(self.claim),
            "conditions": [self._relation(c) for c in self.conditions],
            "domain": {p.name: _domain(p) for p in self.parameters},
        }

    def _relation(self, relation: Relational) -> list[Any]:
        name = next(name for name, kind in FUNCTIONS.items() if type(relation) is kind)
        return [name, *(to_tree(side.xreplace(self.plain)) for side in relation.args)]

    def _refuted(self, region: Region, point: Mapping[Symbol, Expr]) -> Refuted:
        original = self._original(region, point)
        left, right = (ball(e, original, digits=30).str(20) for e in (self.claim.lhs, self.claim.rhs))
        where = ", ".join(f"{p} = {v}" for p, v in original.items())
        try:
            certificate = self._statement() | {"point": {p.name: str(v) for p, v in original.items()}}
        except UnsupportedClaim:
            certificate = None
        return Refuted(original, left, right, f"{self.claim} fails at {where}: left {left}, right {right}", certificate)


_TRUE_SIGNS = {relation: {-1, 0, 1} - set(signs) for relation, signs in _FALSE_SIGNS.items()}


def difference(relation: Relational) -> Expr:
    """The expression that is ≥ 0 exactly where the relation holds (its strictness aside)."""
    if isinstance(relation, Eq):
        return -((relation.lhs - relation.rhs) ** 2)
    return relation.rhs - relation.lhs if isinstance(relation, Le | Lt) else relation.lhs - relation.rhs


def _refine(side: Expr, boxes: list[Box]) -> tuple[list[Box], list[Box]]:
    good, bad = list[Box](), list[Box]()
    for box in boxes:
        more, undefined = covering(side, box, _PARTS)
        good += more
        bad += undefined
    return good, bad


def _near(value: Expr, whole: bool) -> Expr:
    """A short rational close to an irrational value, an integer close to any."""
    if value.is_Integer or (value.is_Rational and not whole) or not value.is_finite:
        return value
    low, high = enclose(value)
    if not (isfinite(low) and isfinite(high)):
        return value
    slack = max(abs(Rational(low)), abs(Rational(high))) / 2**30
    return floor(Rational(low) + Rational(1, 2)) if whole else short(Rational(low) - slack, Rational(high) + slack)


def _writable(e: Expr, symbol: Symbol, value: Expr) -> bool:
    """Whether the numbers in an expression stay short when a symbol has a value."""
    try:
        put(e, {symbol: value})
    except Unwieldy:
        return False
    return True


def _domain(p: Parameter) -> dict[str, Any]:
    d = p.domain
    ends = {"low": to_tree(d.low), "high": to_tree(d.high)}
    return ends | {"integer": d.integer, "exclude_low": d.exclude_low, "exclude_high": d.exclude_high}


def _negative(e: Expr, box: Box) -> bool:
    known = definite(e, box)
    return known == (-1, True)


def _leaves_of(proof: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The leaves of all cases."""
    yield from proof.get("leaves", ())
    for case in proof.get("cases", ()):
        if case is not None:
            yield from _leaves_of(case)


def _only_covers(proof: dict[str, Any]) -> bool:
    """Whether the proof is by enclosures of closed boxes alone: then 0 is never taken."""
    return proof["rule"] == "cover" or (proof["rule"] == "split" and all(map(_only_covers, proof["children"])))


def _size(proof: dict[str, Any]) -> int:
    return 1 + sum(_size(child) for child in proof.get("children", ()))


def _rules(proof: dict[str, Any]) -> set[str]:
    return {proof["rule"]}.union(*(_rules(child) for child in proof.get("children", ())))
