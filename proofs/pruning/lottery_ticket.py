"""Weights that pruning finds in random ones: how many must be drawn, with explicit constants.

A network of random weights that is wide enough holds, among its subnetworks, one that is close to a given target: keep,
for each weight of the target, that one of n candidates which is nearest to it. E. Malach, G. Yehudai, S. Shalev-Shwartz
and O. Shamir (ICML 2020) prove so that pruning alone suffices. What is below is that step, one weight at a time, with
constants derived here; the whole theorem, whose widths are given there as polynomials up to constants, is not stated.

Nor is that of A. Pensia, S. Rajput, A. Nagle, H. Vishwakarma and D. Papailiopoulos (NeurIPS 2020), by which a factor
logarithmic in the accuracy is enough: it rests on subset sums (G. S. Lueker, Random Structures and Algorithms 12,
1998), where n ≥ C log(1/eps) uniform variables have subset sums near every target for *some* C, and a claim here is
about a statistic of one sample, not about the best of all of its subsets.

Source: after Malach et al. 2020, "Proving the Lottery Ticket Hypothesis: Pruning is All You Need"; proofs below.
"""

from sympy import exp, log, sqrt

from boundcheck import P, Theorem, beta, iid, integer, maximum, minimum, norm, real, uniform

n = integer("n", min=1, max=100_000)
D = integer("D", min=1, max=10_000)
w = real("w", min=-1, max=1)
eps = real("eps", min=0, max=2)
delta = real("delta", min=0, max=1, exclude_min=True)

X = iid(uniform(-1, 1), n)

# [w - eps, w + eps] holds at least eps of the length 2 of [-1, 1], and no more if w is an end of it.
nearest_weight = Theorem(
    claim=P(minimum(abs(X - w)) > eps) <= (1 - eps / 2) ** n,
    source="after Malach et al. 2020: n independent candidates for one weight",
    inverse={eps: 2 * (1 - delta ** (1 / n))},
    fidelity="variant",
)

# So n ≥ (2/eps) log(1/delta) candidates are enough.
candidates_needed = Theorem(
    claim=P(minimum(abs(X - w)) > 2 * log(1 / delta) / n) <= delta,
    source="the same, as 1 - x ≤ exp(-x)",
    fidelity="variant",
)

# D weights, each with n candidates of its own, and all at ends of [-1, 1]: |X - 1| is uniform on [0, 2], and the least
# of n such distances is twice a Beta(1, n) variable.
distances = iid(beta(1, n), D)

whole_layer = Theorem(
    claim=P(2 * maximum(distances) > eps) <= D * exp(-n * eps / 2),
    source="a union bound over the D weights",
    inverse={eps: 2 * log(D / delta) / n},
    fidelity="variant",
)

# The gap on the unit ball is the norm of a matrix of D entries of at most eps: eps·√D, by their Frobenius norm.
layer_gap = Theorem(
    claim=P(2 * norm(distances) > eps * sqrt(D)) <= D * exp(-n * eps / 2),
    source="Frobenius norm, and a union bound over the D weights",
    fidelity="variant",
    points=[{"n": 50, "D": 4, "eps": "1/5"}, {"n": 400, "D": 100, "eps": "1/25"}],
)

# A weight as the product of two: a ReLU neuron with weight u, of which v is passed on, instead of one weight w. Both
# are off by at most eps/2 in one of k pairs but with probability (1 - eps²/16)^k, and then u v is by at most eps.
u = real("u", min=-1, max=1)
v = real("v", min=-1, max=1)

product_of_two = Theorem(
    claim=abs(u * v - w) <= abs(u - w) + abs(v - 1),
    source="u v - w = v (u - w) + w (v - 1)",
    fidelity="variant",
)
