"""Bernoulli masks on a fully-connected network: each weight goes with probability p, independently of all else (T7).

Source: X. Qian and D. Klabjan, "A Probabilistic Approach to Neural Network Pruning", ICML 2021, for the setting and the
approach; explicit constants derived by boundcheck. How many weights go is random, and S3, which rests on no count,
holds for these masks as it does for subsets; matrix Bernstein is applied to the products of weights and mask.
"""

from sympy import sqrt

from boundcheck import P, Theorem, bernoulli, fcn, gap, gap_bound, integer, normal, prune, real, scaled, uniform

d = integer("d", min=16, max=4096)
p = real("p", min=0, max=1, exclude_min=True, exclude_max=True)
delta = real("delta", min=0, max=1, exclude_min=True, exclude_max=True)

target = fcn([d, d, d], weights=uniform(-1 / sqrt(d), 1 / sqrt(d)), activation="relu")
pruned = prune(target, bernoulli(p))

fcn_bernoulli = Theorem(
    claim=P(gap(target, pruned) > gap_bound(target, pruned, delta=delta)) <= delta,
    source="setting of Qian and Klabjan 2021; constants derived here",
    points=[{"d": 32, "p": "1/10", "delta": "1/20"}, {"d": 128, "p": "1/100", "delta": "1/20"}],
)

normal_target = fcn([32, 64, 64, 8], weights=scaled(normal(0, 1)), activation="tanh")
normal_pruned = prune(normal_target, [bernoulli(p / 2), bernoulli(p), None])

fcn_bernoulli_normal = Theorem(
    claim=P(
        gap(normal_target, normal_pruned, radius=2) > gap_bound(normal_target, normal_pruned, delta=delta, radius=2)
    )
    <= delta,
    source="setting of Qian and Klabjan 2021; constants derived here",
    points=[{"p": "1/10", "delta": "1/20"}],
)

# One layer: the gap is the norm of what is removed.
layer = fcn([128, 128], weights=uniform(-1, 1))
part = prune(layer, bernoulli(p))

residual_bernoulli = Theorem(
    claim=P(gap(layer, part) > gap_bound(layer, part, delta=delta)) <= delta,
    source="moments of a smaller Gaussian matrix (S3)",
    points=[{"p": "1/2", "delta": "1/20"}, {"p": "1/100", "delta": "1/20"}],
)
