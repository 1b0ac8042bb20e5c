"""T3e: norms from counts of removed entries alone, for bounded weights."""

from __future__ import annotations

from sympy import Max

from boundcheck.statement.claim import E
from boundcheck.statement.domain import integer, real
from boundcheck.statement.laws import uniform
from boundcheck.statement.randomness import random_matrix, spectral_norm
from boundcheck.statement.theorem import Theorem

m = integer("m", min=1, max=256)
n = integer("n", min=1, max=256)
b = real("b", min=0, exclude_min=True)

squared = spectral_norm(random_matrix(uniform(-b, b), m, n)) ** 2
variance = b**2 / 3
SIZES = [{"m": m_value, "n": n_value, "b": 2} for m_value, n_value in ((1, 1), (1, 8), (4, 4), (8, 8))]

frobenius_mean = Theorem(
    claim=E(squared) <= m * n * variance,
    source="the Frobenius norm in the mean; Horn and Johnson 2013, Section 5.6",
    fidelity="specialisation",
    points=SIZES,
)

# The squared norm is at least that of any row and of any column.
row_and_column_mean = Theorem(
    claim=E(squared) >= variance * Max(m, n),
    source="a matrix has a norm of at least that of each row and column",
    fidelity="specialisation",
    points=SIZES,
)
