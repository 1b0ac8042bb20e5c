"""Members of the families that a claim is about, and the claim's expressions under one of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from sympy import Expr, Pow, S, exp

from boundcheck.errors import InvalidArgument
from boundcheck.statement.claim import Claim, Probability
from boundcheck.statement.domain import Parameter, Point
from boundcheck.statement.laws import Normal, Poisson
from boundcheck.statement.randomness import Expectation, Sample, Statistic, Unknown


@dataclass(frozen=True)
class Witness:
    """A sample of single laws; or, for a statistic known by a hypothesis only, an expression that stands for it."""

    sample: Sample
    member: Expr | None = None

    @property
    def parameters(self) -> frozenset[Parameter]:
        """The parameters of the witness, :data:`boundcheck.statement.laws.SHARE` among them where it is free."""
        return self.sample.parameters

    def at(self, point: Point) -> Sample:
        """The sample with numbers put in for parameters; many points share one.

        Raises
        ------
        InvalidArgument
            When there is no such law or sample at the point.
        """
        own = _parameters(self.sample)
        return _sample_at(self.sample, tuple(item for item in point.items() if item[0] in own))

    def law(self, point: Point) -> str:
        """The laws in words, at a point."""
        sample = self.at(point)
        words = str(sample) if sample.describes_itself else "; ".join(dict.fromkeys(str(law) for law in sample.laws))
        return words if self.member is None else f"{self.member} of {words}"

    def under(self, expression: Expr, point: Point) -> Expr:
        """The expression with numbers for parameters, of the statistics of this witness.

        Expectations that linearity gives become numbers; others stay, as expectations of concrete statistics.

        Raises
        ------
        InvalidArgument
            When there is no such law or sample at the point.
        """
        return self._under(expression, dict(point), self.at(point))

    def _under(self, expression: Expr, values: dict[Parameter, Expr], sample: Sample) -> Expr:
        if self.member is not None:
            expression = expression.xreplace({u: self.member for u in expression.atoms(Unknown)})
        swap: dict[Expr, Expr] = dict(values)
        for atom in _atoms(expression):
            if isinstance(atom, Statistic):
                swap[atom] = atom.at(values, sample)
            elif isinstance(atom, Expectation):
                swap[atom] = expectation(self._under(atom.argument, values, sample))
            else:
                sides = (self._under(side, values, sample) for side in atom.event.args)
                swap[atom] = Probability(atom.event.func(*sides, evaluate=False))
        try:
            return expression.xreplace(swap)
        except ZeroDivisionError:
            # SymPy takes a tiny number for 0 when it looks for the sign of what is divided by it.
            where = ", ".join(f"{p} = {value}" for p, value in values.items())
            raise InvalidArgument(
                "claim", str(expression), f"is too near a pole at {where}", "move the point"
            ) from None


@lru_cache(maxsize=1024)
def _atoms(expression: Expr) -> frozenset[Expr]:
    return frozenset(expression.atoms(Statistic, Expectation, Probability))


@lru_cache(maxsize=1024)
def _parameters(sample: Sample) -> frozenset[Parameter]:
    return sample.parameters


@lru_cache(maxsize=4096)
def _sample_at(sample: Sample, values: tuple[tuple[Parameter, Expr], ...]) -> Sample:
    return sample.at(dict(values))


@lru_cache(maxsize=4096)
def expectation(argument: Expr) -> Expr:
    """The mean of an expression in statistics, where linearity or a moment generating function gives it."""
    if isinstance(argument, exp):
        generated = _generated(argument.exp)
        if generated is not None:
            return generated
    if isinstance(argument, Pow) and argument.exp == 2:
        spread = _variance(argument.base)
        if spread is not None:
            return spread
    statistics = argument.atoms(Statistic)
    if not statistics:
        return argument
    factor, rest = argument.as_independent(*statistics, as_Add=False)
    if factor != 1:
        return factor * expectation(rest)
    at_zero = argument.xreplace({s: S.Zero for s in statistics})
    total, rebuilt = at_zero, at_zero
    for statistic in statistics:
        slope = argument.xreplace({s: S.One if s == statistic else S.Zero for s in statistics}) - at_zero
        average = statistic.expectation
        total += slope * (Expectation(statistic) if average is None else average)
        rebuilt += slope * statistic
    # A product of statistics agrees with no linear combination of them.
    return total if (argument - rebuilt).expand() == 0 else Expectation(argument)


def _variance(deviation: Expr) -> Expr | None:
    """E deviation² for slope·(S - E S) of a sum or mean S of independent variables with known variances."""
    statistics = deviation.atoms(Statistic)
    if len(statistics) != 1 or deviation.atoms(Expectation):
        return None
    [statistic] = statistics
    sample = statistic.sample
    rest = deviation.xreplace({statistic: S.Zero})
    slope = deviation.xreplace({statistic: S.One}) - rest
    average = statistic.expectation
    if type(sample) is not Sample or average is None or (deviation - slope * statistic - rest).expand() != 0:
        return None
    if (rest + slope * average).expand() != 0:
        return None
    images = [law.image(sample.function) for law in sample.laws]
    spreads = [image.variance for image in images if image is not None and image.variance is not None]
    if len(spreads) < len(images):
        return None
    total = sample.size * spreads[0] if sample.identical else sum(spreads, S.Zero)
    return slope**2 * (total / sample.size**2 if statistic.kind == "mean" else total)


def _generated(exponent: Expr) -> Expr | None:
    """E exp(λS + c) for a sum or mean S of i.i.d. variables whose moment generating function is finite everywhere."""
    statistics = exponent.atoms(Statistic)
    if len(statistics) != 1:
        return None
    [statistic] = statistics
    sample = statistic.sample
    constant = exponent.xreplace({statistic: S.Zero})
    slope = exponent.xreplace({statistic: S.One}) - constant
    if (statistic.kind not in ("sum", "mean") and sample.size != 1) or sample.describes_itself or not sample.identical:
        return None
    law = sample.laws[0].image(sample.function)
    finite = isinstance(law, Normal | Poisson) or (law is not None and law.finite is not None)
    if not finite or (exponent - slope * statistic - constant).expand() != 0:
        return None
    generating = law.mgf(slope if statistic.kind == "sum" else slope / sample.size)
    return None if generating is None else exp(constant) * generating**sample.size


def witnesses(claim: Claim) -> tuple[Witness, ...]:
    """The members of its families at which a claim about samples is tested."""
    if claim.unknown is not None:
        found = []
        for member in claim.unknown.members:
            [sample] = {s.sample.base for s in member.atoms(Statistic)}
            found += [Witness(s, member) for s in sample.witnesses()]
        return tuple(found)
    assert claim.sample is not None
    return tuple(Witness(sample) for sample in claim.sample.witnesses())
