"""S5a: how long a layer makes vectors without negative entries, for one column of weights.

Source: own proof, at `boundcheck.inequalities.bounds.restricted`.
"""

from __future__ import annotations

from sympy import Max

from boundcheck.inequalities.bounds.restricted import restricted_norm, source
from boundcheck.statement.claim import P
from boundcheck.statement.domain import integer, real
from boundcheck.statement.laws import Law, normal, uniform
from boundcheck.statement.layer import dense
from boundcheck.statement.randomness import iid, sum_of
from boundcheck.statement.theorem import Theorem

m = integer("m", min=1, max=10_000)
s = real("s", min=0, exclude_min=True)
delta = real("delta", min=0, max=1, exclude_min=True)


def _column(law: Law) -> Theorem:
    bound = restricted_norm(dense(1, m, weights=law, activation="relu"), True, delta)
    assert bound is not None
    return Theorem(
        claim=P(sum_of(iid(law, m).map(lambda value: Max(value, 0) ** 2)) > bound**2) <= delta,
        source=source,
        fidelity="variant",
        points=[{"m": value, "s": 1, "delta": share} for value in (1, 4, 64) for share in ("1/20", "1/2")],
    )


restricted_norm_normal = _column(normal(0, s))
restricted_norm_uniform = _column(uniform(-s, s))
