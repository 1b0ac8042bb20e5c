"""Claims: about the probability of an event, about expectations, about numbers, and what is claimed for certain."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from sympy import Expr, Ge, Gt, Le, Lt, Not, S, Symbol, Tuple
from sympy.core.relational import Relational
from sympy.logic.boolalg import BooleanAtom

from boundcheck.errors import InvalidArgument, UnsupportedClaim
from boundcheck.statement.atom import Atom
from boundcheck.statement.domain import Parameter, exact, parameters_of
from boundcheck.statement.laws import SHARE
from boundcheck.statement.limits import with_upper_limits
from boundcheck.statement.notation import Latex, Text, inside
from boundcheck.statement.pruning import Gap
from boundcheck.statement.randomness import Expectation, Sample, Statistic, Unknown, Variance
from boundcheck.statement.sympy_stats import translated

RANDOM = (Statistic, Unknown, Gap)
"""Atoms that are random."""


class Probability(Atom):
    """The probability of an event, as an atom of SymPy expressions; make one with :func:`P`."""

    parts = ("event",)
    is_nonnegative = True
    event: Relational

    def _sympystr(self, printer: Any) -> str:
        return f"P({inside(printer, Text)._print(self.event)})"

    def _latex(self, printer: Any) -> str:
        return rf"\mathbb{{P}}\left[{inside(printer, Latex)._print(self.event)}\right]"


class UniversalConstant(Symbol):
    """A positive number that a theorem says exists without giving its value; make one with :func:`constant`."""

    __slots__ = ()

    def __new__(cls, name: str) -> UniversalConstant:
        return Symbol.__xnew__(cls, name, positive=True)

    @classmethod
    def class_key(cls) -> tuple[int, int, str]:
        """Sort before parameters, as in C*n."""
        return 2, -1, "UniversalConstant"


def constant(name: str = "C") -> UniversalConstant:
    """An unspecified universal constant: the claim is that some value serves for all parameters.

    Nothing at one point can refute or prove such a claim; boundcheck tests how its two sides scale.
    """
    return UniversalConstant(name)


def P(event: Any) -> Probability:
    """The probability of an event such as ``mean(X) - E(mean(X)) >= t`` or ``gap(target, pruned) > bound``.

    Raises
    ------
    InvalidArgument
        When the event is not an inequality, is decided already, or holds nothing random.
    """
    remedy = "pass an inequality such as mean(X) >= t"
    if isinstance(event, bool | BooleanAtom):
        raise InvalidArgument(
            "event", event, "is decided before anything random happens", f"{remedy}, not == (Python decides that)"
        )
    if not isinstance(event, Gt | Ge | Lt | Le):
        raise InvalidArgument("event", event, "is not an inequality", remedy)
    event = translated(event)
    if not event.atoms(*RANDOM):
        raise InvalidArgument("event", event, "holds nothing random", remedy)
    if event.atoms(UniversalConstant, Probability):
        raise UnsupportedClaim(
            f"the event {event} holds a constant or a probability; write the constant outside: P(…) <= C * formula"
        )
    return Probability(event)


def E(expression: Any) -> Expectation:
    """The mean of an expression in statistics of a sample, such as ``exp(lam * sum_of(X))``.

    Raises
    ------
    InvalidArgument
        When the expression holds nothing random.
    """
    return Expectation(_in_statistics(expression))


def Var(expression: Any) -> Variance:
    """The variance of an expression in statistics, the mean of (expression - E(expression))².

    Raises
    ------
    InvalidArgument
        When the expression holds nothing random.
    """
    return Variance(_in_statistics(expression))


def _in_statistics(expression: Any) -> Expr:
    if isinstance(expression, Sample):
        raise InvalidArgument(
            "expression", str(expression), "is a whole sample", "pass E(mean(X)), E(sum_of(X)) or E(maximum(X))"
        )
    if isinstance(expression, Expr):
        expression = translated(expression)
    if not isinstance(expression, Expr) or not expression.atoms(*RANDOM):
        raise InvalidArgument("expression", expression, "holds nothing random", "pass E(mean(X)) or E(sum_of(X))")
    if expression.atoms(Gap):
        raise UnsupportedClaim(
            "the expectation of a gap cannot be checked: its range is not known; write P(gap(…) > formula) <= delta"
        )
    if expression.atoms(UniversalConstant, Probability):
        raise UnsupportedClaim(
            f"the expectation of {expression} holds a constant or a probability; write it outside: E(…) <= C * formula"
        )
    return exact("expression", expression)


@dataclass(frozen=True)
class Claim(ABC):
    """What every kind of claim has: the random object that it is about, if any, and its parameters."""

    @abstractmethod
    def expressions(self) -> tuple[Expr, ...]:
        """The expressions that make up the claim."""

    @cached_property
    def random(self) -> frozenset[Expr]:
        """The random atoms, also those inside probabilities and expectations."""
        return frozenset().union(*(_random(e) for e in self.expressions()))

    @cached_property
    def gap(self) -> Gap | None:
        """The gap that the claim is about, if it is about one."""
        return next((a for a in self.random if isinstance(a, Gap)), None)

    @cached_property
    def sample(self) -> Sample | None:
        """The sample that the claim is about, if it is about one."""
        return next((a.sample.base for a in self.random if isinstance(a, Statistic)), None)

    @cached_property
    def unknown(self) -> Unknown | None:
        """The statistic known by a hypothesis only that the claim is about, if it is about one."""
        return next((a for a in self.random if isinstance(a, Unknown)), None)

    @cached_property
    def parameters(self) -> frozenset[Parameter]:
        """Every parameter of the claim, also those inside networks and laws."""
        found: frozenset[Parameter] = frozenset()
        for expression in self.expressions():
            for part in _nested(expression):
                found |= parameters_of(part.xreplace({c: S.One for c in part.atoms(UniversalConstant)}))
        for atom in self.random:
            if isinstance(atom, Gap):
                found |= atom.parameters
            elif isinstance(atom, Statistic):
                found |= atom.sample.parameters | parameters_of(*([] if atom.rank is None else [atom.rank]))
            elif isinstance(atom, Unknown):
                samples = [statistic.sample for member in atom.members for statistic in member.atoms(Statistic)]
                found |= parameters_of(*atom.arguments).union(*(s.parameters for s in samples)) - {SHARE}
        return found

    def one_object(self, words: str) -> None:
        """Check that the claim is about one sample, one unknown statistic, or one gap.

        Raises
        ------
        InvalidArgument
            When it mixes several.
        """
        objects = {a.sample.base if isinstance(a, Statistic) else a for a in self.random}
        if len(objects) > 1:
            raise InvalidArgument(
                "claim", words, "mixes several random objects", "make one sample X, or one gap, and use it throughout"
            )


@dataclass(frozen=True)
class Tail(Claim):
    """The claim P(margin > 0) ≤ claimed, or with ≥ when not `strict`; `claimed` is 0 for what is certain."""

    margin: Expr
    strict: bool
    claimed: Expr

    def expressions(self) -> tuple[Expr, ...]:
        return self.margin, self.claimed

    def threshold(self) -> Expr:
        """The formula ε of a claim P(gap > ε) ≤ δ."""
        gap = self.gap
        rest = self.margin.xreplace({gap: S.Zero})
        slope = self.margin.xreplace({gap: S.One}) - rest
        if self.margin != slope * gap + rest or not slope.is_positive:
            raise UnsupportedClaim(
                f"the event {self.margin} > 0 does not bound the gap from above; write P(gap(target, pruned) > formula)"
            )
        return -rest / slope


@dataclass(frozen=True)
class Moment(Claim):
    """The claim left ≤ right, whose sides hold expectations and probabilities."""

    left: Expr
    right: Expr

    def expressions(self) -> tuple[Expr, ...]:
        return self.left, self.right


@dataclass(frozen=True)
class Scaling(Claim):
    """The claim that left ≤ right for some value of the constants in it that does not depend on the parameters."""

    left: Expr
    right: Expr

    def expressions(self) -> tuple[Expr, ...]:
        return self.left, self.right


@dataclass(frozen=True)
class Analytic(Claim):
    """A relation between numbers, for all values of the parameters."""

    relation: Relational

    def expressions(self) -> tuple[Expr, ...]:
        return self.relation.lhs, self.relation.rhs


def _nested(expression: Expr) -> list[Expr]:
    """The expression, and those inside its probabilities and expectations."""
    found = [expression]
    for atom in expression.atoms(Expectation, Probability):
        inner = atom.argument if isinstance(atom, Expectation) else _margin(atom.event)
        found += _nested(inner)
    return found


def _random(expression: Expr) -> frozenset[Expr]:
    return frozenset().union(*(part.atoms(*RANDOM) for part in _nested(expression)))


def _margin(event: Relational) -> Expr:
    # Floats become the decimals that they print as before they are added up and rounded.
    return exact("event", event.gts) - exact("event", event.lts)


def _of_one_sample(e: Expr) -> Expr:
    """The expression with one sample for all that have the same laws.

    Means and probabilities inside depend on laws only; there another sample with the same laws does as well.

    Raises
    ------
    InvalidArgument
        When two samples with the same laws occur side by side, which would be taken for one.
    """
    bases: dict[Sample, list[Sample]] = {}
    for part in _nested(e):
        here = {a.sample.base for a in part.atoms(Statistic)}
        if len({replace(base, identity=0) for base in here}) < len(here):
            raise InvalidArgument(
                "claim", str(part), "mixes two samples with the same laws", "make one, X, and use it throughout"
            )
        for base in here:
            bases.setdefault(replace(base, identity=0), []).append(base)
    first = {base: min(b.identity for b in same) for same in bases.values() for base in same}
    return e if all(base.identity == identity for base, identity in first.items()) else _renamed(e, first)


def _renamed(e: Expr, identities: Mapping[Sample, int]) -> Expr:
    swap: dict[Expr, Expr] = {}
    for atom in e.atoms(Statistic, Expectation, Probability):
        if isinstance(atom, Statistic):
            sample = replace(atom.sample, identity=identities[atom.sample.base])
            swap[atom] = Statistic(atom.kind, sample, atom.rank)
        elif isinstance(atom, Expectation):
            inner = atom.expression if isinstance(atom, Variance) else atom.argument
            swap[atom] = type(atom)(_renamed(inner, identities))
        else:
            sides = (_renamed(side, identities) for side in atom.event.args)
            swap[atom] = Probability(atom.event.func(*sides, evaluate=False))
    return e.xreplace(swap)


def read_claim(claim: Any) -> Claim:
    """Read a claim: P(event) <= expr, P(event) >= 1 - expr, a relation of expectations, of statistics, or of numbers.

    Among numbers are upper limits, Limit(expr, d, oo) <= expr.

    Raises
    ------
    InvalidArgument
        When the claim is not an inequality, or mixes several random objects.
    UnsupportedClaim
        When the inequality is not of a form that can be checked.
    """
    if isinstance(claim, bool | BooleanAtom):
        raise InvalidArgument(
            "claim", claim, "was decided by SymPy before it could be checked", "write P(event) <= formula"
        )
    if not isinstance(claim, Le | Ge | Lt | Gt):
        raise InvalidArgument("claim", claim, "is not an inequality", "write P(event) <= formula")
    claim = with_upper_limits(translated(claim))
    if not isinstance(claim, BooleanAtom):
        whole = _of_one_sample(Tuple(claim.lhs, claim.rhs))
        claim = claim.func(*whole.args, evaluate=False)
    lhs, rhs = exact("claim", claim.lts), exact("claim", claim.gts)
    if lhs.is_infinite or rhs.is_infinite:
        raise InvalidArgument("claim", str(claim), "compares with infinity", "compare with a finite formula")
    analytic = Analytic(claim.func(exact("claim", claim.lhs), exact("claim", claim.rhs), evaluate=False))
    constants = lhs.atoms(UniversalConstant) | rhs.atoms(UniversalConstant)
    if not analytic.random and not constants:
        return analytic
    found = _read(claim, lhs, rhs)
    found.one_object(str(claim))
    if isinstance(found, Tail) and found.gap is not None:
        found.threshold()
    return found


def _read(claim: Relational, lhs: Expr, rhs: Expr) -> Claim:
    """The claim lhs ≤ rhs (or lhs < rhs) about something random."""
    constants = lhs.atoms(UniversalConstant) | rhs.atoms(UniversalConstant)
    if lhs.atoms(*RANDOM) or rhs.atoms(*RANDOM):
        if lhs.atoms(Probability) or rhs.atoms(Probability):
            raise UnsupportedClaim(f"the claim {claim} compares a probability with something random; write P(event)")
        if constants:
            raise UnsupportedClaim(f"the claim {claim} bounds something random by an unspecified constant; use E or P")
        return Tail(lhs - rhs, isinstance(claim, Le | Ge), S.Zero)
    if isinstance(claim, Lt | Gt):
        raise InvalidArgument(
            "claim", str(claim), "is strict, which no confidence limit can tell from equality", "write <= or >="
        )
    if constants:
        return Scaling(lhs, rhs)
    if isinstance(lhs, Probability) and not rhs.atoms(Probability):
        return Tail(_margin(lhs.event), isinstance(lhs.event, Gt | Lt), rhs)
    if isinstance(rhs, Probability) and not lhs.atoms(Probability):
        opposite = Not(rhs.event)
        return Tail(_margin(opposite), isinstance(opposite, Gt | Lt), 1 - lhs)
    return Moment(lhs, rhs)
