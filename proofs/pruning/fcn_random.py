"""Random pruning of a fully-connected network: the bound that boundcheck derives (T7).

Source: X. Qian and D. Klabjan, "A Probabilistic Approach to Neural Network Pruning", ICML 2021, for the setting and the
approach; explicit constants derived by boundcheck from Gaussian transport, matrix series and hypergeometric counts.
"""

from sympy import floor, sqrt

from boundcheck import P, Theorem, fcn, gap, gap_bound, integer, prune, random, real, uniform

d = integer("d", min=16, max=4096)
alpha = real("alpha", min=0, max=1, exclude_min=True, exclude_max=True)
delta = real("delta", min=0, max=1, exclude_min=True, exclude_max=True)

target = fcn([d, d, d], weights=uniform(-1 / sqrt(d), 1 / sqrt(d)), activation="relu")
pruned = prune(target, random(keep_out=floor(d ** (2 * (1 - alpha)))))
bound = gap_bound(target, pruned, delta=delta)

fcn_random = Theorem(
    claim=P(gap(target, pruned, radius=1) > bound) <= delta,
    source="setting of Qian and Klabjan 2021; constants derived here",
    points=[
        {"d": 32, "alpha": "9/10", "delta": "1/20"},
        {"d": 128, "alpha": "4/5", "delta": "1/20"},
        {"d": 128, "alpha": "7/10", "delta": "1/20"},
    ],
)
