"""False: a bound that forgets that later layers stretch what pruning an early layer changes.

The first layer of a network with large weights is pruned. The norm of what is removed bounds the change of the first
hidden vector, not of the output: the norms of the later layers are missing (T1 without Π b_j).

Source: the layer recursion with its downstream factor dropped.
"""

from sympy import log, pi, sqrt

from boundcheck import P, Theorem, fcn, gap, integer, prune, random, real, uniform

d = integer("d", min=16, max=256)
K = real("K", min=1, max=40)
delta = real("delta", min=0, max=1, exclude_min=True, exclude_max=True)

target = fcn([d, d, d, d], weights=uniform(-K / sqrt(d), K / sqrt(d)), activation="relu")
pruned = prune(target, [random(fraction="1/2"), None, None])

# Gaussian transport for the removed part of the first layer: right for ‖R_1‖, wrong for the gap.
residual = K / sqrt(d) * sqrt(2 / pi) * (2 * sqrt(d) + sqrt(2 * log(1 / delta)))

forgets_downstream_norms = Theorem(
    claim=P(gap(target, pruned, radius=1) > residual) <= delta,
    source="layer recursion without the downstream norms",
    points=[{"d": 64, "K": 20, "delta": "1/20"}],
)
