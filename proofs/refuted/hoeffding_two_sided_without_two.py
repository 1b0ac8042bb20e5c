"""False: a one-sided bound claimed for both sides.

Source: W. Hoeffding, JASA 58 (1963), Theorem 1, (2.3), with the absolute value on the left and no 2 on the right.
"""

from sympy import exp

from boundcheck import E, P, Theorem, bounded, iid, integer, mean, real

n = integer("n", min=1, max=10_000)
t = real("t", min=0, max=1)
X = iid(bounded(0, 1), n)

hoeffding_two_sided_without_two = Theorem(
    claim=P(abs(mean(X) - E(mean(X))) >= t) <= exp(-2 * n * t**2),
    source="Hoeffding 1963, Theorem 1, claimed for both sides",
)
