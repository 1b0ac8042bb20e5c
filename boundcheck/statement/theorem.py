"""A theorem: a claim over parameters, where it comes from, and where to test it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from sympy import Expr, S
from sympy.core.relational import Relational
from sympy.logic.boolalg import BooleanAtom

from boundcheck.display import Displayed
from boundcheck.errors import InvalidArgument
from boundcheck.statement.claim import RANDOM, Claim, P, Probability, Tail, read_claim
from boundcheck.statement.domain import Parameter, Point, exact, parameters_of
from boundcheck.statement.randomness import Expectation

FIDELITIES = ("", "reproduction", "specialisation", "variant")


@dataclass(frozen=True, kw_only=True)
class Theorem(Displayed):
    """A claim to check.

    Parameters
    ----------
    claim
        ``P(event) <= formula`` (or ``P(event) >= 1 - formula``), a relation of expectations such as
        ``E(exp(lam*sum_of(X))) <= formula``, a relation of statistics that is to hold for certain, or a relation of
        numbers such as ``sinh(x)/x <= exp(x**2/6)``.
    source
        Where the claim comes from, with its theorem number; left out, none is shown.
    hypotheses
        What is assumed beyond the laws and domains: relations of parameters such as ``t <= v/b``, which restrict
        where the claim is made, and words, which are shown.
    inverse
        ``{t: formula}``: the threshold at which the claimed probability is the parameter delta of the formula, so
        that with probability 1 - delta the event does not occur.
    fidelity
        "reproduction" of the source, "specialisation" of it, or own "variant".
    points
        Parameter values at which a claim is tested, each a mapping from parameter (or its name) to value. Left
        out, boundcheck chooses points inside the domains.
    name
        Left out, the name of the variable that holds the theorem.

    Raises
    ------
    InvalidArgument, UnsupportedClaim
        When the claim is not one that boundcheck can read, or a point lies outside the domain.
    """

    claim: Relational
    source: str = ""
    hypotheses: Sequence[Relational | str] = ()
    inverse: Mapping[Parameter, Expr] | None = None
    fidelity: str = ""
    points: Sequence[Mapping[Any, Any]] | None = None
    name: str = ""
    file: str | None = None
    title: str = ""
    reading: Claim = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not isinstance(self.source, str):
            raise InvalidArgument("source", self.source, "is not text", "say where the claim comes from, in quotes")
        object.__setattr__(self, "reading", read_claim(self.claim))
        object.__setattr__(self, "hypotheses", tuple(_hypothesis(h) for h in _listed(self.hypotheses)))
        if self.fidelity not in FIDELITIES:
            raise InvalidArgument("fidelity", self.fidelity, "is not known", f"pass one of {FIDELITIES[1:]}")
        names = [p.name for p in self.parameters]  # a symbol without a domain is refused here
        if len(set(names)) < len(names):
            raise InvalidArgument("claim", names, "are parameters of which two share a name", "rename one")
        if self.inverse is not None:
            object.__setattr__(self, "inverse", _inverse(self.inverse, self.reading))
        if self.points is not None:
            if isinstance(self.points, Mapping) or not all(isinstance(p, Mapping) for p in self.points):
                raise InvalidArgument("points", self.points, "is no list of points", 'pass points=[{"n": 100}, …]')
            if not self.points:
                raise InvalidArgument("points", self.points, "names no point", "leave it out, or pass at least one")
            object.__setattr__(self, "points", tuple(self.point(p) for p in self.points))

    @cached_property
    def parameters(self) -> tuple[Parameter, ...]:
        """The claim's parameters in alphabetical order."""
        found = self.reading.parameters | parameters_of(*(e for c in self.conditions for e in (c.lhs, c.rhs)))
        return tuple(sorted(found, key=lambda p: p.name))

    @cached_property
    def conditions(self) -> tuple[Relational, ...]:
        """The hypotheses that are relations of parameters."""
        return tuple(h for h in self.hypotheses if isinstance(h, Relational))

    @property
    def tail(self) -> Tail:
        """The claim, which is about the probability of an event."""
        assert isinstance(self.reading, Tail)
        return self.reading

    @property
    def quantile_form(self) -> Theorem | None:
        """The same theorem at its inverse: the event has probability at most delta, its opposite at least 1 - delta."""
        if self.inverse is None:
            return None
        [(threshold, formula)] = self.inverse.items()
        [delta] = parameters_of(formula) - self.reading.parameters
        [probability] = self.claim.atoms(Probability)
        at = P(_replaced(probability.event, threshold, formula))
        conditions = [_replaced(h, threshold, formula) if isinstance(h, Relational) else h for h in self.hypotheses]
        return replace(
            self,
            claim=at <= delta if self.claim.lts == probability else at >= 1 - delta,
            hypotheses=[h for h in conditions if h is not S.true],
            inverse=None,
            points=None,
        )

    @property
    def identity(self) -> str:
        """What the random draws of this theorem are keyed by: its file's stem and its name."""
        stem = (self.file or "").rsplit("/", 1)[-1].removesuffix(".py")
        return f"{stem}::{self.name}"

    def point(self, values: Mapping[Any, Any]) -> Point:
        """Check a parameter point and make its values exact.

        Raises
        ------
        InvalidArgument
            When a parameter is missing, unknown, or outside its domain.
        """
        by_name = {p.name: p for p in self.parameters}
        found: dict[Parameter, Expr] = {}
        for key, value in values.items():
            name = getattr(key, "name", key)
            if name not in by_name:
                raise InvalidArgument("points", str(name), "is not a parameter of the claim", f"use {list(by_name)}")
            found[by_name[name]] = exact(str(name), value)
        for p in self.parameters:
            if p not in found:
                raise InvalidArgument(
                    "points", dict(values), f"gives no value for {p.name}", "give every parameter one"
                )
            if not found[p].is_number or found[p] not in p.domain:
                raise InvalidArgument(p.name, str(found[p]), f"lies outside its domain {p.domain}", "choose it inside")
        for condition in self.conditions:
            if _at(condition, found) is S.false:
                raise InvalidArgument("points", dict(values), f"violates {condition}", "choose it so that it holds")
        return found

    def holds_at(self, point: Point) -> bool:
        """Whether the conditions hold at a point; what cannot be told by numbers counts as failing."""
        return all(_at(condition, point) is S.true for condition in self.conditions)

    def named(self, name: str, file: str, title: str) -> Theorem:
        """The theorem as found in a file under a name."""
        found = copy(self)  # which need not be read again
        for field_name, value in (("name", self.name or name), ("file", file), ("title", title)):
            object.__setattr__(found, field_name, value)
        return found


