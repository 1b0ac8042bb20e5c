"""False: candidates for a weight counted as if it lay well inside their interval.

[w - eps, w + eps] has the probability eps under the uniform law on [-1, 1] if it lies inside; at w = 1 only half of it
does.

Source: after Malach et al. 2020, "Proving the Lottery Ticket Hypothesis: Pruning is All You Need", at w = 0 alone.
"""

from boundcheck import P, Theorem, iid, integer, minimum, real, uniform

n = integer("n", min=1, max=100_000)
w = real("w", min=-1, max=1)
eps = real("eps", min=0, max=1)
X = iid(uniform(-1, 1), n)

interior_weight_everywhere = Theorem(
    claim=P(minimum(abs(X - w)) > eps) <= (1 - eps) ** n,
    source="n candidates for a weight that is no end of the interval",
)
