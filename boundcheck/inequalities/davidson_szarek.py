"""The norm of a matrix of independent normals.

Source: K. R. Davidson and S. J. Szarek, Handbook of the Geometry of Banach Spaces I, 2001, Theorem II.13;
A. S. Bandeira and R. van Handel, Ann. Probab. 44 (2016), Theorem 3.1.
"""

from __future__ import annotations

from sympy import Min, Rational, exp, log, sqrt

from boundcheck.statement.claim import E, P
from boundcheck.statement.domain import integer, real
from boundcheck.statement.laws import normal
from boundcheck.statement.randomness import random_matrix, spectral_norm
from boundcheck.statement.theorem import Theorem

m = integer("m", min=1, max=1024)
n = integer("n", min=1, max=1024)
s = real("s", min=0, exclude_min=True)
t = real("t", min=0)
eps = real("eps", min=0, max=Rational(1, 2), exclude_min=True)
delta = real("delta", min=0, max=1, exclude_min=True)

largest = spectral_norm(random_matrix(normal(0, s), m, n))
SIZES = [{"m": m_value, "n": n_value, "s": 1} for m_value, n_value in ((1, 1), (4, 2), (12, 12))]

davidson_szarek_mean = Theorem(
    claim=E(largest) <= s * (sqrt(m) + sqrt(n)),
    source="Davidson and Szarek 2001, Theorem II.13 (by Gordon's comparison)",
    fidelity="reproduction",
    points=SIZES,
)

davidson_szarek_tail = Theorem(
    claim=P(largest >= s * (sqrt(m) + sqrt(n) + t)) <= exp(-(t**2) / 2),
    source="Davidson and Szarek 2001, Theorem II.13",
    inverse={t: sqrt(2 * log(1 / delta))},
    fidelity="reproduction",
    points=[{**size, "t": value} for size in SIZES for value in ("3/2",)],
)

norm_concentration = Theorem(
    claim=P(abs(largest - E(largest)) >= s * t) <= 2 * exp(-(t**2) / 2),
    source="Boucheron, Lugosi and Massart 2013, Theorem 5.6, for the norm, which is 1-Lipschitz in the entries",
    inverse={t: sqrt(2 * log(2 / delta))},
    fidelity="specialisation",
    points=[{**size, "t": value} for size in SIZES for value in (2,)],
)

# For equal variances: σ₁ = s √n, σ₂ = s √m, σ* = s. Weaker here than Davidson and Szarek; its use is unequal variances.
bandeira_van_handel = Theorem(
    claim=E(largest) <= (1 + eps) * s * (sqrt(m) + sqrt(n) + 5 * sqrt(log(Min(m, n)) / log(1 + eps))),
    source="Bandeira and van Handel 2016, Theorem 3.1, for equal variances",
    fidelity="specialisation",
    points=[{**size, "eps": value} for size in SIZES for value in ("1/100", "1/2")],
)
