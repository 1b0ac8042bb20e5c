"""Sub-gamma variables: log E exp(λX) ≤ λ² v / (2(1 - cλ)) for 0 ≤ λ < 1/c.

Source: S. Boucheron, G. Lugosi and P. Massart (BLM), Concentration Inequalities, 2013, Section 2.4, Theorem 2.3 and
Corollary 2.6. A sum of n independent such variables is sub-gamma with n v and c.
"""

from __future__ import annotations

from sympy import exp, log, sqrt

from boundcheck.statement.claim import E, P
from boundcheck.statement.domain import integer, real
from boundcheck.statement.families import sub_gamma
from boundcheck.statement.laws import exponential
from boundcheck.statement.randomness import iid, maximum, mean, sum_of
from boundcheck.statement.theorem import Theorem

n = integer("n", min=1, max=10_000)
t = real("t", min=0)
v = real("v", min=0, exclude_min=True)
c = real("c", min=0, exclude_min=True)
delta = real("delta", min=0, max=1, exclude_min=True)

X = iid(sub_gamma(v, c), n)
W = iid(exponential(1), n)
level = log(1 / delta)
sub_gamma_tail = Theorem(
    claim=P(sum_of(X) > sqrt(2 * n * v * t) + c * t) <= exp(-t),
    source="BLM 2013, Section 2.4 (for Theorem 2.3)",
    inverse={t: level},
    fidelity="reproduction",
)

sub_gamma_mean = Theorem(
    claim=P(mean(X) >= t) <= exp(-n * t**2 / (2 * (v + c * t))),
    source="BLM 2013, Section 2.4, with 1 + u - sqrt(1 + 2u) ≥ u² / (2(1 + u))",
    inverse={t: c * level / n + sqrt((c * level / n) ** 2 + 2 * v * level / n)},
    fidelity="variant",
)

sub_gamma_maximum_mean = Theorem(
    claim=E(maximum(X)) <= sqrt(2 * v * log(n)) + c * log(n),
    source="BLM 2013, Corollary 2.6",
    fidelity="specialisation",
    points=[
        {"n": k, "v": v_value, "c": c_value} for k in (1, 2, 40) for v_value in ("1/4", 3) for c_value in ("1/4", "1/2")
    ],
)

# -log(1 - λ) - λ ≤ λ² / (2(1 - λ)): a centred exponential variable is sub-gamma with v = c = 1.
exponential_sum = Theorem(
    claim=P(sum_of(W) - n > sqrt(2 * n * t) + t) <= exp(-t),
    source="BLM 2013, Section 2.4, for exponential variables",
    inverse={t: level},
    fidelity="specialisation",
)

exponential_sum_lower = Theorem(
    claim=P(n - sum_of(W) > sqrt(2 * n * t)) <= exp(-t),
    source="BLM 2013, Section 2.4: a gamma variable is sub-Gaussian on the left",
    inverse={t: level},
    fidelity="specialisation",
)
