"""Tails from one or two moments: Markov, Chebyshev, Cantelli, Paley and Zygmund.

Source: S. Boucheron, G. Lugosi and P. Massart (BLM), Concentration Inequalities, 2013, Section 2.1 and its exercises.
"""

from __future__ import annotations

from sympy import sqrt

from boundcheck.statement.claim import E, P
from boundcheck.statement.domain import integer, real
from boundcheck.statement.families import nonnegative, with_variance
from boundcheck.statement.randomness import iid, mean, sum_of
from boundcheck.statement.theorem import Theorem

n = integer("n", min=1, max=10_000)
t = real("t", min=0)
positive_t = real("t", min=0, exclude_min=True)
theta = real("theta", min=0, max=1)
m = real("m", min=0, exclude_min=True)
mu = real("mu")
v = real("v", min=0, exclude_min=True)
delta = real("delta", min=0, max=1, exclude_min=True)

Y = iid(nonnegative(m), 1)
X = iid(with_variance(mu, v), n)

markov = Theorem(
    claim=P(sum_of(Y) >= positive_t) <= m / positive_t,
    source="BLM 2013, Section 2.1 (Markov's inequality)",
    inverse={positive_t: m / delta},
    fidelity="reproduction",
)

chebyshev = Theorem(
    claim=P(abs(mean(X) - mu) >= positive_t) <= v / (n * positive_t**2),
    source="BLM 2013, Section 2.1 (Chebyshev's inequality), for the mean of n variables",
    inverse={positive_t: sqrt(v / (n * delta))},
    fidelity="specialisation",
)

cantelli = Theorem(
    claim=P(mean(X) - mu >= t) <= v / (v + n * t**2),
    source="BLM 2013, Exercise 2.3 (Chebyshev-Cantelli inequality), for the mean of n variables",
    inverse={t: sqrt(v * (1 - delta) / (n * delta))},
    fidelity="specialisation",
)

# Multiplied through by the second moment, which may be infinite for other members of the family.
paley_zygmund = Theorem(
    claim=P(sum_of(Y) > theta * m) * E(sum_of(Y) ** 2) >= (1 - theta) ** 2 * m**2,
    source="BLM 2013, Exercise 2.4 (Paley-Zygmund inequality)",
    hypotheses=["the second moment is finite"],
    fidelity="reproduction",
)
