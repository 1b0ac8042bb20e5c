"""Layers that are pruned at different rates, and by different rules.

Source: X. Qian and D. Klabjan, "A Probabilistic Approach to Neural Network Pruning", ICML 2021, for the setting and the
approach; explicit constants derived by boundcheck (T1 with a bound of its own for each layer).
"""

from sympy import sqrt

from boundcheck import P, Theorem, fcn, gap, gap_bound, integer, magnitude, prune, random, real, scaled, uniform

d = integer("d", min=16, max=4096)
p = real("p", min=0, max=1, exclude_min=True)
q = real("q", min=0, max=1, exclude_min=True)
alpha = real("alpha", min=0, max=1, exclude_min=True, exclude_max=True)
delta = real("delta", min=0, max=1, exclude_min=True, exclude_max=True)

target = fcn([d, d, d], weights=uniform(-1 / sqrt(d), 1 / sqrt(d)), activation="relu")
pruned = prune(target, [random(fraction=p), random(fraction=q)])

two_rates = Theorem(
    claim=P(gap(target, pruned) > gap_bound(target, pruned, delta=delta)) <= delta,
    source="setting of Qian and Klabjan 2021; constants derived here",
    points=[
        {"d": 64, "p": "1/100", "q": "1/4", "delta": "1/20"},
        {"d": 64, "p": "1/4", "q": "1/100", "delta": "1/20"},
    ],
)

# The first layer keeps all, the last but one loses its smallest weights, the last one random weights.
mixed_target = fcn([32, 96, 96, 10], weights=scaled(uniform(-1, 1)), activation="leaky_relu")
mixed_pruned = prune(mixed_target, [None, magnitude(alpha=alpha), random(fraction=q)])

mixed_rules = Theorem(
    claim=P(gap(mixed_target, mixed_pruned) > gap_bound(mixed_target, mixed_pruned, delta=delta)) <= delta,
    source="setting of Qian and Klabjan 2021; constants derived here",
    points=[{"alpha": "2/5", "q": "1/10", "delta": "1/20"}],
)
