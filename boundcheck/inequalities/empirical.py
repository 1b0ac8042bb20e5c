"""Empirical quantities: the distribution function (DKW and Massart), and Bernstein with the sample variance.

Source: P. Massart, Ann. Probab. 18 (1990), Corollary 1; A. Maurer and M. Pontil, COLT 2009, Theorems 4 and 10.
"""

from __future__ import annotations

from sympy import exp, log, sqrt

from boundcheck.statement.claim import E, P
from boundcheck.statement.domain import integer, real
from boundcheck.statement.families import bounded
from boundcheck.statement.laws import uniform
from boundcheck.statement.randomness import iid, kolmogorov_distance, mean, sample_variance
from boundcheck.statement.theorem import Theorem

n = integer("n", min=1, max=10_000)
pairs = integer("n", min=2, max=10_000)
t = real("t", min=0, max=1)
delta = real("delta", min=0, max=1, exclude_min=True)

U = iid(uniform(0, 1), n)
X = iid(bounded(0, 1), pairs)
level = log(2 / delta)
allowance = sqrt(2 * sample_variance(X) * level / pairs) + 7 * level / (3 * (pairs - 1))

# The law of the distance is the same for every continuous law, and stochastically smaller for others.
dkw_massart = Theorem(
    claim=P(kolmogorov_distance(U) > t) <= 2 * exp(-2 * n * t**2),
    source="Massart 1990, Corollary 1",
    inverse={t: sqrt(log(2 / delta) / (2 * n))},
    fidelity="specialisation",
)

maurer_pontil = Theorem(
    claim=P(E(mean(X)) - mean(X) > allowance) <= delta,
    source="Maurer and Pontil 2009, Theorem 4",
    fidelity="reproduction",
)

sample_deviation_below = Theorem(
    claim=P(sqrt(E(sample_variance(X))) > sqrt(sample_variance(X)) + sqrt(2 * log(1 / delta) / (pairs - 1))) <= delta,
    source="Maurer and Pontil 2009, Theorem 10",
    fidelity="reproduction",
)

sample_deviation_above = Theorem(
    claim=P(sqrt(sample_variance(X)) > sqrt(E(sample_variance(X))) + sqrt(2 * log(1 / delta) / (pairs - 1))) <= delta,
    source="Maurer and Pontil 2009, Theorem 10",
    fidelity="reproduction",
)