def _replaced(relation: Relational, threshold: Parameter, formula: Expr) -> Any:
    return relation.func(*(side.xreplace({threshold: formula}) for side in relation.args))


def _at(condition: Relational, point: Point) -> Any:
    try:
        return condition.xreplace(dict(point))
    except TypeError:  # a side is no real number there
        return S.false


def _listed(hypotheses: Any) -> Sequence[Any]:
    if isinstance(hypotheses, str | Relational):
        return (hypotheses,)
    if not isinstance(hypotheses, Sequence):
        raise InvalidArgument("hypotheses", hypotheses, "is no list", 'pass ["words", t <= v / b]')
    return hypotheses


def _hypothesis(value: Any) -> Relational | str:
    if isinstance(value, str):
        if re.search(r"[<>≤≥]", value) and not re.search(r"[A-Za-z]\w* +[A-Za-z]\w*", value):
            raise InvalidArgument("hypotheses", value, "is a relation in quotes", "drop the quotes, as in [t <= v / b]")
        return value
    if isinstance(value, bool | BooleanAtom):
        raise InvalidArgument("hypotheses", value, "was decided by SymPy", "leave it out, or change the domain")
    if not isinstance(value, Relational) or value.atoms(*RANDOM, Expectation, Probability):
        raise InvalidArgument(
            "hypotheses", str(value), "is no relation of parameters and no words", "pass one such as t <= v / b"
        )
    return value.func(exact("hypotheses", value.lhs), exact("hypotheses", value.rhs))


def _inverse(inverse: Any, claim: Claim) -> Mapping[Parameter, Expr]:
    remedy = "pass {t: formula in one new parameter delta}"
    if not isinstance(claim, Tail) or claim.claimed == 0 or not isinstance(inverse, Mapping) or len(inverse) != 1:
        raise InvalidArgument("inverse", inverse, "does not invert one threshold of a tail bound", remedy)
    [(threshold, formula)] = inverse.items()
    formula = exact("inverse", formula)
    if threshold not in claim.parameters or len(parameters_of(formula) - claim.parameters) != 1:
        raise InvalidArgument("inverse", inverse, "does not invert one threshold of a tail bound", remedy)
    return {threshold: formula}
