"""What is random: samples, draws without replacement, random matrices, occupancy counts, stopped walks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any, ClassVar, NoReturn, Self

from sympy import Abs, Expr, Integer, S, floor, sympify
from sympy.core.sympify import SympifyError

from boundcheck.errors import InvalidArgument, UnsupportedClaim
from boundcheck.statement.domain import Parameter, Point, exact, parameters_of
from boundcheck.statement.families import opposite
from boundcheck.statement.laws import SHARE, VALUE, Discrete, Hypergeometric, Law, TwoPoint
from boundcheck.statement.notation import (
    IID,
    SIMILAR,
    TIMES,
    Phrase,
    Sign,
    listed,
    member,
    members,
    text,
)
from boundcheck.statement.shown import Shown

_IDENTITIES = count(1)


class _NoExpression(InvalidArgument, SympifyError):
    """A sample where SymPy wants an expression: an error of SymPy's, so that it leaves arithmetic to the sample."""

    def __init__(self, sample: Sample) -> None:
        self.message = (
            f"sample={str(sample)!r} is no expression; take a statistic such as mean(X), sum_of(X) or maximum(X), "
            "or apply a function to each variable: X.map(exp)"
        )
        BaseException.__init__(self, self.message)

    def __str__(self) -> str:
        return self.message


@dataclass(frozen=True)
class Sample(Shown):
    """n independent variables: one law for all, or one law each; a function may have been applied to each of them.

    Arithmetic acts on each variable: ``X**2``, ``abs(X)``, ``2*X - 1``, ``X.map(exp)``.
    """

    laws: tuple[Law, ...]
    size: Expr
    function: Expr = VALUE
    identity: int = field(default=0, kw_only=True)
    """Tells two samples with the same laws apart, until numbers are put in."""
    symbol: ClassVar[str] = "X"

    @property
    def identical(self) -> bool:
        """Whether all variables share one law."""
        return len(self.laws) == 1

    @property
    def describes_itself(self) -> bool:
        """Whether the sample is more than independent variables with its laws."""
        return type(self) is not Sample

    @property
    def base(self) -> Sample:
        """The sample before a function was applied to each variable: what is random."""
        return replace(self, function=VALUE)

    @property
    def parameters(self) -> frozenset[Parameter]:
        """Parameters that occur in the laws, the size or the function."""
        inside = self.function.free_symbols - {VALUE}
        return parameters_of(self.size, *inside).union(*(law.parameters for law in self.laws))

    def at(self, point: Point) -> Self:
        """The sample with numbers put in for parameters.

        Raises
        ------
        InvalidArgument
            When there is no such law or sample size.
        """
        values = dict(point)
        laws = tuple(law.at(point) for law in self.laws)
        size = sample_size("n", self.size.xreplace(values))
        return replace(self, laws=laws, size=size, function=self.function.xreplace(values), identity=0)

    def witnesses(self) -> tuple[Sample, ...]:
        """Samples of single laws at which a claim about this sample is tested."""
        per_law = [law.witnesses() for law in self.laws]
        count = max(len(w) for w in per_law)
        # The i-th member of each family together; then with every second family turned round, so that a variable
        # near one end meets one near the other. Single laws stay as they are.
        together = [tuple(w[i % len(w)] for w in per_law) for i in range(count)]
        opposed = [
            tuple(opposite(law) if j % 2 and len(per_law[j]) > 1 else law for j, law in enumerate(laws))
            for laws in together
        ]
        return tuple(replace(self, laws=laws) for laws in dict.fromkeys(together + opposed))

    # Functions of each variable. ------------------------------------------------------------------------
    def map(self, function: Callable[[Expr], Expr]) -> Self:
        """The sample with a function of SymPy's applied to each variable: ``X.map(exp)``.

        Raises
        ------
        InvalidArgument
            When the function's value is no real expression.
        """
        return replace(self, function=exact("function", sympify(function(self.function))))

    def _with(self, value: Any, operation: Callable[[Expr, Expr], Expr]) -> Self:
        if isinstance(value, Sample):
            raise UnsupportedClaim("samples cannot be combined; use one sample and X.map(lambda x: x**2 - x)")
        operand = exact("operand", value)
        return self.map(lambda x: operation(x, operand))

    def __pow__(self, power: Any) -> Self:
        return self._with(power, lambda x, y: x**y)

    def __rpow__(self, base: Any) -> Self:
        return self._with(base, lambda x, y: y**x)

    def __abs__(self) -> Self:
        return self.map(Abs)

    def __neg__(self) -> Self:
        return self.map(lambda x: -x)

    def __add__(self, other: Any) -> Self:
        return self._with(other, lambda x, y: x + y)

    __radd__ = __add__

    def __sub__(self, other: Any) -> Self:
        return self._with(other, lambda x, y: x - y)

    def __rsub__(self, other: Any) -> Self:
        return self._with(other, lambda x, y: y - x)

    def __mul__(self, other: Any) -> Self:
        return self._with(other, lambda x, y: x * y)

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Self:
        return self._with(other, lambda x, y: x / y)

    def __rtruediv__(self, other: Any) -> Self:
        return self._with(other, lambda x, y: y / x)

    # What a sample is not: an expression, or something to compare or to take apart. ----------------------
    def _sympy_(self) -> NoReturn:
        raise _NoExpression(self)

    def _compared(self, other: Any) -> NoReturn:
        raise _NoExpression(self)

    __lt__ = __le__ = __gt__ = __ge__ = _compared

    def __iter__(self) -> NoReturn:
        raise _NoExpression(self)

    # How it reads. ---------------------------------------------------------------------------------------
    @property
    def notation(self) -> Phrase:
        """The variables with their laws: X_1, …, X_n i.i.d. ~ N(0, 1)."""
        names = members(self.symbol, self.size)
        if not self.identical:
            each = [(member(self.symbol, i), *law.predicate) for i, law in enumerate(self.laws, 1)]
            return (*names, " independent, ", *listed(each))
        predicate = self.laws[0].predicate
        if self.size == 1:
            return (*names, *predicate)
        return (*names, IID, *predicate[1:]) if predicate[0] == SIMILAR else (*names, " i.i.d.", *predicate)

    def __str__(self) -> str:
        return text(self.notation)


