"""One dense layer of 256 × 256 weights on [-1, 1]: the norm of those that pruning removes.

In a network of one layer the gap is that norm, so T1 is an equality and the ratio of bound to T1 is the looseness of
the norm inequalities alone.

Source: T3 and T6 as boundcheck derives them; the setting of Qian and Klabjan, ICML 2021.
"""

from boundcheck import P, Theorem, fcn, gap, gap_bound, magnitude, prune, random, real, uniform

delta = real("delta", min=0, max=1, exclude_min=True, exclude_max=True)
layer = fcn([256, 256], weights=uniform(-1, 1))


def _claim(rule):
    pruned = prune(layer, rule)
    return P(gap(layer, pruned) > gap_bound(layer, pruned, delta=delta)) <= delta


residual_random = Theorem(
    claim=_claim(random(alpha="3/10")),
    source="matrix series and hypergeometric counts (T6)",
    points=[{"delta": "1/20"}],
)
residual_magnitude = Theorem(
    claim=_claim(magnitude(alpha="3/10")),
    source="the same times a Beta order statistic (T6)",
    points=[{"delta": "1/20"}],
)
