"""False: a network whose layers are pruned at different rates, bounded as if all were pruned at the smallest.

Source: the bound that boundcheck derives (T7) with the rate of the first layer in place of each layer's own.
"""

from sympy import sqrt

from boundcheck import P, Theorem, fcn, gap, gap_bound, integer, prune, random, real, uniform

d = integer("d", min=16, max=4096)
p = real("p", min=0, max=1, exclude_min=True)
q = real("q", min=0, max=1, exclude_min=True)
delta = real("delta", min=0, max=1, exclude_min=True, exclude_max=True)

target = fcn([d, d, d], weights=uniform(-1 / sqrt(d), 1 / sqrt(d)), activation="relu")
pruned = prune(target, [random(fraction=p), random(fraction=q)])
one_rate = prune(target, random(fraction=p))

smallest_rate_for_all = Theorem(
    claim=P(gap(target, pruned) > gap_bound(target, one_rate, delta=delta)) <= delta,
    source="T7 with the largest rate forgotten",
    points=[{"d": 64, "p": "1/1000", "q": "9/10", "delta": "1/20"}],
)
