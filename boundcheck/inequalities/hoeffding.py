"""Hoeffding's inequalities for independent bounded variables, and the moment generating functions behind them.

Source: W. Hoeffding, JASA 58 (1963), Theorems 1 and 2 and (4.16); M. Kearns and L. Saul, Large deviation methods for
approximate probabilistic inference, UAI 1998, Lemma 1.
"""

from __future__ import annotations

from sympy import Rational, exp, log, sqrt

from boundcheck.statement.claim import E, P
from boundcheck.statement.domain import integer, real
from boundcheck.statement.families import bounded, bounded_with_mean
from boundcheck.statement.laws import bernoulli, rademacher
from boundcheck.statement.randomness import iid, independent, mean, sum_of
from boundcheck.statement.theorem import Theorem

n = integer("n", min=1, max=10_000)
t = real("t", min=0)
a, b = real("a"), real("b")
lam = real("lam")
r = real("r", min=0, exclude_min=True)
s = real("s", min=0, exclude_min=True)
low_p = real("p", min=0, max=Rational(1, 2), exclude_min=True, exclude_max=True)
high_p = real("p", min=Rational(1, 2), max=1, exclude_max=True)
delta = real("delta", min=0, max=1, exclude_min=True)

X = iid(bounded(a, b), n)
Y = iid(bounded(a, b), 1)
deviation = mean(X) - E(mean(X))
unequal = independent(bounded(0, 1), bounded(0, r), bounded(0, s))
signs = independent(rademacher(1), rademacher(r), rademacher(s))
low = iid(bounded_with_mean(0, 1, low_p), n)
high = iid(bounded_with_mean(0, 1, high_p), n)
skewness = log((1 - low_p) / low_p) / (1 - 2 * low_p)

hoeffding_mean = Theorem(
    claim=P(deviation >= t) <= exp(-2 * n * t**2 / (b - a) ** 2),
    source="Hoeffding 1963, Theorem 2, (2.6), for equal ranges",
    hypotheses=[a < b],
    inverse={t: (b - a) * sqrt(log(1 / delta) / (2 * n))},
    fidelity="specialisation",
)

hoeffding_mean_two_sided = Theorem(
    claim=P(abs(deviation) >= t) <= 2 * exp(-2 * n * t**2 / (b - a) ** 2),
    source="Hoeffding 1963, Theorem 2, (2.6), applied to X and -X",
    hypotheses=[a < b],
    inverse={t: (b - a) * sqrt(log(2 / delta) / (2 * n))},
    fidelity="specialisation",
)

hoeffding_sum = Theorem(
    claim=P(sum_of(X) - E(sum_of(X)) >= t) <= exp(-2 * t**2 / (n * (b - a) ** 2)),
    source="Hoeffding 1963, Theorem 2, (2.6), for equal ranges",
    hypotheses=[a < b],
    inverse={t: (b - a) * sqrt(n * log(1 / delta) / 2)},
    fidelity="specialisation",
)

hoeffding_unequal_ranges = Theorem(
    claim=P(sum_of(unequal) - E(sum_of(unequal)) >= t) <= exp(-2 * t**2 / (1 + r**2 + s**2)),
    source="Hoeffding 1963, Theorem 2, (2.6), for three variables",
    inverse={t: sqrt((1 + r**2 + s**2) * log(1 / delta) / 2)},
    fidelity="specialisation",
)

hoeffding_signs = Theorem(
    claim=P(abs(sum_of(signs)) >= t) <= 2 * exp(-(t**2) / (2 * (1 + r**2 + s**2))),
    source="R. Vershynin, High-Dimensional Probability, 2018, Theorem 2.2.5, for three signs",
    inverse={t: sqrt(2 * (1 + r**2 + s**2) * log(2 / delta))},
    fidelity="specialisation",
)

hoeffding_lemma = Theorem(
    claim=E(exp(lam * (sum_of(Y) - E(sum_of(Y))))) <= exp(lam**2 * (b - a) ** 2 / 8),
    source="Hoeffding 1963, (4.16); Boucheron, Lugosi and Massart 2013, Lemma 2.2",
    hypotheses=[a < b],
    fidelity="reproduction",
)

kearns_saul = Theorem(
    claim=E(exp(lam * (sum_of(iid(bernoulli(low_p), 1)) - low_p))) <= exp(lam**2 / (4 * skewness)),
    source="Kearns and Saul 1998, Lemma 1",
    hypotheses=["for p > 1/2 apply it to 1 - X"],
    fidelity="reproduction",
)

hoeffding_small_mean = Theorem(
    claim=P(mean(low) - low_p >= t) <= exp(-n * t**2 * skewness),
    source="Hoeffding 1963, Theorem 1, (2.2), for means below 1/2",
    inverse={t: sqrt(log(1 / delta) / (n * skewness))},
    fidelity="reproduction",
)

hoeffding_large_mean = Theorem(
    claim=P(mean(high) - high_p >= t) <= exp(-n * t**2 / (2 * high_p * (1 - high_p))),
    source="Hoeffding 1963, Theorem 1, (2.2), for means of at least 1/2",
    inverse={t: sqrt(2 * high_p * (1 - high_p) * log(1 / delta) / n)},
    fidelity="reproduction",
)
