"""T3c: the norm of a dense sub-Gaussian matrix by nets on both spheres."""

from __future__ import annotations

from sympy import Expr, Rational, S

from boundcheck.inequalities.bounds.nets import Nets
from boundcheck.inequalities.bounds.random_matrix import RandomMatrix
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
fineness = real("eta", min=0, max=Rational(1, 2), exclude_min=True, exclude_max=True)
delta = real("delta", min=0, max=1, exclude_min=True)

POINTS = [
    {"m": m_value, "n": n_value, "s": 1, "eta": eta_value, "t": Rational(t_value)}
    for m_value, n_value, eta_value, t_value in (
        (1, 1, "1/4", 7),
        (4, 4, "3/50", 9),
        (8, 8, "3/50", "62/5"),
    )
]


def _tail(law: Law, scale: Expr = S.One) -> Theorem:
    nets, matrix = Nets(fineness), RandomMatrix.whole(dense(n, m, weights=law))
    bound, inverse = nets.tail(matrix, t), nets.bound(matrix, delta)
    assert bound is not None
    assert inverse is not None
    return Theorem(
        claim=P(spectral_norm(random_matrix(law, m, n)) >= t) <= bound,
        source=nets.source,
        inverse={t: inverse},
        fidelity="variant",
        points=[{**point, "t": point["t"] * scale} for point in POINTS],
    )


nets_normal = _tail(normal(0, s))
nets_signs = _tail(rademacher(s))
nets_uniform = _tail(uniform(-s, s), Rational(577, 1000))
