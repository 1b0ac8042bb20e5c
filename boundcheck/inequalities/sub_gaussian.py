"""Sub-Gaussian variables: E exp(λX) ≤ exp(λ² s² / 2) for all λ.

Source: S. Boucheron, G. Lugosi and P. Massart (BLM), Concentration Inequalities, 2013, Sections 2.3 and 2.5;
M. J. Wainwright, High-Dimensional Statistics, 2019, Section 2.1.
"""

from __future__ import annotations

from sympy import exp, log, sqrt

from boundcheck.statement.claim import E, P
from boundcheck.statement.domain import integer, real
from boundcheck.statement.families import sub_gaussian
from boundcheck.statement.randomness import iid, maximum, mean, sum_of
from boundcheck.statement.theorem import Theorem

n = integer("n", min=1, max=10_000)
t = real("t", min=0)
s = real("s", min=0, exclude_min=True)
delta = real("delta", min=0, max=1, exclude_min=True)

X = iid(sub_gaussian(s**2), n)

sub_gaussian_tail = Theorem(
    claim=P(mean(X) >= t) <= exp(-n * t**2 / (2 * s**2)),
    source="BLM 2013, Section 2.3; Wainwright 2019, Proposition 2.5",
    inverse={t: s * sqrt(2 * log(1 / delta) / n)},
    fidelity="reproduction",
)

sub_gaussian_two_sided = Theorem(
    claim=P(abs(mean(X)) >= t) <= 2 * exp(-n * t**2 / (2 * s**2)),
    source="BLM 2013, Section 2.3, applied to X and -X",
    inverse={t: s * sqrt(2 * log(2 / delta) / n)},
    fidelity="reproduction",
)

sub_gaussian_maximum = Theorem(
    claim=P(maximum(X) >= t) <= n * exp(-(t**2) / (2 * s**2)),
    source="BLM 2013, Section 2.3, and the union bound",
    inverse={t: s * sqrt(2 * log(n / delta))},
    fidelity="variant",
)

sub_gaussian_maximum_mean = Theorem(
    claim=E(maximum(X)) <= s * sqrt(2 * log(n)),
    source="BLM 2013, Theorem 2.5",
    fidelity="specialisation",
)

sub_gaussian_variance = Theorem(
    claim=E(sum_of(X) ** 2) <= n * s**2,
    source="BLM 2013, Section 2.3 (the second derivative of the moment generating function at 0)",
    fidelity="reproduction",
)
