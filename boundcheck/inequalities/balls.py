"""Matrix Chernoff for random coordinate projections, and empty bins.

The sum of n independent e_i e_iᵀ, i uniform among d, is the diagonal matrix of how many of n balls fall into each of d
bins: its largest and smallest eigenvalues are the largest and smallest counts, with mean matrix (n/d) I and L = 1.

Source: J. A. Tropp, An Introduction to Matrix Concentration Inequalities, 2015, Theorem 5.1.1.
"""

from __future__ import annotations

from sympy import exp, log

from boundcheck.inequalities.rates import lower_factor, upper_factor
from boundcheck.statement.claim import E, P
from boundcheck.statement.domain import integer, real
from boundcheck.statement.randomness import empty, maximum, minimum, occupancy
from boundcheck.statement.theorem import Theorem

n = integer("n", min=1, max=10_000)
d = integer("d", min=1, max=10_000)
u = real("u", min=0)
share = real("u", min=0, max=1, exclude_max=True)
theta = real("theta", min=0, exclude_min=True)

C = occupancy(n, d)
mu = n / d
SOURCE = "Tropp 2015, Theorem 5.1.1, for coordinate projections"
SIZES = ((1, 1), (2, 2), (10, 5), (100, 10), (1000, 20), (50, 200))
POINTS = [{"n": n_value, "d": d_value} for n_value, d_value in SIZES]

matrix_chernoff_upper = Theorem(
    claim=P(maximum(C) >= (1 + u) * mu) <= d * upper_factor(u) ** mu,
    source=SOURCE,
    fidelity="specialisation",
    points=[{**point, "u": value} for point in POINTS for value in (0, "1/2", 1, 4)],
)

matrix_chernoff_lower = Theorem(
    claim=P(minimum(C) <= (1 - share) * mu) <= d * lower_factor(share) ** mu,
    source=SOURCE,
    fidelity="specialisation",
    points=[{**point, "u": value} for point in POINTS for value in (0, "1/2", "4/5")],
)

matrix_chernoff_mean_upper = Theorem(
    claim=E(maximum(C)) <= (exp(theta) - 1) / theta * mu + log(d) / theta,
    source=SOURCE,
    fidelity="specialisation",
    points=[{**point, "theta": value} for point in POINTS for value in ("1/2", 1, 2)],
)

matrix_chernoff_mean_lower = Theorem(
    claim=E(minimum(C)) >= (1 - exp(-theta)) / theta * mu - log(d) / theta,
    source=SOURCE,
    fidelity="specialisation",
    points=[{**point, "theta": value} for point in POINTS for value in ("1/2", 1, 2)],
)

coupon_collector = Theorem(
    claim=P(empty(C) >= 1) <= d * exp(-mu),
    source="Mitzenmacher and Upfal 2017, Section 5.4 (union bound over the bins)",
    fidelity="variant",
    points=[*POINTS, {"n": 30, "d": 8}],
)
