"""Whole neurons of a fully-connected network are removed: random ones, or those with the smallest weights.

Source: X. Qian and D. Klabjan, "A Probabilistic Approach to Neural Network Pruning", ICML 2021, for the setting and the
approach; explicit constants derived by boundcheck: what is removed is a layer of as many outputs, and which ones the
weights choose is met by a union bound over all sets of so many.
"""

from sympy import sqrt

from boundcheck import P, Theorem, fcn, filters, gap, gap_bound, integer, prune, random_filters, real, uniform

d = integer("d", min=16, max=4096)
k = integer("k", min=1, max=16)
delta = real("delta", min=0, max=1, exclude_min=True, exclude_max=True)

target = fcn([d, d, d], weights=uniform(-1 / sqrt(d), 1 / sqrt(d)), activation="relu")


def _claim(rules):
    pruned = prune(target, rules)
    return P(gap(target, pruned) > gap_bound(target, pruned, delta=delta)) <= delta


fcn_filters = Theorem(
    claim=_claim([filters(count=k), None]),
    source="setting of Qian and Klabjan 2021; a union bound over the sets of neurons",
    points=[{"d": 64, "k": 4, "delta": "1/20"}],
)

fcn_random_filters = Theorem(
    claim=_claim([random_filters(count=k), None]),
    source="setting of Qian and Klabjan 2021; constants derived here",
    points=[{"d": 64, "k": 4, "delta": "1/20"}],
)
