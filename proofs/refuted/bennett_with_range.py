"""False: Bennett's inequality with the variance replaced by the square of the upper bound.

Variables that are bounded above only may have any variance: replacing v by b² is right only if v ≤ b².

Source: S. Boucheron, G. Lugosi and P. Massart, Concentration Inequalities, 2013, Theorem 2.9, with b² for v.
"""

from sympy import exp, log

from boundcheck import P, Theorem, centred, iid, integer, mean, real

n = integer("n", min=1, max=10_000)
t = real("t", min=0)
b = real("b", min=0, exclude_min=True)
v = real("v", min=0, exclude_min=True)
X = iid(centred(upper=b, variance=v), n)
u = t / b

bennett_with_range = Theorem(
    claim=P(mean(X) >= t) <= exp(-n * ((1 + u) * log(1 + u) - u)),
    source="Bennett's inequality with the variance replaced by b²",
)
