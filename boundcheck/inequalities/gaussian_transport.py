"""T3b: weights that are Lipschitz images of normals have a norm like a Gaussian matrix's."""

from __future__ import annotations

from boundcheck.inequalities.bounds.gaussian_transport import GaussianTransport
from boundcheck.inequalities.bounds.random_matrix import RandomMatrix
from boundcheck.statement.claim import P
from boundcheck.statement.domain import integer, real
from boundcheck.statement.laws import uniform
from boundcheck.statement.layer import dense
from boundcheck.statement.randomness import random_matrix, spectral_norm
from boundcheck.statement.theorem import Theorem

m = integer("m", min=1, max=1024)
n = integer("n", min=1, max=1024)
s = real("s", min=0, exclude_min=True)
delta = real("delta", min=0, max=1, exclude_min=True)

matrix = RandomMatrix.whole(dense(n, m, weights=uniform(-s, s)))
quantile = GaussianTransport().bound(matrix, delta)
assert quantile is not None

# For normal weights it is davidson_szarek_tail.
gaussian_transport_uniform = Theorem(
    claim=P(spectral_norm(random_matrix(uniform(-s, s), m, n)) >= quantile) <= delta,
    source=GaussianTransport.source,
    fidelity="variant",
    points=[
        {"m": m_value, "n": n_value, "s": 1, "delta": delta_value}
        for m_value, n_value in ((1, 1), (2, 2), (16, 4), (32, 32))
        for delta_value in ("1/20", "1/2")
    ],
)
