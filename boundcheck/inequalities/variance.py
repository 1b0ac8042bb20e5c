"""Variances: of bounded variables, of functions of independent variables, of maxima (Efron and Stein).

Efron-Stein for the maximum Z = X_(n): with Z_i the largest of the other variables, Var Z ≤ Σ E (Z - Z_i)² (BLM 2013,
Theorem 3.1, in the form of its remark for arbitrary functions Z_i of the other variables). Z differs from Z_i only when
X_i alone is the largest, and then by X_(n) - X_(n-1): the sum has one term that can be positive, (X_(n) - X_(n-1))².

Source: S. Boucheron, G. Lugosi and P. Massart (BLM), Concentration Inequalities, 2013, Chapter 3; R. Bhatia and
C. Davis, Amer. Math. Monthly 107 (2000), for the variance of a variable of known mean.
"""

from __future__ import annotations

from boundcheck.statement.claim import E, Var
from boundcheck.statement.domain import integer, real
from boundcheck.statement.families import bounded, bounded_with_mean
from boundcheck.statement.laws import bernoulli, normal
from boundcheck.statement.randomness import (
    bounded_differences,
    iid,
    lipschitz_function,
    maximum,
    order_statistic,
    sum_of,
)
from boundcheck.statement.theorem import Theorem

n = integer("n", min=1, max=10_000)
pairs = integer("n", min=2, max=10_000)
a, b, m = real("a"), real("b"), real("m")
p = real("p", min=0, max=1)
c = real("c", min=0, exclude_min=True)

B = iid(bounded(a, b), 1)
M = iid(bounded_with_mean(a, b, m), 1)
X = iid(bernoulli(p), pairs)
Z = iid(normal(0, 1), n)
f = lipschitz_function(Z, c)
g = bounded_differences(n, c)

popoviciu = Theorem(
    claim=Var(sum_of(B)) <= (b - a) ** 2 / 4,
    source="T. Popoviciu 1935; BLM 2013, proof of Lemma 2.2",
    hypotheses=[a < b],
    fidelity="reproduction",
)

bhatia_davis = Theorem(
    claim=Var(sum_of(M)) <= (b - m) * (m - a),
    source="Bhatia and Davis 2000",
    hypotheses=[a < m, m < b],
    fidelity="reproduction",
)

efron_stein_maximum = Theorem(
    claim=Var(maximum(X)) <= E((maximum(X) - order_statistic(X, pairs - 1)) ** 2),
    source="Efron and Stein 1981; BLM 2013, Theorem 3.1, for the maximum of Bernoulli variables",
    fidelity="specialisation",
    points=[{"n": n_value, "p": p_value} for n_value in (2, 3, 10, 40) for p_value in ("1/20", "1/2", "9/10")],
)


bounded_differences_variance = Theorem(
    claim=Var(g) <= n * c**2 / 4,
    source="BLM 2013, Corollary 3.2 (by Efron and Stein)",
    fidelity="reproduction",
)

gaussian_poincare = Theorem(
    claim=Var(f) <= c**2,
    source="BLM 2013, Theorem 3.20 (Gaussian Poincaré inequality)",
    hypotheses=["f is Lipschitz, hence differentiable almost everywhere with a gradient of at most c"],
    fidelity="variant",
)

gaussian_maximum_variance = Theorem(
    claim=Var(maximum(Z)) <= 1,
    source="BLM 2013, Theorem 3.20, for the maximum, which is 1-Lipschitz",
    fidelity="specialisation",
    points=[{"n": k} for k in (1, 2, 10, 100, 1000)],
)
