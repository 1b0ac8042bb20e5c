"""Statistics of samples, and how they print."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar

from sympy import Expr, S, Symbol, sqrt
from sympy.printing.precedence import PRECEDENCE, PRECEDENCE_TRADITIONAL

from boundcheck.errors import InvalidArgument
from boundcheck.statement.atom import Atom
from boundcheck.statement.domain import Point, exact
from boundcheck.statement.laws import VALUE
from boundcheck.statement.notation import Latex, inside, member
from boundcheck.statement.randomness.samples import Matrix, Occupancy, Sample, StoppedWalk

WORDS = {
    "sum": "sum",
    "mean": "mean",
    "maximum": "max",
    "minimum": "min",
    "order": "order_statistic",
    "variance": "sample_variance",
    "kolmogorov": "kolmogorov_distance",
    "spectral_norm": "norm",
    "empty": "empty",
}
"""Kinds of statistics with their names in text."""
KINDS = {Matrix: {"spectral_norm"}, Occupancy: {"maximum", "minimum", "empty"}}
"""Kinds of statistics of special samples; others have all kinds but these."""

# LaTeX and MathML put brackets round a statistic, often a sum, before they raise it to a power; text need not.
PRECEDENCE_TRADITIONAL["Statistic"] = PRECEDENCE["Mul"]


class Statistic(Atom):
    """A statistic of a sample, as an atom of SymPy expressions; `rank` is that of an order statistic."""

    parts = ("kind", "sample", "rank")
    rank_in_sums: ClassVar[int] = 2
    kind: str
    sample: Sample
    rank: Expr | None

    def __new__(cls, kind: str, sample: Sample, rank: Expr | None = None) -> Statistic:
        return super().__new__(cls, kind, sample, rank)

    def _hashable_content(self) -> tuple[Any, ...]:
        # SymPy sorts by it, and samples have no order.
        return self.sample.identity, *self.__getnewargs__()

    @classmethod
    def class_key(cls) -> tuple[int, int, str]:
        """Sort after all other factors, as in lam*sum(X)."""
        return 5, 0, "Statistic"

    @property
    def expectation(self) -> Expr | None:
        """The mean of the statistic by linearity, or None where that does not give it."""
        sample = self.sample
        alone = sample.size == 1 and self.kind in ("maximum", "minimum", "order")
        if not (alone or self.kind in ("sum", "mean")) or isinstance(sample, Occupancy | Matrix):
            return None
        if isinstance(sample, StoppedWalk) and sample.function != VALUE:
            return None  # the law of a step changes when the walk stops
        images = [law.image(sample.function) for law in sample.laws]
        if any(image is None for image in images):
            return None
        means = [image.mean for image in images if image is not None]
        total = sample.size * means[0] if sample.identical else sum(means, S.Zero)
        return total if self.kind == "sum" else total / sample.size

    def at(self, point: Point, sample: Sample) -> Statistic:
        """The same statistic of another sample, with numbers put in for parameters.

        Raises
        ------
        InvalidArgument
            When the sample has no such statistic.
        """
        rank = None if self.rank is None else self.rank.xreplace(dict(point))
        function = self.sample.function.xreplace(dict(point))
        return _statistic(self.kind, replace(sample, function=function), rank)

    @property
    def one(self) -> Expr:
        """The function of the i-th variable."""
        return self.sample.function.xreplace({VALUE: member(self.sample.symbol, Symbol("i"))})

    @property
    def whole(self) -> Expr:
        """The function of the sample as a whole, which one variable stands for in text."""
        return self.sample.function.xreplace({VALUE: Symbol(self.sample.symbol)})

    @property
    def count(self) -> Expr:
        """How many variables the statistic is about: up to where its index runs."""
        return self.sample.bins if isinstance(self.sample, Occupancy) else self.sample.size

    @property
    def one_variable(self) -> bool:
        """Whether the statistic is a variable itself, the only one, or a function of it."""
        return self.count == 1 and self.kind in ("sum", "mean", "maximum", "minimum")

    def _sympystr(self, printer: Any) -> str:
        if self.one_variable:
            return printer._print(self.whole) if self.whole.is_Symbol else f"({printer._print(self.whole)})"
        rank = "" if self.rank is None else f", {printer._print(self.rank)}"
        return f"{WORDS[self.kind]}({printer._print(self.whole)}{rank})"

    def _latex(self, printer: Any) -> str:
        ours = inside(printer, Latex)
        one, whole, n = (ours._print(e) for e in (self.one, self.whole, self.count))
        plain = self.sample.function == VALUE
        summand = rf"\left({one}\right)" if self.sample.function.is_Add else one
        of = "" if plain else rf"\left({whole}\right)"
        if self.one_variable:
            return whole
        match self.kind:
            case "sum":
                return rf"\sum_{{i=1}}^{{{n}}} {summand}"
            case "mean":
                return rf"\overline{{{whole}}}" if plain else rf"\frac{{1}}{{{n}}} \sum_{{i=1}}^{{{n}}} {summand}"
            case "maximum" | "minimum":
                return rf"\{WORDS[self.kind]}_{{i \le {n}}} {summand}"
            case "order":
                return rf"{whole if plain else of}_{{({ours._print(self.rank)})}}"
            case "variance":
                return rf"\widehat{{\sigma}}^{{\,2}}{of}"
            case "kolmogorov":
                return rf"\left\|\widehat{{F}}_{{{n}}} - F\right\|_{{\infty}}"
            case "spectral_norm":
                return rf"\left\|{whole}\right\|"
            case _:
                return rf"\left|\left\{{i : {one} = 0\right\}}\right|"


def _statistic(kind: str, sample: Any, rank: Expr | None = None) -> Statistic:
    if not isinstance(sample, Sample):
        raise InvalidArgument("sample", sample, "is not a sample", "make one with iid(law, n) or independent(…)")
    kinds = KINDS.get(type(sample), set(WORDS) - {"spectral_norm", "empty"})
    if kind not in kinds:
        raise InvalidArgument("sample", str(sample), f"has no {_name(kind)}", f"use {', '.join(map(_name, kinds))}")
    if kind == "variance" and sample.size == 1:
        raise InvalidArgument("n", sample.size, "leaves no sample variance", "draw at least 2 variables")
    if kind == "kolmogorov" and not sample.identical:
        raise InvalidArgument("sample", str(sample), "has several laws", "pass a sample of one law, iid(law, n)")
    if rank is not None and (sample.size - rank).is_negative:
        raise InvalidArgument("k", rank, f"exceeds the sample size {sample.size}", "pass a rank from 1 to n")
    if rank is not None and (rank.is_integer is False or rank.is_positive is False):
        raise InvalidArgument("k", rank, "is not a rank", "pass an integer from 1 to n")
    return Statistic(kind, sample, rank)


def _name(kind: str) -> str:
    return {"sum": "sum_of", "order": "order_statistic", "variance": "sample_variance"}.get(
        kind, "kolmogorov_distance" if kind == "kolmogorov" else kind
    )


def sum_of(sample: Sample) -> Statistic:
    """The sum of the sample's variables."""
    return _statistic("sum", sample)


