"""The norm of what Bernoulli masks remove: each weight goes with probability p, independently of all else."""

from __future__ import annotations

from boundcheck.inequalities.bounds.masks import MaskedBernstein
from boundcheck.statement.claim import P
from boundcheck.statement.domain import integer, real
from boundcheck.statement.laws import discrete, rademacher
from boundcheck.statement.layer import dense
from boundcheck.statement.randomness import random_matrix, spectral_norm
from boundcheck.statement.theorem import Theorem

m = integer("m", min=1, max=1024)
n = integer("n", min=1, max=1024)
p = real("p", min=0, max=1, exclude_min=True)
delta = real("delta", min=0, max=1, exclude_min=True)

signs = rademacher(1)
masked = MaskedBernstein().bound(dense(n, m, weights=signs), signs, p * m * n, delta)
assert masked is not None

masked_signs_norm = Theorem(
    claim=P(spectral_norm(random_matrix(discrete({-1: p / 2, 0: 1 - p, 1: p / 2}), m, n)) > masked) <= delta,
    source="Tropp 2015, Theorem 1.6.2, for independent entries of variance p",
    fidelity="specialisation",
    points=[
        {"m": m_value, "n": n_value, "p": p_value, "delta": delta_value}
        for m_value, n_value, p_value in ((1, 1, "1/10"), (2, 2, "1/2"), (8, 8, "1/10"), (32, 8, 1), (32, 32, "1/20"))
        for delta_value in ("1/20", "1/2")
    ],
)
