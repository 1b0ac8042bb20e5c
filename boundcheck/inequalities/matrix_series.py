"""Tails of matrix series with independent coefficients: sub-Gaussian (T3a) and Bernstein (T3d)."""

from __future__ import annotations

from typing import Any

from sympy import Max, exp, log, sqrt

from boundcheck.inequalities.bounds.matrix_series import MatrixBernstein, SubGaussianSeries
from boundcheck.inequalities.bounds.random_matrix import NormInequality, RandomMatrix
from boundcheck.statement.claim import E, P
from boundcheck.statement.domain import integer, real
from boundcheck.statement.families import bounded_with_mean
from boundcheck.statement.laws import Law, discrete, normal, rademacher, uniform
from boundcheck.statement.layer import dense
from boundcheck.statement.randomness import iid, maximum, random_matrix, spectral_norm
from boundcheck.statement.theorem import Theorem

m = integer("m", min=1, max=1024)
n = integer("n", min=1, max=1024)
d = integer("d", min=1, max=10_000)
t = real("t", min=0)
s = real("s", min=0, exclude_min=True)
p = real("p", min=0, max=1, exclude_min=True)
delta = real("delta", min=0, max=1, exclude_min=True)

GAUSSIAN = normal(0, s)
SIGNS = rademacher(s)
UNIFORM = uniform(-s, s)
SPARSE = discrete({-1: p / 2, 0: 1 - p, 1: p / 2})
"""Few entries are not 0: where the variance of Bernstein's bound counts."""

TROPP = "Tropp 2015, Theorem 4.1.1"
POINTS: list[dict[str, Any]] = [
    {"m": m_value, "n": n_value, "s": 1, "t": t_value}
    for m_value, n_value, t_value in ((1, 1, 0), (1, 1, 2), (2, 2, 2), (8, 8, 6), (16, 4, 6), (32, 32, 14))
]
SPARSE_POINTS: list[dict[str, Any]] = [
    {"m": 1, "n": 1, "p": "1/10", "t": 1},
    {"m": 8, "n": 8, "p": "1/10", "t": 2},
    {"m": 32, "n": 32, "p": "1/20", "t": 3},
    {"m": 32, "n": 8, "p": 1, "t": 10},
]


def _whole(law: Law) -> RandomMatrix:
    return RandomMatrix.whole(dense(n, m, weights=law))


def _tail(inequality: NormInequality, law: Law, *, fidelity: str, source: str = "") -> Theorem:
    matrix = _whole(law)
    bound, inverse = inequality.tail(matrix, t), inequality.bound(matrix, delta)
    assert bound is not None
    assert inverse is not None
    return Theorem(
        claim=P(spectral_norm(random_matrix(law, m, n)) >= t) <= bound,
        source=source or inequality.source,
        inverse={t: inverse},
        fidelity=fidelity,
        points=SPARSE_POINTS if law == SPARSE else POINTS,
    )


matrix_gaussian_series = _tail(SubGaussianSeries(), GAUSSIAN, fidelity="specialisation", source=TROPP)
matrix_rademacher_series = _tail(SubGaussianSeries(), SIGNS, fidelity="specialisation", source=TROPP)
matrix_uniform_series = _tail(
    SubGaussianSeries(), UNIFORM, fidelity="variant", source=f"{TROPP}, with sinh(x)/x ≤ exp(x²/6)"
)
matrix_bernstein_signs = _tail(MatrixBernstein(), SIGNS, fidelity="specialisation")
matrix_bernstein_uniform = _tail(MatrixBernstein(), UNIFORM, fidelity="specialisation")
matrix_bernstein_sparse = _tail(MatrixBernstein(), SPARSE, fidelity="specialisation")

matrix_gaussian_series_mean = Theorem(
    claim=E(spectral_norm(random_matrix(GAUSSIAN, m, n))) <= s * sqrt(2 * Max(m, n) * log(m + n)),
    source=f"{TROPP}, (4.1.5)",
    fidelity="specialisation",
    points=[{"m": m_value, "n": n_value, "s": 1} for m_value, n_value in ((1, 1), (2, 2), (8, 8), (32, 4))],
)

matrix_bernstein_mean = Theorem(
    claim=E(spectral_norm(random_matrix(SPARSE, m, n))) <= sqrt(2 * p * Max(m, n) * log(m + n)) + log(m + n) / 3,
    source="Tropp 2015, Theorem 1.6.2",
    fidelity="specialisation",
    points=[{key: value for key, value in point.items() if key != "t"} for point in SPARSE_POINTS],
)

# The series Σ g_i E_ii is diag(g): its largest eigenvalue is the largest of d normals, and v = 1 in dimension d.
matrix_gaussian_series_diagonal = Theorem(
    claim=P(maximum(iid(normal(0, 1), d)) >= t) <= d * exp(-(t**2) / 2),
    source="Tropp 2015, Theorem 4.6.1, for diagonal matrices",
    inverse={t: sqrt(2 * log(d / delta))},
    fidelity="specialisation",
)

# The rectangular form, of diag(g): its norm is the largest |g_i|.
matrix_gaussian_series_diagonal_norm = Theorem(
    claim=P(maximum(abs(iid(normal(0, 1), d))) >= t) <= 2 * d * exp(-(t**2) / 2),
    source=f"{TROPP}, for diagonal matrices",
    inverse={t: sqrt(2 * log(2 * d / delta))},
    fidelity="specialisation",
)

# Entries on [-s, s]: X_e² ≤ s² E_e in the dilation, so σ² = s² max(m, n).
matrix_hoeffding = Theorem(
    claim=P(spectral_norm(random_matrix(bounded_with_mean(-s, s, 0), m, n)) >= t)
    <= (m + n) * exp(-(t**2) / (8 * s**2 * Max(m, n))),
    source="J. A. Tropp, Found. Comput. Math. 12 (2012), Theorem 1.3, for the Hermitian dilation",
    inverse={t: s * sqrt(8 * Max(m, n) * log((m + n) / delta))},
    fidelity="specialisation",
    points=[{"m": 64, "n": 64, "s": 1, "t": 60}],
)
