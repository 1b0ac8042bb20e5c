"""False: the maximum of n normals bounded like a single one.

Source: the union bound over n variables dropped from a Gaussian tail bound.
"""

from sympy import exp

from boundcheck import P, Theorem, iid, integer, maximum, normal, real

n = integer("n", min=1, max=100_000)
t = real("t", min=0, max=12)
Z = iid(normal(0, 1), n)

maximum_without_union_bound = Theorem(
    claim=P(maximum(Z) >= t) <= exp(-(t**2) / 2),
    source="Gaussian tail with the union bound dropped",
)
