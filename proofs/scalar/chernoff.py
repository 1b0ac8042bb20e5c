"""Chernoff's bound for sums of Bernoulli variables, relative form.

Source: M. Mitzenmacher and E. Upfal, Probability and Computing, 2nd ed., 2017, Theorem 4.4 (1).
"""

from sympy import exp

from boundcheck import P, Theorem, bernoulli, iid, integer, real, sum_of

n = integer("n", min=1, max=100_000)
p = real("p", min=0, max=1, exclude_min=True, exclude_max=True)
u = real("u", min=0, max=4, exclude_min=True)
X = iid(bernoulli(p), n)
mu = n * p

chernoff_relative = Theorem(
    claim=P(sum_of(X) >= (1 + u) * mu) <= (exp(u) / (1 + u) ** (1 + u)) ** mu,
    source="Mitzenmacher and Upfal 2017, Theorem 4.4 (1)",
)
