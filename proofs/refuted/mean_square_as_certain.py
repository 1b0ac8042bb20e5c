"""False: the k smallest weights of a neuron have the norm that they have on average.

The k smallest of n normal weights are about uniform on [-τ, τ], τ the level that |w| stays below with probability
k/n, so that the mean of the sum of their squares is about kτ²/3. It is exceeded in about every second neuron.

Source: after Guha, Dubey and Huo 2023 (arXiv:2305.18789), with means in place of tails.
"""

from sympy import erfinv, sqrt

from boundcheck import P, Theorem, fcn, gap, integer, magnitude, normal, prune, real

n = integer("n", min=16, max=4096)
k = integer("k", min=1, max=4096)
delta = real("delta", min=0, max=1, exclude_min=True, exclude_max=True)

neuron = fcn([n, 1], weights=normal(0, 1))

mean_square_as_certain = Theorem(
    claim=P(gap(neuron, prune(neuron, magnitude(count=k))) > sqrt(k / 3) * sqrt(2) * erfinv(k / n)) <= delta,
    source="the Frobenius norm, at the mean of the removed squares",
    hypotheses=[k < n],
    points=[{"n": 256, "k": 32, "delta": "1/20"}],
)
