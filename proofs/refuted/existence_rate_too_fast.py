"""False: a rate of d^(-1/2) for the bound of random pruning that removes more than the square root of a layer's
weights.

With k = ⌊D^(1-alpha)⌋ and alpha < 1/2 the bound is at least of order d^(-alpha), the root of the share that is removed.
d^(-1/2) is the rate for alpha > 1/2.

Source: the rate for alpha > 1/2, claimed for alpha < 1/2.
"""

from sympy import Limit, Rational, oo, sqrt

from boundcheck import Theorem, fcn, gap_bound, integer, prune, random, real, scaled, uniform

d = integer("d", min=1)
alpha = real("alpha", min=0, max=Rational(1, 2), exclude_min=True, exclude_max=True)
delta = real("delta", min=0, max=1, exclude_min=True, exclude_max=True)

target = fcn([d, d, d, d], weights=scaled(uniform(-1, 1)), activation="relu")
bound = gap_bound(target, prune(target, random(alpha=alpha)), delta=delta)

existence_rate_too_fast = Theorem(
    claim=Limit(bound * sqrt(d), d, oo) <= 100, source="the rate above one half, taken below it"
)
