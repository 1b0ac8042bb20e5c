"""Statistics that are known by a hypothesis only."""

from __future__ import annotations

from typing import Any, ClassVar

from sympy import Expr, S, ceiling, sqrt

from boundcheck.errors import InvalidArgument
from boundcheck.statement.atom import Atom
from boundcheck.statement.laws import SHARE, TwoPoint, positive_number
from boundcheck.statement.notation import text
from boundcheck.statement.randomness.samples import Sample, StoppedWalk, iid, occupancy, sample_size
from boundcheck.statement.randomness.statistic import Statistic, empty, maximum, norm, sum_of


class Unknown(Atom):
    """A statistic known by its hypotheses only; a claim about it is tested at the members of its family.

    `words` says what it is, `symbol` is how it prints, `members` are expressions in statistics.
    """

    parts = ("symbol", "words", "members", "arguments")
    rank_in_sums: ClassVar[int] = 2
    symbol: str
    words: str
    members: tuple[Expr, ...]
    arguments: tuple[Expr, ...]

    @classmethod
    def class_key(cls) -> tuple[int, int, str]:
        """Sort after all other factors, as in lam*f(X)."""
        return 5, 0, "Statistic"

    def _sympystr(self, printer: Any) -> str:
        return self.symbol

    def _latex(self, printer: Any) -> str:
        return self.symbol


def lipschitz_function(sample: Sample, constant: Any) -> Unknown:
    """Any function of the sample that is Lipschitz with this constant in the Euclidean norm.

    Members: a linear function, the norm, and the maximum, each times the constant.

    Raises
    ------
    InvalidArgument
        When the sample is none, or the constant is not positive.
    """
    if not isinstance(sample, Sample):
        raise InvalidArgument("sample", sample, "is not a sample", "make one with iid(law, n) or independent(…)")
    c = positive_number("constant", constant)
    members = (c * sum_of(sample) / sqrt(sample.size), c * maximum(sample), c * norm(sample))
    return Unknown("f(X)", f"{text(c)}-Lipschitz function of X: {sample}", members, (c, sample.size))


def bounded_differences(n: Any, constant: Any) -> Unknown:
    """Any function of n independent variables that changes by at most `constant` when one variable changes.

    Members: sums of variables on [0, constant], and the number of empty bins among n when each variable is a ball.

    Raises
    ------
    InvalidArgument
        When n is no number of variables, or the constant is not positive.
    """
    n, c = sample_size("n", n), positive_number("constant", constant)
    members = (
        c * sum_of(iid(TwoPoint(S.Zero, S.One, SHARE), n)),
        c * empty(occupancy(n, n)),
    )
    return Unknown("f(X)", f"function of {n} variables, bounded differences {c}", members, (n, c))


def martingale(n: Any, constant: Any) -> Unknown:
    """The end S_n of any martingale with S_0 = 0 and |S_k - S_{k-1}| ≤ constant for k = 1, …, n.

    Members: sums of fair and of skewed independent steps, and the fair walk stopped when it first reaches √n steps.

    Raises
    ------
    InvalidArgument
        When n is no number of steps, or the constant is not positive.
    """
    n, c = sample_size("n", n), positive_number("constant", constant)
    skewed = TwoPoint(-c * SHARE, c, SHARE / (1 + SHARE))
    members = (
        sum_of(iid(skewed, n)),
        c * Statistic("sum", StoppedWalk((TwoPoint(-S.One, S.One, S.Half),), n, level=ceiling(sqrt(n)))),
    )
    return Unknown("S_n", f"martingale of {n} steps of at most {c}", members, (n, c))
