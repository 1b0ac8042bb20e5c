"""S5b: squares of sub-Gaussian variables, all of them or the positive ones, as a layer makes of a fixed vector.

Source: D. Hsu, S. M. Kakade and T. Zhang, Electron. Commun. Probab. 17 (2012), Theorem 1; for positive parts own proof,
at `boundcheck.inequalities.bounds.fixed_input`.
"""

from __future__ import annotations

from sympy import Max, Rational, exp, log, sqrt

from boundcheck.inequalities.bounds.fixed_input import spread
from boundcheck.statement.claim import P
from boundcheck.statement.domain import integer, real
from boundcheck.statement.families import sub_gaussian
from boundcheck.statement.laws import Law, normal, rademacher, uniform
from boundcheck.statement.randomness import iid, sum_of
from boundcheck.statement.theorem import Theorem

m = integer("m", min=1, max=10_000)
t = real("t", min=0)
x = real("x", min=0, max=Rational(1, 2), exclude_max=True)
s = real("s", min=0, exclude_min=True)
delta = real("delta", min=0, max=1, exclude_min=True)

POINTS = [{"m": m_value, "s": 1, "t": t_value} for m_value in (1, 4, 32) for t_value in ("1/2", 2)]

sub_gaussian_squares = Theorem(
    claim=P(sum_of(iid(sub_gaussian(s**2), m) ** 2) > s**2 * spread(m, t)) <= exp(-t),
    source="Hsu, Kakade and Zhang 2012, Theorem 1, with the identity as matrix",
    inverse={t: log(1 / delta)},
    fidelity="specialisation",
    points=POINTS,
)

# With E exp(η X²) ≤ (1 - 2ηs²)^{-1/2} and x = ηs²: the moments of what ReLU leaves of a symmetric X.
relu_moments = Theorem(
    claim=log((1 + 1 / sqrt(1 - 2 * x)) / 2) <= x / 2 + Rational(5, 8) * x**2 / (1 - 2 * x),
    source="own proof, by one derivative",
    fidelity="variant",
)


def _positive_squares(law: Law) -> Theorem:
    positive = sum_of(iid(law, m).map(lambda value: Max(value, 0) ** 2))
    proxy = law.variance_proxy
    assert proxy is not None
    return Theorem(
        claim=P(positive > proxy * spread(m, t, halved=True)) <= exp(-t),
        source="after Hsu, Kakade and Zhang 2012, Theorem 1; own proof for positive parts",
        inverse={t: log(1 / delta)},
        fidelity="variant",
        points=POINTS,
    )


positive_squares_normal = _positive_squares(normal(0, s))
positive_squares_signs = _positive_squares(rademacher(s))
positive_squares_uniform = _positive_squares(uniform(-s, s))
