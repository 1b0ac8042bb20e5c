"""Functions of normal variables: Lipschitz functions, norms, maxima.

Source: S. Boucheron, G. Lugosi and P. Massart (BLM), Concentration Inequalities, 2013, Theorems 2.5, 5.5 and 5.6;
R. D. Gordon, Ann. Math. Statist. 12 (1941), for the tail of one normal variable.
"""

from __future__ import annotations

from sympy import Integer, exp, log, pi, sqrt

from boundcheck.statement.claim import E, P
from boundcheck.statement.domain import integer, real
from boundcheck.statement.laws import normal
from boundcheck.statement.randomness import iid, lipschitz_function, maximum, norm, sum_of
from boundcheck.statement.theorem import Theorem

n = integer("n", min=1, max=10_000)
t = real("t", min=0)
positive_t = real("t", min=0, exclude_min=True)
c = real("c", min=0, exclude_min=True)
lam = real("lam")
delta = real("delta", min=0, max=1, exclude_min=True)

Z = iid(normal(0, 1), n)
one = sum_of(iid(normal(0, 1), 1))
f = lipschitz_function(Z, c)
density = exp(-(positive_t**2) / 2) / sqrt(2 * pi)

gaussian_mills_upper = Theorem(
    claim=P(one >= positive_t) <= density / positive_t,
    source="Gordon 1941; Vershynin 2018, Proposition 2.1.2",
    fidelity="reproduction",
)

gaussian_mills_lower = Theorem(
    claim=P(one >= positive_t) >= (1 / positive_t - 1 / positive_t**3) * density,
    source="Vershynin 2018, Proposition 2.1.2",
    fidelity="reproduction",
)

gaussian_lipschitz = Theorem(
    claim=P(f - E(f) >= t) <= exp(-(t**2) / (2 * c**2)),
    source="BLM 2013, Theorem 5.6",
    inverse={t: c * sqrt(2 * log(1 / delta))},
    fidelity="reproduction",
)

gaussian_lipschitz_two_sided = Theorem(
    claim=P(abs(f - E(f)) >= t) <= 2 * exp(-(t**2) / (2 * c**2)),
    source="BLM 2013, Theorem 5.6, for f and -f",
    inverse={t: c * sqrt(2 * log(2 / delta))},
    fidelity="reproduction",
)

gaussian_lipschitz_moment = Theorem(
    claim=E(exp(lam * (f - E(f)))) <= exp(lam**2 * c**2 / 2),
    source="BLM 2013, Theorem 5.5",
    fidelity="reproduction",
)

gaussian_norm = Theorem(
    claim=P(norm(Z) >= sqrt(n) + t) <= exp(-(t**2) / 2),
    source="BLM 2013, Theorem 5.6, for the norm, whose mean is at most √n",
    inverse={t: sqrt(2 * log(1 / delta))},
    fidelity="specialisation",
)

gaussian_norm_mean = Theorem(
    claim=E(norm(Z)) <= sqrt(n),
    source="Jensen's inequality",
    fidelity="specialisation",
)

gaussian_maximum_mean = Theorem(
    claim=E(maximum(Z)) <= sqrt(2 * log(n)),
    source="BLM 2013, Theorem 2.5",
    fidelity="specialisation",
)

gaussian_maximum_modulus = Theorem(
    claim=P(maximum(abs(Z)) >= t) <= n * exp(-(t**2) / 2),
    source="union bound over P(|Z| ≥ t) ≤ exp(-t²/2); BLM 2013, Section 2.5",
    inverse={t: sqrt(2 * log(n / delta))},
    fidelity="specialisation",
)

gaussian_maximum_quantile = Theorem(
    claim=P(maximum(Z) >= sqrt(2 * log(n / (2 * delta)))) <= delta,
    source="union bound over P(Z ≥ t) ≤ exp(-t²/2)/2; BLM 2013, Section 2.5",
    hypotheses=[delta <= n / Integer(2)],
    fidelity="specialisation",
)

# A Lipschitz function above its mean: the maximum is 1-Lipschitz, whatever n.
gaussian_maximum_deviation = Theorem(
    claim=P(maximum(Z) >= sqrt(2 * log(n)) + t) <= exp(-(t**2) / 2),
    source="BLM 2013, Theorems 2.5 and 5.6",
    inverse={t: sqrt(2 * log(1 / delta))},
    fidelity="specialisation",
)
