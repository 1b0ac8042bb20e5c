"""False: as many weights removed as Bernoulli masks remove on average.

What is removed of one neuron with weights ±1 has the norm √K, K the number of removed weights. That K exceeds its mean
np has a probability of about one half; a bound needs a tail of the binomial law, or one that rests on no count.

Source: the Frobenius bound ‖R‖ ≤ sup |w| · √K with E K in place of K.
"""

from sympy import sqrt

from boundcheck import P, Theorem, bernoulli, fcn, gap, integer, prune, rademacher, real

n = integer("n", min=1, max=4096)
p = real("p", min=0, max=1, exclude_min=True, exclude_max=True)
delta = real("delta", min=0, max=1, exclude_min=True, exclude_max=True)

target = fcn([n, 1], weights=rademacher(1))
pruned = prune(target, bernoulli(p))

mean_count_as_certain = Theorem(
    claim=P(gap(target, pruned) > sqrt(n * p)) <= delta,
    source="the Frobenius norm, with the mean number of removed weights",
    points=[{"n": 100, "p": "1/10", "delta": "1/20"}],
)
