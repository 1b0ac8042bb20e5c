"""Sampling without replacement: Hoeffding's comparison, Serfling's inequality, and the hypergeometric Chernoff bound.

Source: W. Hoeffding, JASA 58 (1963), Theorem 4 and Section 6; R. J. Serfling, Ann. Statist. 2 (1974), Corollary 1.1.
"""

from __future__ import annotations

from sympy import exp, log, sqrt

from boundcheck.inequalities.rates import relative_entropy
from boundcheck.statement.claim import E, P
from boundcheck.statement.domain import integer, real
from boundcheck.statement.families import bounded
from boundcheck.statement.laws import bernoulli
from boundcheck.statement.randomness import mean, sum_of, without_replacement
from boundcheck.statement.theorem import Theorem

N = integer("N", min=1, max=10_000)
K = integer("K", min=1, max=10_000)
n = integer("n", min=1, max=10_000)
t = real("t", min=0, max=1)
q = real("q", min=0, max=1, exclude_min=True, exclude_max=True)
lam = real("lam")
delta = real("delta", min=0, max=1, exclude_min=True)

X = without_replacement(bounded(0, 1), population=N, drawn=n)
Y = without_replacement(bernoulli(K / N), population=N, drawn=n)
marked = K / N

serfling = Theorem(
    claim=P(mean(X) - E(mean(X)) >= t) <= exp(-2 * n * t**2 / (1 - (n - 1) / N)),
    source="Serfling 1974, Corollary 1.1",
    hypotheses=[n <= N],
    inverse={t: sqrt((1 - (n - 1) / N) * log(1 / delta) / (2 * n))},
    fidelity="reproduction",
)

hoeffding_without_replacement = Theorem(
    claim=P(mean(X) - E(mean(X)) >= t) <= exp(-2 * n * t**2),
    source="Hoeffding 1963, Theorem 4 and Section 6",
    hypotheses=[n <= N],
    inverse={t: sqrt(log(1 / delta) / (2 * n))},
    fidelity="reproduction",
)

hypergeometric_chernoff = Theorem(
    claim=P(mean(Y) >= q) <= exp(-n * relative_entropy(q, marked)),
    source="Hoeffding 1963, Theorem 1, (2.1), and Theorem 4",
    hypotheses=[n <= N, K < N, q >= K / N],
    fidelity="specialisation",
)

hypergeometric_chernoff_lower = Theorem(
    claim=P(mean(Y) <= q) <= exp(-n * relative_entropy(q, marked)),
    source="Hoeffding 1963, Theorem 1, (2.1), and Theorem 4, for the items that are not marked",
    hypotheses=[n <= N, K < N, q <= K / N],
    fidelity="specialisation",
)

# E f(S) without replacement is at most E f(S) with replacement for every convex f; here f = exp(lam ·).
sampling_comparison = Theorem(
    claim=E(exp(lam * sum_of(Y))) <= (1 - marked + marked * exp(lam)) ** n,
    source="Hoeffding 1963, Theorem 4",
    hypotheses=[n <= N, K <= N],
    fidelity="specialisation",
    points=[
        {"N": 2, "K": 1, "n": 2, "lam": 1},
        {"N": 10, "K": 3, "n": 5, "lam": 1},
        {"N": 10, "K": 3, "n": 10, "lam": -2},
        {"N": 100, "K": 50, "n": 20, "lam": "1/2"},
    ],
)
