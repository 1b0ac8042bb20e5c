"""Order statistics; T5: the magnitude-pruned part of a layer is a randomly pruned part times an order statistic."""

from __future__ import annotations

from sympy import exp, log, sqrt

from boundcheck.inequalities.bounds.order_statistics import threshold_bound
from boundcheck.inequalities.rates import relative_entropy
from boundcheck.statement.claim import P
from boundcheck.statement.domain import integer, real
from boundcheck.statement.functions import BetaQuantile
from boundcheck.statement.laws import Law, beta, normal, uniform
from boundcheck.statement.layer import dense
from boundcheck.statement.randomness import iid, order_statistic, sum_of
from boundcheck.statement.theorem import Theorem

n = integer("n", min=1, max=10_000)
k = integer("k", min=1, max=10_000)
x = real("x", min=0, max=1, exclude_min=True, exclude_max=True)
t = real("t", min=0, max=1)
shape_a, shape_b = real("a", min=0, exclude_min=True), real("b", min=0, exclude_min=True)
scale = real("scale", min=0, exclude_min=True)
outputs, inputs, removed = integer("m", min=1, max=256), integer("n", min=1, max=256), integer("k", min=0, max=65_535)
delta = real("delta", min=0, max=1, exclude_min=True, exclude_max=True)

U = iid(uniform(0, 1), n)
B = sum_of(iid(beta(shape_a, shape_b), 1))
LAYER_POINTS = [
    {"m": m_value, "n": n_value, "k": k_value, "scale": scale_value, "delta": "1/20"}
    for m_value, n_value, k_value, scale_value in ((1, 1, 0, 1), (4, 5, 7, 2), (4, 5, 19, "1/2"), (32, 32, 32, 1))
]

# X_(k) ~ Beta(k, n - k + 1): an equality.
order_statistic_quantile = Theorem(
    claim=P(order_statistic(U, k) > BetaQuantile(k, n - k + 1, delta)) <= delta,
    source="David and Nagaraja 2003, Section 2.3",
    hypotheses=[k <= n],
    fidelity="reproduction",
)

# X_(k) ≥ x when at most k - 1 of the n variables are below x. For k = 1 the probability is (1 - x)^n.
order_statistic_upper = Theorem(
    claim=P(order_statistic(U, k) >= x) <= exp(-n * relative_entropy((k - 1) / n, x)),
    source="Hoeffding 1963, Theorem 1, (2.1), for the number of variables below x",
    hypotheses=[k >= 2, k <= n, x >= (k - 1) / n],
    fidelity="specialisation",
)

# X_(k) ≤ x when at least k of the n variables are at most x. For k = n the probability is x^n.
order_statistic_lower = Theorem(
    claim=P(order_statistic(U, k) <= x) <= exp(-n * relative_entropy(k / n, x)),
    source="Hoeffding 1963, Theorem 1, (2.1), for the number of variables of at most x",
    hypotheses=[k < n, x <= k / n],
    fidelity="specialisation",
)

beta_sub_gaussian = Theorem(
    claim=P(B - shape_a / (shape_a + shape_b) >= t) <= exp(-2 * (shape_a + shape_b + 1) * t**2),
    source="O. Marchal and J. Arbel, Electron. Commun. Probab. 22 (2017), Theorem 1",
    inverse={t: sqrt(log(1 / delta) / (2 * (shape_a + shape_b + 1)))},
    fidelity="specialisation",
)


def _threshold(weights: Law) -> Theorem:
    layer = dense(inputs, outputs, weights=weights)
    tau = order_statistic(abs(iid(weights, layer.size)), removed + 1)
    return Theorem(
        claim=P(tau > threshold_bound(layer, removed, delta)) <= delta,
        source="T5; David and Nagaraja 2003, Section 2.3",
        hypotheses=[removed < outputs * inputs],
        fidelity="specialisation",
        points=LAYER_POINTS,
    )


pruning_threshold_uniform = _threshold(uniform(-scale, scale))
pruning_threshold_normal = _threshold(normal(0, scale))
