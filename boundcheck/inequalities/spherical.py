"""S2: the norm of a dense matrix from its values at random directions."""

from __future__ import annotations

from typing import Any

from sympy import Expr, Rational, S

from boundcheck.inequalities.bounds.random_matrix import RandomMatrix
from boundcheck.inequalities.bounds.spherical import SphericalAverage
from boundcheck.statement.claim import P
from boundcheck.statement.domain import integer, real
from boundcheck.statement.laws import Law, normal, rademacher, uniform
from boundcheck.statement.layer import dense
from boundcheck.statement.randomness import random_matrix, spectral_norm
from boundcheck.statement.theorem import Theorem

m = integer("m", min=1, max=1024)
n = integer("n", min=1, max=1024)
t = real("t", min=0)
s = real("s", min=0, exclude_min=True)
delta = real("delta", min=0, max=1, exclude_min=True)

POINTS: list[dict[str, Any]] = [
    {"m": m_value, "n": n_value, "s": 1, "t": t_value}
    for m_value, n_value, t_value in ((1, 1, 0), (1, 1, 1), (2, 2, 3), (16, 1, 5), (16, 4, 7), (32, 32, 12))
]


def _tail(law: Law, scale: Expr = S.One) -> Theorem:
    inequality, matrix = SphericalAverage(), RandomMatrix.whole(dense(n, m, weights=law))
    bound, inverse = inequality.tail(matrix, t), inequality.bound(matrix, delta)
    assert bound is not None
    assert inverse is not None
    return Theorem(
        claim=P(spectral_norm(random_matrix(law, m, n)) >= t) <= bound,
        source=inequality.source,
        inverse={t: inverse},
        fidelity="variant",
        points=[{**point, "t": point["t"] * scale} for point in POINTS],
    )


spherical_average_normal = _tail(normal(0, s))
spherical_average_signs = _tail(rademacher(s))
spherical_average_uniform = _tail(uniform(-s, s), Rational(577, 1000))
