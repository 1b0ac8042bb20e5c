"""Independent samples and their statistics: sums, means, maxima."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sympy import Expr, Integer, S

from boundcheck.errors import InvalidArgument, UnsupportedClaim
from boundcheck.statement.atom import Atom
from boundcheck.statement.domain import Parameter, Point, exact, parameters_of
from boundcheck.statement.laws import Law


@dataclass(frozen=True)
class Sample:
    """n independent variables: one law for all, or one law each."""

    laws: tuple[Law, ...]
    size: Expr

    @property
    def identical(self) -> bool:
        """Whether all variables share one law."""
        return len(self.laws) == 1

    @property
    def parameters(self) -> frozenset[Parameter]:
        """Parameters that occur in the laws or the size."""
        return parameters_of(self.size).union(*(law.parameters for law in self.laws))

    def at(self, point: Point) -> Sample:
        """The sample with numbers put in for parameters.

        Raises
        ------
        InvalidArgument
            When there is no such law or sample size.
        """
        return Sample(tuple(law.at(point) for law in self.laws), _sample_size(self.size.xreplace(dict(point))))

    def witnesses(self) -> tuple[Sample, ...]:
        """Samples of single laws at which a claim about this sample is tested."""
        per_law = [law.witnesses() for law in self.laws]
        count = max(len(w) for w in per_law)
        # The i-th member of each family together; then with every second family turned round, so that a variable
        # near one end meets one near the other. Single laws stay as they are.
        together = [tuple(w[i % len(w)] for w in per_law) for i in range(count)]
        turned = [w[::-1] if j % 2 else w for j, w in enumerate(per_law)]
        opposed = [tuple(w[i % len(w)] for w in turned) for i in range(count)]
        return tuple(Sample(laws, self.size) for laws in dict.fromkeys(together + opposed))

    def __str__(self) -> str:
        if self.identical:
            return f"{self.laws[0]}, {self.size} independent"
        return ", ".join(str(law) for law in self.laws) + " independent"


def iid(law: Law, n: Any) -> Sample:
    """n independent variables with one law (or one unknown law out of a family).

    Raises
    ------
    InvalidArgument
        When the law is not a law or n is not a positive integer.
    """
    if not isinstance(law, Law):
        raise InvalidArgument("law", law, "is not a law", "pass bounded(0, 1), uniform(-1, 1), normal(0, 1), …")
    return Sample((law,), _sample_size(exact("n", n)))


def _sample_size(n: Expr) -> Expr:
    if n.is_integer is False or n.is_positive is False:
        raise InvalidArgument("n", n, "is not a sample size", 'pass a positive integer or integer("n", min=1)')
    return n


def independent(*laws: Law) -> Sample:
    """Independent variables with these laws, one each.

    Raises
    ------
    InvalidArgument
        When fewer than two laws are given, or one is not a law.
    """
    for law in laws:
        if not isinstance(law, Law):
            raise InvalidArgument("laws", law, "is not a law", "pass laws such as uniform(-1, 1), one a variable")
    if len(laws) < 2:
        raise InvalidArgument("laws", laws, "names fewer than two laws", "use iid(law, n) for one law")
    return Sample(tuple(laws), Integer(len(laws)))


class Statistic(Atom):
    """The sum, mean or maximum of a sample, as an atom of SymPy expressions."""

    parts = ("kind", "sample")
    kind: str
    sample: Sample

    @property
    def expectation(self) -> Expr:
        """The mean of the statistic, by linearity.

        Raises
        ------
        UnsupportedClaim
            For a maximum, whose mean has no closed form here.
        """
        if self.kind == "maximum":
            raise UnsupportedClaim("E(maximum(X)) has no closed form here; compare the maximum with a formula instead")
        sample = self.sample
        total = (
            sample.size * sample.laws[0].mean if sample.identical else sum((law.mean for law in sample.laws), S.Zero)
        )
        return total if self.kind == "sum" else total / sample.size

    def _sympystr(self, printer: Any) -> str:
        return {"sum": "sum(X)", "mean": "mean(X)", "maximum": "max(X)"}[self.kind]

    def _latex(self, printer: Any) -> str:
        n = printer._print(self.sample.size)
        return {
            "sum": rf"\sum_{{i=1}}^{{{n}}} X_i",
            "mean": r"\overline{X}",
            "maximum": rf"\max_{{i \le {n}}} X_i",
        }[self.kind]


class Expectation(Atom):
    """The mean of an expression that is linear in sums and means; make one with :func:`boundcheck.E`."""

    parts = ("argument",)
    argument: Expr

    @classmethod
    def class_key(cls) -> tuple[int, int, str]:
        """Sort after statistics, so that a deviation prints as mean(X) - E(mean(X))."""
        return 5, 0, "~Expectation"

    def _sympystr(self, printer: Any) -> str:
        return f"E({printer._print(self.argument)})"

    def _latex(self, printer: Any) -> str:
        return rf"\mathbb{{E}}\left[{printer._print(self.argument)}\right]"


def _statistic(kind: str, sample: Any) -> Statistic:
    if not isinstance(sample, Sample):
        raise InvalidArgument("sample", sample, "is not a sample", "make one with iid(law, n) or independent(…)")
    return Statistic(kind, sample)


def sum_of(sample: Sample) -> Statistic:
    """The sum of the sample's variables."""
    return _statistic("sum", sample)


def mean(sample: Sample) -> Statistic:
    """The arithmetic mean of the sample's variables."""
    return _statistic("mean", sample)


def maximum(sample: Sample) -> Statistic:
    """The largest of the sample's variables."""
    return _statistic("maximum", sample)