@dataclass(frozen=True)
class WithoutReplacement(Sample):
    """`size` draws without replacement from a population of numbers whose values make up the law (or family).

    The populations that are tested have two values: their sums are hypergeometric.
    """

    population: Expr = S.One

    @property
    def parameters(self) -> frozenset[Parameter]:
        return super().parameters | parameters_of(self.population)

    def at(self, point: Point) -> Self:
        population = sample_size("population", self.population.xreplace(dict(point)))
        sample = replace(super().at(point), population=population)
        if (population - sample.size).is_negative:
            raise InvalidArgument("drawn", sample.size, f"exceeds population={population}", "draw at most that many")
        law = sample.laws[0]
        if isinstance(law, TwoPoint) and (law.p * population).is_integer is False:
            raise InvalidArgument(
                "values", str(law), f"is the law of no {population} numbers", "pass a share such as K/N"
            )
        return sample

    def witnesses(self) -> tuple[Sample, ...]:
        """Populations of two values; where any share of upper ones will do, it is rounded down to one that there is."""
        laws = [law for law in self.laws[0].witnesses() if isinstance(law, TwoPoint)]
        share = floor(SHARE * self.population) / self.population
        return tuple(replace(self, laws=(replace(law, p=share) if law.p == SHARE else law,)) for law in laws)

    @property
    def count(self) -> Hypergeometric:
        """The law of how many draws have the upper value of a population of two values."""
        law = self.laws[0]
        assert isinstance(law, TwoPoint)
        return Hypergeometric(self.population, law.p * self.population, self.size)

    @property
    def notation(self) -> Phrase:
        drawn = (*members(self.symbol, self.size), " drawn without replacement from ", self.population, " numbers")
        predicate = self.laws[0].predicate
        return (*drawn, *((" with law ", *predicate[1:]) if predicate[0] == SIMILAR else predicate))


@dataclass(frozen=True)
class Matrix(Sample):
    """An m × n matrix of independent entries of one law."""

    rows: Expr = S.One
    symbol: ClassVar[str] = "A"

    @property
    def columns(self) -> Expr:
        """The number n of columns."""
        return self.size / self.rows

    @property
    def parameters(self) -> frozenset[Parameter]:
        return super().parameters | parameters_of(self.rows)

    def at(self, point: Point) -> Self:
        return replace(super().at(point), rows=self.rows.xreplace(dict(point)))

    @property
    def notation(self) -> Phrase:
        size = (self.rows, TIMES, self.columns)
        predicate = self.laws[0].predicate
        law = (IID, *predicate[1:]) if predicate[0] == SIMILAR else (" i.i.d.", *predicate)
        return (Sign(self.symbol, self.symbol), " a random ", *size, " matrix with entries", *law)


