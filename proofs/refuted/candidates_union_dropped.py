"""False: as many candidates for each of D weights as for a single one.

Source: after Malach et al. 2020, "Proving the Lottery Ticket Hypothesis: Pruning is All You Need", without the union
bound over the weights of a layer.
"""

from sympy import exp

from boundcheck import P, Theorem, beta, iid, integer, maximum, real

n = integer("n", min=1, max=100_000)
D = integer("D", min=1, max=10_000)
eps = real("eps", min=0, max=2)

candidates_union_dropped = Theorem(
    claim=P(2 * maximum(iid(beta(1, n), D)) > eps) <= exp(-n * eps / 2),
    source="the bound of one weight, for all of a layer",
)
