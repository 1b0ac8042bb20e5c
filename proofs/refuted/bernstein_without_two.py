"""False: Bernstein's inequality with the factor 2 forgotten.

Source: S. Boucheron, G. Lugosi and P. Massart, Concentration Inequalities, 2013, (2.10), without its 2.
"""

from sympy import exp

from boundcheck import P, Theorem, centred, iid, integer, mean, real

n = integer("n", min=1, max=10_000)
t = real("t", min=0)
b = real("b", min=0, exclude_min=True)
v = real("v", min=0, exclude_min=True)
X = iid(centred(upper=b, variance=v), n)

bernstein_without_two = Theorem(
    claim=P(mean(X) >= t) <= exp(-n * t**2 / (v + b * t / 3)),
    source="Bernstein's inequality with the factor 2 forgotten",
)
