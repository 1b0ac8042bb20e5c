"""The largest of n independent standard normals, by the union bound.

Source: the Gaussian tail P(Z ≥ t) ≤ exp(-t²/2)/2 for t ≥ 0, and the union bound (Boucheron, Lugosi and Massart,
Concentration Inequalities, 2013, Section 2.5).
"""

from sympy import exp

from boundcheck import P, Theorem, iid, integer, maximum, normal, real

n = integer("n", min=1, max=100_000)
t = real("t", min=0, max=12)
Z = iid(normal(0, 1), n)

gaussian_maximum = Theorem(
    claim=P(maximum(Z) >= t) <= n * exp(-(t**2) / 2) / 2,
    source="union bound over Gaussian tails; Boucheron, Lugosi and Massart 2013, Section 2.5",
    points=[{"n": n_value, "t": t_value} for n_value in (1, 10, 1000, 100_000) for t_value in ("1/10", 1, 2, 4, 6, 10)],
)
