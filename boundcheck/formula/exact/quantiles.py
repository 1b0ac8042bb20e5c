"""Order statistics beyond their own quantile: the probability is the one that defines the quantile."""

from __future__ import annotations

from sympy import Abs, Expr, S

from boundcheck.formula.exact.numbers import Number, number
from boundcheck.statement.functions import BetaQuantile
from boundcheck.statement.laws import VALUE, Law, Uniform
from boundcheck.statement.randomness import Statistic

_RANKS = {"minimum": lambda n, rank: S.One, "maximum": lambda n, rank: n, "order": lambda n, rank: rank}


def chance_beyond_quantile(margin: Expr, statistics: set[Statistic], strict: bool) -> Number | None:
    """P(X_(k) > quantile) for the quantile of X_(k) itself, None for any other event; equality has no probability.

    With F the distribution function of one variable, F(X_(k)) has the law Beta(k, n - k + 1) (H. A. David and
    H. N. Nagaraja, Order Statistics, 3rd ed., 2003, Section 2.3).
    """
    quantiles = margin.atoms(BetaQuantile)
    if len(statistics) != 1 or len(quantiles) != 1:
        return None
    [statistic], [quantile] = statistics, quantiles
    sample = statistic.sample
    if statistic.kind not in _RANKS or sample.describes_itself or not sample.identical:
        return None
    rank = _RANKS[statistic.kind](sample.size, statistic.rank)
    a, b, delta = quantile.args
    level = _quantile(sample.laws[0], sample.function, quantile)
    if level is None or (a, b) != (rank, sample.size - rank + 1) or margin != statistic - level:
        return None
    return number(delta)


def _quantile(law: Law, function: Expr, q: Expr) -> Expr | None:
    """The q-quantile of a continuous variable, or of its modulus."""
    if function == VALUE and isinstance(law, Uniform):
        return law.low + (law.high - law.low) * q
    return law.magnitude_quantile(q) if function == Abs(VALUE) and law.symmetric else None
