"""False: a network with biases bounded as if it had none.

Pruning of the second layer changes its output by what is removed times the hidden vector. Biases of the first layer
make that vector long, whatever the input; a bound from the norm of the input alone knows nothing of it.

Source: the bound that boundcheck derives (T7), for the same network without its biases.
"""

from sympy import sqrt

from boundcheck import P, Theorem, fcn, gap, gap_bound, integer, normal, prune, random, real, uniform

d = integer("d", min=16, max=4096)
v = real("v", min=0, exclude_min=True)
delta = real("delta", min=0, max=1, exclude_min=True, exclude_max=True)

weights = uniform(-1 / sqrt(d), 1 / sqrt(d))
target = fcn([d, d, d], weights=weights, activation="relu", biases=normal(0, v))
pruned = prune(target, [None, random(fraction="1/2")])

plain = fcn([d, d, d], weights=weights, activation="relu")
without = prune(plain, [None, random(fraction="1/2")])

biases_forgotten = Theorem(
    claim=P(gap(target, pruned) > gap_bound(plain, without, delta=delta)) <= delta,
    source="T7 without biases",
    points=[{"d": 64, "v": 1, "delta": "1/20"}],
)
