"""False: a bound of the gap at one fixed input, claimed of all inputs of the ball.

Weights do not depend on an input that is fixed beforehand, and stretch it by some √m deviations of a weight. The worst
input of the ball does depend on them, and is stretched by √m + √n: here, by the norm of what is removed.

Source: the bound at fixed inputs with its hypothesis about the inputs dropped.
"""

from boundcheck import P, Theorem, fcn, gap, gap_bound, integer, prune, random, real, uniform

d = integer("d", min=64, max=512)
delta = real("delta", min=0, max=1, exclude_min=True, exclude_max=True)

target = fcn([d, d], weights=uniform(-1, 1))
pruned = prune(target, random(fraction="1/2"))

fixed_inputs_for_the_ball = Theorem(
    claim=P(gap(target, pruned) > gap_bound(target, pruned, delta=delta, inputs=1)) <= delta,
    source="the bound at fixed inputs, for inputs that depend on the weights",
    points=[{"d": 256, "delta": "1/20"}],
)
