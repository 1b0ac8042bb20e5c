"""Bennett's and Bernstein's inequalities: bounded above, with a known variance.

Source: G. Bennett, JASA 57 (1962); S. Boucheron, G. Lugosi and P. Massart (BLM), Concentration Inequalities, 2013,
Theorem 2.9, (2.10) and Theorem 2.10.
"""

from __future__ import annotations

from sympy import exp, log, sqrt

from boundcheck.inequalities.rates import bennett_rate
from boundcheck.statement.claim import E, P
from boundcheck.statement.domain import integer, real
from boundcheck.statement.families import centred
from boundcheck.statement.laws import discrete
from boundcheck.statement.randomness import iid, mean, sum_of
from boundcheck.statement.theorem import Theorem

n = integer("n", min=1, max=10_000)
t = real("t", min=0)
b = real("b", min=0, exclude_min=True)
v = real("v", min=0, exclude_min=True)
p = real("p", min=0, max=1, exclude_min=True)
lam = real("lam", min=0)
delta = real("delta", min=0, max=1, exclude_min=True)

X = iid(centred(upper=b, variance=v), n)
sparse = iid(discrete({-b: p / 2, 0: 1 - p, b: p / 2}), n)
level = log(1 / delta)

bennett = Theorem(
    claim=P(mean(X) >= t) <= exp(-n * v / b**2 * bennett_rate(b * t / v)),
    source="Bennett 1962; BLM 2013, Theorem 2.9",
    fidelity="reproduction",
)

bennett_moment = Theorem(
    claim=E(exp(lam * sum_of(X))) <= exp(n * v / b**2 * (exp(lam * b) - 1 - lam * b)),
    source="BLM 2013, proof of Theorem 2.9",
    fidelity="reproduction",
)

bernstein = Theorem(
    claim=P(mean(X) >= t) <= exp(-n * t**2 / (2 * (v + b * t / 3))),
    source="BLM 2013, (2.10)",
    inverse={t: b * level / (3 * n) + sqrt((b * level / (3 * n)) ** 2 + 2 * v * level / n)},
    fidelity="reproduction",
)

# Sub-gamma with scale b/3: h(u) ≥ 9 (1 + u/3 - sqrt(1 + 2u/3)), whose inverse is this quantile.
bernstein_quantile = Theorem(
    claim=P(mean(X) >= sqrt(2 * v * level / n) + b * level / (3 * n)) <= delta,
    source="BLM 2013, Theorem 2.10 with c = b/3",
    fidelity="specialisation",
)

bernstein_two_sided = Theorem(
    claim=P(abs(mean(sparse)) >= t) <= 2 * exp(-n * t**2 / (2 * (b**2 * p + b * t / 3))),
    source="BLM 2013, (2.10), applied to X and -X for symmetric variables on {-b, 0, b}",
    inverse={
        t: b * log(2 / delta) / (3 * n) + sqrt((b * log(2 / delta) / (3 * n)) ** 2 + 2 * b**2 * p * log(2 / delta) / n)
    },
    fidelity="specialisation",
)
