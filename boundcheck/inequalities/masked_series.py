"""S4: the norm of few entries at random, from the moment generating function of a weight that may be missing."""

from __future__ import annotations

from typing import Any

from boundcheck.inequalities.bounds.masked_series import SOURCE, series_bound
from boundcheck.statement.claim import P
from boundcheck.statement.domain import integer, real
from boundcheck.statement.laws import Law, discrete, normal, rademacher
from boundcheck.statement.layer import dense
from boundcheck.statement.randomness import random_matrix, spectral_norm
from boundcheck.statement.theorem import Theorem

m = integer("m", min=1, max=1024)
n = integer("n", min=1, max=1024)
p = real("p", min=0, max=1, exclude_min=True)
s = real("s", min=0, exclude_min=True)
delta = real("delta", min=0, max=1, exclude_min=True)

SHAPES = ((1, 1), (2, 3), (8, 8))


def _theorem(law: Law, entry: Law, present: Any, extra: dict[str, Any]) -> Theorem:
    """A matrix of independent entries, each a weight of this law with probability `present`, else 0."""
    quantile = series_bound(dense(n, m, weights=law), law, present * m * n, delta)
    assert quantile is not None
    return Theorem(
        claim=P(spectral_norm(random_matrix(entry, m, n)) > quantile) <= delta,
        source=SOURCE,
        fidelity="variant",
        points=[
            {"m": rows, "n": columns, "delta": value, **extra} for rows, columns in SHAPES for value in ("1/20", "1/2")
        ],
    )


signs = rademacher(1)
# Each entry is there with probability p.
masked_series_signs = _theorem(signs, discrete({-1: p / 2, 0: 1 - p, 1: p / 2}), p, {"p": "1/10"})
masked_series_normal = _theorem(normal(0, s), normal(0, s), 1, {"s": 1})
