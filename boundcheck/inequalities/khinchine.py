"""Moments of sums of signs, and how close their law is to the normal one.

Source: S. J. Szarek, Studia Math. 58 (1976), for the best constant in Khinchine's inequality; I. Shevtsova,
arXiv:1111.6554 (2011), for the constant of Berry and Esseen.
"""

from __future__ import annotations

from sympy import Rational, erfc, sqrt

from boundcheck.statement.claim import E, P
from boundcheck.statement.domain import integer, real
from boundcheck.statement.laws import bernoulli, rademacher
from boundcheck.statement.randomness import iid, sum_of
from boundcheck.statement.theorem import Theorem

n = integer("n", min=1, max=10_000)
t = real("t")
p = real("p", min=0, max=1, exclude_min=True, exclude_max=True)

signs = iid(rademacher(1), n)
X = iid(bernoulli(p), n)
spread = sqrt(p * (1 - p))
ratio = (p**2 + (1 - p) ** 2) / spread  # E|X - p|³ / σ³

khinchine_fourth = Theorem(
    claim=E(sum_of(signs) ** 4) <= 3 * n**2,
    source="Khinchine's inequality for the fourth moment; expand, only paired indices stay",
    fidelity="specialisation",
)

szarek = Theorem(
    claim=E(abs(sum_of(signs))) >= sqrt(n / Rational(2)),
    source="Szarek 1976, for equal coefficients",
    fidelity="specialisation",
)

berry_esseen_upper = Theorem(
    claim=P(sum_of(X) >= n * p + t * spread * sqrt(n)) <= erfc(t / sqrt(2)) / 2 + Rational("0.4748") * ratio / sqrt(n),
    source="Shevtsova 2011, for Bernoulli variables",
    fidelity="specialisation",
)

berry_esseen_lower = Theorem(
    claim=P(sum_of(X) <= n * p + t * spread * sqrt(n)) <= erfc(-t / sqrt(2)) / 2 + Rational("0.4748") * ratio / sqrt(n),
    source="Shevtsova 2011, for Bernoulli variables",
    fidelity="specialisation",
)
