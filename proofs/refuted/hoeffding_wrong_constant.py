"""False: Hoeffding's inequality with a constant of 4 where 2 is right.

Source: a wrong constant planted in Hoeffding 1963, Theorem 1; the exact binomial tail refutes it.
"""

from sympy import exp

from boundcheck import E, P, Theorem, bounded, iid, integer, mean, real

n = integer("n", min=1, max=10_000)
t = real("t", min=0, max=1)
X = iid(bounded(0, 1), n)

hoeffding_wrong_constant = Theorem(
    claim=P(mean(X) - E(mean(X)) >= t) <= exp(-4 * n * t**2),
    source="Hoeffding 1963, Theorem 1, with a wrong constant",
)
