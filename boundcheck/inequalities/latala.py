"""Latała's inequality: the norm of a matrix of independent entries up to a universal constant.

The constant has no published value: nothing at one point can refute the claim, and boundcheck tests how its two sides
scale.

Source: R. Latała, Some estimates of norms of random matrices, Proc. Amer. Math. Soc. 133 (2005), Theorem 2.
"""

from __future__ import annotations

from sympy import Rational, sqrt

from boundcheck.statement.claim import E, constant
from boundcheck.statement.domain import integer, real
from boundcheck.statement.laws import normal, uniform
from boundcheck.statement.randomness import random_matrix, spectral_norm
from boundcheck.statement.theorem import Theorem

m = integer("m", min=1, max=4096)
n = integer("n", min=1, max=4096)
s = real("s", min=0, exclude_min=True)
C = constant()

root = Rational(1, 4)

# Variance s²/3, fourth moment s⁴/5.
latala_uniform = Theorem(
    claim=E(spectral_norm(random_matrix(uniform(-s, s), m, n)))
    <= C * s * ((sqrt(m) + sqrt(n)) / sqrt(3) + (m * n / 5) ** root),
    source="Latała 2005, Theorem 2, for uniform entries",
    fidelity="specialisation",
)

# The fourth moment is 3 s⁴.
latala_normal = Theorem(
    claim=E(spectral_norm(random_matrix(normal(0, s), m, n))) <= C * s * (sqrt(m) + sqrt(n) + (3 * m * n) ** root),
    source="Latała 2005, Theorem 2, for normal entries",
    fidelity="specialisation",
)
