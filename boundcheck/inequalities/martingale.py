"""Martingales: Azuma and Hoeffding for bounded steps, Freedman for a bounded quadratic variation.

Source: W. Hoeffding, JASA 58 (1963), Section 2; K. Azuma, Tohoku Math. J. 19 (1967); D. A. Freedman, Ann. Probab. 3
(1975), Theorem (1.6).
"""

from __future__ import annotations

from sympy import Expr, Min, S, ceiling, exp, log, sqrt

from boundcheck.inequalities.rates import bennett_rate
from boundcheck.statement.claim import E, P, Var
from boundcheck.statement.domain import integer, real
from boundcheck.statement.families import centred
from boundcheck.statement.laws import rademacher
from boundcheck.statement.randomness import Statistic, StoppedWalk, Unknown, iid, martingale, sum_of
from boundcheck.statement.theorem import Theorem


def _with_quadratic_variation(n: Expr, b: Expr, v: Expr) -> Unknown:
    """The end of a martingale of n steps of at most b whose conditional variances add up to at most n v, surely.

    Members: independent steps of Bennett's laws; and a fair walk with steps ±min(b, √v), stopped at √n steps up.
    """
    walk = StoppedWalk((rademacher(S.One),), n, level=ceiling(sqrt(n)))
    members = (sum_of(iid(centred(upper=b, variance=v), n)), Min(b, sqrt(v)) * Statistic("sum", walk))
    words = f"martingale of {n} steps of at most {b}, conditional variances at most {n * v} in all"
    return Unknown("S_n", words, members, (n, b, v))


n = integer("n", min=1, max=10_000)
t = real("t", min=0)
c = real("c", min=0, exclude_min=True)
b = real("b", min=0, exclude_min=True)
v = real("v", min=0, exclude_min=True)
lam = real("lam")
delta = real("delta", min=0, max=1, exclude_min=True)

end = martingale(n, c)
steady = _with_quadratic_variation(n, b, v)

azuma = Theorem(
    claim=P(end >= t) <= exp(-(t**2) / (2 * n * c**2)),
    source="Hoeffding 1963, Section 2; Azuma 1967",
    inverse={t: c * sqrt(2 * n * log(1 / delta))},
    fidelity="specialisation",
)

azuma_two_sided = Theorem(
    claim=P(abs(end) >= t) <= 2 * exp(-(t**2) / (2 * n * c**2)),
    source="Hoeffding 1963, Section 2; Azuma 1967; for S and -S",
    inverse={t: c * sqrt(2 * n * log(2 / delta))},
    fidelity="specialisation",
)

azuma_moment = Theorem(
    claim=E(exp(lam * end)) <= exp(lam**2 * n * c**2 / 2),
    source="Azuma 1967; Hoeffding's lemma for each step given the past",
    fidelity="specialisation",
)

# Steps are orthogonal.
martingale_variance = Theorem(
    claim=Var(end) <= n * c**2,
    source="orthogonality of martingale differences",
    fidelity="specialisation",
)

freedman = Theorem(
    claim=P(steady >= t) <= exp(-n * v / b**2 * bennett_rate(b * t / (n * v))),
    source="Freedman 1975, Theorem (1.6), for conditional variances that add up to at most n v surely",
    fidelity="specialisation",
)

freedman_bernstein = Theorem(
    claim=P(steady >= t) <= exp(-(t**2) / (2 * (n * v + b * t / 3))),
    source="Freedman 1975, Theorem (1.6), with h(u) ≥ u² / (2(1 + u/3)); conditional variances ≤ n v in all, surely",
    inverse={t: b * log(1 / delta) / 3 + sqrt((b * log(1 / delta) / 3) ** 2 + 2 * n * v * log(1 / delta))},
    fidelity="variant",
)
