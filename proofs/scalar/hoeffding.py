"""Hoeffding's inequality for the mean of n independent variables in [0, 1].

Source: W. Hoeffding, JASA 58 (1963), Theorem 1, (2.3).
"""

from sympy import exp

from boundcheck import E, P, Theorem, bounded, iid, integer, mean, real

n = integer("n", min=1, max=10_000)
t = real("t", min=0, max=1)
X = iid(bounded(0, 1), n)

hoeffding = Theorem(
    claim=P(mean(X) - E(mean(X)) >= t) <= exp(-2 * n * t**2),
    source="Hoeffding 1963, Theorem 1",
)

hoeffding_two_sided = Theorem(
    claim=P(abs(mean(X) - E(mean(X))) >= t) <= 2 * exp(-2 * n * t**2),
    source="Hoeffding 1963, Theorem 1, applied to X and 1 - X",
)
