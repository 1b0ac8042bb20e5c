"""Gaussian weights: random pruning of a network, of one layer, and the smallest weights of one layer.

Source: X. Qian and D. Klabjan, "A Probabilistic Approach to Neural Network Pruning", ICML 2021, for the setting and the
approach; explicit constants derived by boundcheck (T7, T8). A normal weight has no bound, so that neither Frobenius
norms nor Schur's test apply to random pruning; removed weights of magnitude pruning lie below their threshold.
"""

from boundcheck import P, Theorem, fcn, gap, gap_bound, integer, magnitude, normal, prune, random, real, scaled

d = integer("d", min=16, max=4096)
alpha = real("alpha", min=0, max=1, exclude_min=True, exclude_max=True)
delta = real("delta", min=0, max=1, exclude_min=True, exclude_max=True)


def _claim(target, pruned):
    return P(gap(target, pruned) > gap_bound(target, pruned, delta=delta)) <= delta


target = fcn([d, 2 * d, d], weights=scaled(normal(0, 1)), activation="relu")

fcn_random_normal = Theorem(
    claim=_claim(target, prune(target, random(alpha=alpha))),
    source="setting of Qian and Klabjan 2021; constants derived here",
    points=[{"d": 32, "alpha": "1/2", "delta": "1/20"}, {"d": 64, "alpha": "3/10", "delta": "1/20"}],
)

layer = fcn([128, 128], weights=normal(0, 1))

residual_random_normal = Theorem(
    claim=_claim(layer, prune(layer, random(alpha=alpha))),
    source="moments of a smaller Gaussian matrix (S3)",
    points=[{"alpha": "3/10", "delta": "1/20"}],
)

residual_magnitude_normal = Theorem(
    claim=_claim(layer, prune(layer, magnitude(alpha=alpha))),
    source="weights below a Beta order statistic (T5, T6)",
    points=[{"alpha": "3/10", "delta": "1/20"}],
)