@dataclass(frozen=True)
class Occupancy(Sample):
    """How many of `size` balls, thrown independently and uniformly, fall into each of `bins` bins."""

    bins: Expr = S.One
    symbol: ClassVar[str] = "C"

    @property
    def parameters(self) -> frozenset[Parameter]:
        return super().parameters | parameters_of(self.bins)

    def at(self, point: Point) -> Self:
        return replace(super().at(point), bins=sample_size("bins", self.bins.xreplace(dict(point))))

    @property
    def notation(self) -> Phrase:
        counts = members(self.symbol, self.bins)
        thrown = " balls thrown independently and uniformly into "
        return (*counts, " the counts of ", self.size, thrown, self.bins, " bins")


@dataclass(frozen=True)
class StoppedWalk(Sample):
    """Steps ±1 with probability ½ each, 0 from when their sum first reaches `level`; their sum is a martingale."""

    level: Expr = S.One

    @property
    def parameters(self) -> frozenset[Parameter]:
        return super().parameters | parameters_of(self.level)

    def at(self, point: Point) -> Self:
        return replace(super().at(point), level=sample_size("level", self.level.xreplace(dict(point))))

    @property
    def notation(self) -> Phrase:
        return (*members(self.symbol, self.size), " fair steps ±1, and 0 once their sum reaches ", self.level)


def iid(law: Law, n: Any) -> Sample:
    """n independent variables with one law (or one unknown law out of a family).

    Raises
    ------
    InvalidArgument
        When the law is not a law or n is not a positive integer.
    """
    return Sample((_law(law),), sample_size("n", n), identity=next(_IDENTITIES))


def independent(*laws: Law) -> Sample:
    """Independent variables with these laws, one each.

    Raises
    ------
    InvalidArgument
        When fewer than two laws are given, or one is not a law.
    """
    if len(laws) < 2:
        raise InvalidArgument("laws", laws, "names fewer than two laws", "use iid(law, n) for one law")
    return Sample(tuple(_law(law) for law in laws), Integer(len(laws)), identity=next(_IDENTITIES))


def without_replacement(values: Law, *, population: Any, drawn: Any) -> WithoutReplacement:
    """`drawn` numbers out of a population of `population` numbers, without replacement.

    Parameters
    ----------
    values
        A family such as bounded(0, 1): what the numbers of the population may be. Or bernoulli(M / N): M ones among N.
    population, drawn
        Numbers of items, drawn ≤ population.

    Raises
    ------
    InvalidArgument
        When no population of two values is among the values, or fewer items are there than are drawn.
    """
    size, number = sample_size("drawn", drawn), sample_size("population", population)
    if (number - size).is_negative:
        raise InvalidArgument("drawn", size, f"exceeds population={number}", "draw at most that many")
    sample = WithoutReplacement((_law(values),), size, population=number, identity=next(_IDENTITIES))
    if not sample.witnesses():
        raise InvalidArgument(
            "values", str(values), "has no population of two values", "pass bounded(a, b) or bernoulli(K / N)"
        )
    if not sample.parameters:
        sample.witnesses()[0].at({SHARE: S.Half})
    return sample


def random_matrix(law: Law, rows: Any, columns: Any) -> Matrix:
    """A matrix of independent entries of one law, for :func:`spectral_norm`."""
    m, n = sample_size("rows", rows), sample_size("columns", columns)
    return Matrix((_law(law),), m * n, rows=m, identity=next(_IDENTITIES))


def occupancy(balls: Any, bins: Any) -> Occupancy:
    """Counts of balls thrown independently and uniformly into bins, for maximum, minimum and empty."""
    d = sample_size("bins", bins)
    urn = Discrete((S.Zero,), (S.One,))
    return Occupancy((urn,), sample_size("balls", balls), bins=d, identity=next(_IDENTITIES))


def _law(law: Law) -> Law:
    if not isinstance(law, Law):
        raise InvalidArgument("law", law, "is not a law", "pass bounded(0, 1), uniform(-1, 1), normal(0, 1), …")
    return law


def sample_size(name: str, value: Any) -> Expr:
    """A number of things, as far as it is a number.

    Raises
    ------
    InvalidArgument
        When it is not a positive integer.
    """
    size = exact(name, value)
    if size.is_integer is False or size.is_positive is False:
        raise InvalidArgument(name, size, "is not a sample size", 'pass a positive integer or integer("n", min=1)')
    return size