def mean(sample: Sample) -> Statistic:
    """The arithmetic mean of the sample's variables."""
    return _statistic("mean", sample)


def maximum(sample: Sample) -> Statistic:
    """The largest of the sample's variables."""
    return _statistic("maximum", sample)


def minimum(sample: Sample) -> Statistic:
    """The smallest of the sample's variables."""
    return _statistic("minimum", sample)


def order_statistic(sample: Sample, k: Any) -> Statistic:
    """The k-th smallest of the sample's variables, 1 ≤ k ≤ n.

    Raises
    ------
    InvalidArgument
        When k is no integer from 1 to n.
    """
    return _statistic("order", sample, exact("k", k))


def norm(sample: Sample) -> Expr:
    """The Euclidean norm of the sample."""
    return sqrt(sum_of(sample**2)) if isinstance(sample, Sample) else _statistic("norm", sample)


def sample_variance(sample: Sample) -> Statistic:
    """The unbiased sample variance, Σ(x - mean)² / (n - 1), n ≥ 2."""
    return _statistic("variance", sample)


def kolmogorov_distance(sample: Sample) -> Statistic:
    """sup over x of |share of variables ≤ x - P(X ≤ x)|, for variables of one law."""
    return _statistic("kolmogorov", sample)


def spectral_norm(matrix: Matrix) -> Statistic:
    """The largest singular value of a random matrix."""
    return _statistic("spectral_norm", matrix)


def empty(counts: Occupancy) -> Statistic:
    """The number of empty bins."""
    return _statistic("empty", counts)
