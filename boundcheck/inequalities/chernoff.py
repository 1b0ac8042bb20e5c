"""Chernoff's bounds for sums of independent variables in [0, 1] with known mean, and for Poisson variables.

By convexity the moment generating function of a variable in [0, 1] is at most the Bernoulli one with the same mean, so
that every bound for Bernoulli variables holds for all of them.

Source: W. Hoeffding, JASA 58 (1963), Theorem 1, (2.1); M. Mitzenmacher and E. Upfal, Probability and Computing,
2nd ed., 2017, Theorems 4.4, 4.5 and 5.4 and Corollary 4.6.
"""

from __future__ import annotations

from sympy import Integer, exp

from boundcheck.inequalities.rates import lower_factor, relative_entropy, upper_factor
from boundcheck.statement.claim import P
from boundcheck.statement.domain import integer, real
from boundcheck.statement.families import bounded_with_mean
from boundcheck.statement.laws import poisson
from boundcheck.statement.randomness import iid, mean, sum_of
from boundcheck.statement.theorem import Theorem

n = integer("n", min=1, max=10_000)
p = real("p", min=0, max=1, exclude_min=True, exclude_max=True)
q = real("q", min=0, max=1, exclude_min=True, exclude_max=True)
u = real("u", min=0)
share = real("u", min=0, max=1)
inner_share = real("u", min=0, max=1, exclude_max=True)
x = real("x", min=0, exclude_min=True)
rate = real("rate", min=0, exclude_min=True)

X = iid(bounded_with_mean(0, 1, p), n)
mu = n * p
N = iid(poisson(rate), 1)

chernoff_kl_upper = Theorem(
    claim=P(mean(X) >= q) <= exp(-n * relative_entropy(q, p)),
    source="Hoeffding 1963, Theorem 1, (2.1)",
    hypotheses=[p <= q],
    fidelity="reproduction",
)

chernoff_kl_lower = Theorem(
    claim=P(mean(X) <= q) <= exp(-n * relative_entropy(q, p)),
    source="Hoeffding 1963, Theorem 1, (2.1), applied to 1 - X",
    hypotheses=[q <= p],
    fidelity="specialisation",
)

chernoff_upper = Theorem(
    claim=P(sum_of(X) >= (1 + u) * mu) <= upper_factor(u) ** mu,
    source="Mitzenmacher and Upfal 2017, Theorem 4.4 (1), for variables in [0, 1]",
    fidelity="variant",
)

chernoff_upper_third = Theorem(
    claim=P(sum_of(X) >= (1 + share) * mu) <= exp(-(share**2) * mu / 3),
    source="Mitzenmacher and Upfal 2017, Theorem 4.4 (2), for variables in [0, 1]",
    fidelity="variant",
)

chernoff_upper_ratio = Theorem(
    claim=P(sum_of(X) >= (1 + u) * mu) <= exp(-(u**2) * mu / (2 + u)),
    source="Mitzenmacher and Upfal 2017, Theorem 4.4 (1), with log(1 + u) ≥ 2u / (2 + u)",
    fidelity="variant",
)

chernoff_upper_far = Theorem(
    claim=P(sum_of(X) >= x) <= Integer(2) ** (-x),
    source="Mitzenmacher and Upfal 2017, Theorem 4.4 (3), for variables in [0, 1]",
    hypotheses=[x >= 6 * mu],
    fidelity="variant",
)

chernoff_lower = Theorem(
    claim=P(sum_of(X) <= (1 - inner_share) * mu) <= lower_factor(inner_share) ** mu,
    source="Mitzenmacher and Upfal 2017, Theorem 4.5 (1), for variables in [0, 1]",
    fidelity="variant",
)

chernoff_lower_half = Theorem(
    claim=P(sum_of(X) <= (1 - share) * mu) <= exp(-(share**2) * mu / 2),
    source="Mitzenmacher and Upfal 2017, Theorem 4.5 (2), for variables in [0, 1]",
    fidelity="variant",
)

chernoff_two_sided = Theorem(
    claim=P(abs(sum_of(X) - mu) >= share * mu) <= 2 * exp(-(share**2) * mu / 3),
    source="Mitzenmacher and Upfal 2017, Corollary 4.6, for variables in [0, 1]",
    fidelity="variant",
)

poisson_upper = Theorem(
    claim=P(sum_of(N) >= x) <= exp(x - rate) * (rate / x) ** x,
    source="Mitzenmacher and Upfal 2017, Theorem 5.4 (1)",
    hypotheses=[x >= rate],
    fidelity="reproduction",
)

poisson_lower = Theorem(
    claim=P(sum_of(N) <= x) <= exp(x - rate) * (rate / x) ** x,
    source="Mitzenmacher and Upfal 2017, Theorem 5.4 (2)",
    hypotheses=[x <= rate],
    fidelity="reproduction",
)
