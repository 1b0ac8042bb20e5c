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
    points=[
        {"n": 20, "p": "1/10", "u": "1/2"},
        {"n": 20, "p": "1/2", "u": "3/5"},
        {"n": 100, "p": "1/100", "u": 4},
        {"n": 1000, "p": "1/10", "u": "1/5"},
        {"n": 1000, "p": "1/2", "u": "1/10"},
        {"n": 10_000, "p": "1/1000", "u": 2},
        {"n": 100_000, "p": "1/10", "u": "1/20"},
        {"n": 100_000, "p": "1/1000", "u": 4},
    ],
)
