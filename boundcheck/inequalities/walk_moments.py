"""S6: the norm of few entries at random, from exact moments that are sums over closed walks."""

from __future__ import annotations

from typing import Any

from sympy import Expr, Integer, log

from boundcheck.inequalities.bounds.walk_moments import SOURCE, walk_bound
from boundcheck.statement.claim import P
from boundcheck.statement.domain import integer, real
from boundcheck.statement.functions import WALK_ORDERS, WalkQuantile
from boundcheck.statement.laws import Law, discrete, normal, rademacher, uniform
from boundcheck.statement.layer import dense
from boundcheck.statement.randomness import random_matrix, spectral_norm
from boundcheck.statement.theorem import Theorem

m = integer("m", min=1, max=1024)
n = integer("n", min=1, max=1024)
p = real("p", min=0, max=1, exclude_min=True)
s = real("s", min=0, exclude_min=True)
delta = real("delta", min=0, max=1, exclude_min=True)

SHAPES = ((1, 1), (2, 2), (4, 16), (16, 16))


def _theorem(law: Law, quantile: Expr | None, points: list[dict[str, Any]]) -> Theorem:
    assert quantile is not None
    return Theorem(
        claim=P(spectral_norm(random_matrix(law, m, n)) > quantile) <= delta,
        source=SOURCE,
        fidelity="variant",
        points=[{**point, "delta": value} for point in points for value in ("1/20", "1/2")],
    )


def _whole(law: Law) -> Theorem:
    points: list[dict[str, Any]] = [{"m": rows, "n": columns, "s": 1} for rows, columns in SHAPES]
    return _theorem(law, walk_bound(dense(n, m, weights=law), law, m * n, delta), points)


walk_moments_normal = _whole(normal(0, s))
walk_moments_signs = _whole(rademacher(s))
walk_moments_uniform = _whole(uniform(-s, s))

# Each entry is there with probability p, so that its even moments are p.
walk_moments_sparse = _theorem(
    discrete({-1: p / 2, 0: 1 - p, 1: p / 2}),
    WalkQuantile(m, n, Integer(1), m * n, m * n, log(1 / delta), *[p] * WALK_ORDERS),
    [
        {"m": rows, "n": columns, "p": share}
        for rows, columns, share in ((1, 1, "1/10"), (2, 3, "1/5"), (8, 8, "1/10"), (32, 8, 1), (32, 32, "1/20"))
    ],
)
