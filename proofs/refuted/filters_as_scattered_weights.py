"""False: a removed neuron bounded as if its weights had been scattered over the layer.

One of n neurons has n of the n² weights. n weights at random places have a norm that hardly grows with n, as few of
them share a row or a column; in one row they have the norm of that row, about √(n/3) on [-1, 1].

Source: the bound that boundcheck derives for random weights (S3), for random filters.
"""

from boundcheck import P, Theorem, fcn, gap, gap_bound, integer, prune, random, random_filters, real, uniform

n = integer("n", min=1, max=4096)
delta = real("delta", min=0, max=1, exclude_min=True, exclude_max=True)

layer = fcn([n, n], weights=uniform(-1, 1))
one_neuron = prune(layer, random_filters(count=1))
scattered = prune(layer, random(count=n))

filters_as_scattered_weights = Theorem(
    claim=P(gap(layer, one_neuron) > gap_bound(layer, scattered, delta=delta)) <= delta,
    source="S3 for a set of entries that is not random among all",
    points=[{"n": 128, "delta": "1/20"}],
)
