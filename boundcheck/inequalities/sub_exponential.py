"""Sub-exponential variables: E exp(λX) ≤ exp(λ² v / 2) for |λ| ≤ 1/c.

Their tails are Gaussian up to v/c and exponential beyond.

Source: M. J. Wainwright, High-Dimensional Statistics, 2019, Proposition 2.9 and (2.18).
"""

from __future__ import annotations

from sympy import Min, exp, log, sqrt

from boundcheck.statement.claim import P
from boundcheck.statement.domain import integer, real
from boundcheck.statement.families import sub_exponential
from boundcheck.statement.functions import Greatest
from boundcheck.statement.randomness import iid, mean
from boundcheck.statement.theorem import Theorem

n = integer("n", min=1, max=10_000)
t = real("t", min=0)
v = real("v", min=0, exclude_min=True)
c = real("c", min=0, exclude_min=True)
delta = real("delta", min=0, max=1, exclude_min=True)

X = iid(sub_exponential(v, c), n)

sub_exponential_near = Theorem(
    claim=P(mean(X) >= t) <= exp(-n * t**2 / (2 * v)),
    source="Wainwright 2019, Proposition 2.9, for the mean of n variables",
    hypotheses=[t <= v / c],
    fidelity="specialisation",
)

sub_exponential_far = Theorem(
    claim=P(mean(X) >= t) <= exp(-n * t / (2 * c)),
    source="Wainwright 2019, Proposition 2.9, for the mean of n variables",
    hypotheses=[t >= v / c],
    fidelity="specialisation",
)

sub_exponential_two_sided = Theorem(
    claim=P(abs(mean(X)) >= t) <= 2 * exp(-n * Min(t**2 / v, t / c) / 2),
    source="Wainwright 2019, Proposition 2.9, applied to X and -X",
    inverse={t: Greatest(sqrt(2 * v * log(2 / delta) / n), 2 * c * log(2 / delta) / n)},
    fidelity="specialisation",
)
