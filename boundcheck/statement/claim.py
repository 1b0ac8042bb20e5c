"""Claims: P(event) <= expr over independent variables or over a pruned network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sympy import Expr, Ge, Gt, Le, Lt, Not, sympify
from sympy.core.relational import Relational
from sympy.logic.boolalg import BooleanAtom

from boundcheck.errors import InvalidArgument, UnsupportedClaim
from boundcheck.statement.atom import Atom
from boundcheck.statement.domain import Parameter, Point, exact, parameters_of
from boundcheck.statement.pruning import Gap
from boundcheck.statement.randomness import Expectation, Sample, Statistic


class Probability(Atom):
    """The probability of an event, as an atom of SymPy expressions; make one with :func:`P`."""

    parts = ("event",)
    is_nonnegative = True
    event: Relational

    def _sympystr(self, printer: Any) -> str:
        return f"P({printer._print(self.event)})"

    def _latex(self, printer: Any) -> str:
        return rf"\mathbb{{P}}\left[{printer._print(self.event)}\right]"


def P(event: Any) -> Probability:
    """The probability of an event such as ``mean(X) - E(mean(X)) >= t`` or ``gap(target, pruned) > bound``.

    Raises
    ------
    InvalidArgument
        When the event is not an inequality, is decided already, or holds nothing random.
    """
    remedy = "pass an inequality such as mean(X) >= t"
    if isinstance(event, bool | BooleanAtom):
        raise InvalidArgument("event", event, "is decided before anything random happens", remedy)
    if not isinstance(event, Gt | Ge | Lt | Le):
        raise InvalidArgument("event", event, "is not an inequality", remedy)
    if not event.atoms(Statistic, Gap):
        raise InvalidArgument("event", event, "holds nothing random", remedy)
    return Probability(event)


def E(expression: Any) -> Expectation:
    """The mean of an expression that is linear in sums and means of a sample.

    Raises
    ------
    InvalidArgument
        When the expression holds no statistic.
    UnsupportedClaim
        When it is not linear in sums and means.
    """
    expression = sympify(expression)
    statistics = sorted(expression.atoms(Statistic), key=str) if isinstance(expression, Expr) else []
    if not statistics:
        raise InvalidArgument("expression", expression, "holds nothing random", "pass E(mean(X)) or E(sum_of(X))")
    expression = exact("expression", expression)
    for statistic in statistics:
        if statistic.kind == "maximum" or not _linear(expression, statistic):
            raise UnsupportedClaim(
                f"E({expression}) is not linear in sums and means; only E(mean(X)) and the like work"
            )
    return Expectation(expression)


def _linear(expression: Expr, atom: Expr) -> bool:
    # AtomicExpr cannot be differentiated by, so compare with the chord through 0 and 1.
    at = [expression.xreplace({atom: sympify(v)}) for v in (0, 1)]
    slope = (at[1] - at[0]).expand()
    # A slope with another statistic in it would make a product, whose mean is not the product of means.
    return bool((expression - at[0] - atom * slope).expand() == 0) and not slope.has(Statistic)


@dataclass(frozen=True)
class Tail:
    """The claim P(margin > 0) ≤ claimed, or with ≥ when not `strict`.

    `margin` holds either statistics of one sample or one gap.
    """

    margin: Expr
    strict: bool
    claimed: Expr

    @property
    def gap(self) -> Gap | None:
        """The gap that the claim is about, if it is about one."""
        return next(iter(self.margin.atoms(Gap)), None)

    @property
    def sample(self) -> Sample | None:
        """The sample that the claim is about, if it is about one."""
        return next((s.sample for s in self.margin.atoms(Statistic)), None)

    @property
    def parameters(self) -> frozenset[Parameter]:
        """Every parameter of the claim, also those inside networks and laws."""
        found = parameters_of(self.margin, self.claimed)
        for atom in self.margin.atoms(Expectation):
            found |= parameters_of(atom.argument)
        if self.gap is not None:
            found |= self.gap.pruned.parameters | parameters_of(self.gap.radius)
        if self.sample is not None:
            found |= self.sample.parameters
        return found

    def threshold(self) -> Expr:
        """The formula ε of a claim P(gap > ε) ≤ δ."""
        gap = self.gap
        rest = self.margin.xreplace({gap: sympify(0)})
        slope = self.margin.xreplace({gap: sympify(1)}) - rest
        if self.margin != slope * gap + rest or not slope.is_positive:
            raise UnsupportedClaim(
                f"the event {self.margin} > 0 does not bound the gap from above; write P(gap(target, pruned) > formula)"
            )
        return -rest / slope

    def margin_at(self, point: Point, sample: Sample) -> tuple[Expr, Statistic]:
        """The margin with numbers for parameters, of the statistic of a sample with one law.

        Returns
        -------
        The margin, and the one statistic in it.
        """
        values = dict(point)
        margin = self.margin.xreplace(values)
        swap: dict[Expr, Expr] = {}
        for atom in margin.atoms(Expectation):
            argument = atom.argument.xreplace(values)
            swap[atom] = argument.xreplace(
                {s: Statistic(s.kind, sample).expectation for s in argument.atoms(Statistic)}
            )
        for s in margin.atoms(Statistic):
            swap[s] = Statistic(s.kind, sample)
        margin = margin.xreplace(swap)
        [kind] = {s.kind for s in self.margin.atoms(Statistic)}
        return margin, Statistic(kind, sample)


def tail_of(claim: Any) -> Tail:
    """Read the claim P(event) <= expr (or P(event) >= 1 - expr, the same about the opposite event).

    Raises
    ------
    InvalidArgument
        When the claim is not an inequality, or mixes several random objects.
    UnsupportedClaim
        When the inequality is not of this form.
    """
    if isinstance(claim, bool | BooleanAtom):
        raise InvalidArgument(
            "claim", claim, "was decided by SymPy before it could be checked", "write P(event) <= formula"
        )
    if isinstance(claim, Lt | Gt):
        raise InvalidArgument(
            "claim", str(claim), "is strict, which no confidence limit can tell from equality", "write <= or >="
        )
    if not isinstance(claim, Le | Ge):
        raise InvalidArgument("claim", claim, "is not an inequality", "write P(event) <= formula")
    lhs, rhs, upper = claim.lhs, exact("claim", claim.rhs), isinstance(claim, Le)
    if isinstance(rhs, Probability):
        lhs, rhs, upper = rhs, exact("claim", claim.lhs), not upper
    if not isinstance(lhs, Probability) or rhs.atoms(Probability, Statistic, Gap):
        raise UnsupportedClaim(
            f"the claim {claim} is not of the form P(event) <= formula; "
            "claims about numbers only, and about expectations, cannot be checked yet"
        )
    event, claimed = (lhs.event, rhs) if upper else (Not(lhs.event), 1 - rhs)
    strict = isinstance(event, Gt | Lt)
    # Floats become the decimals that they print as before they are added up and rounded.
    margin = exact("event", event.gts) - exact("event", event.lts)
    statistics, gaps = margin.atoms(Statistic), margin.atoms(Gap)
    if len(statistics) + len(gaps) != 1:
        raise InvalidArgument(
            "claim", str(claim), "mixes several random objects", "use one statistic of one sample, or one gap"
        )
    tail = Tail(margin, strict, claimed)
    if gaps:
        tail.threshold()
    for atom in margin.atoms(Expectation):
        if any(s.sample != tail.sample for s in atom.argument.atoms(Statistic)):
            raise InvalidArgument("claim", str(claim), "takes E of another sample", "use one sample")
    return tail
