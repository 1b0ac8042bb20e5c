"""False: the exponent of Chernoff's lower tail claimed for the upper one.

Source: M. Mitzenmacher and E. Upfal, Probability and Computing, 2nd ed., 2017, Theorem 4.4 (2), with 2 in place of 3.
"""

from sympy import exp

from boundcheck import P, Theorem, bernoulli, iid, integer, real, sum_of

n = integer("n", min=1, max=10_000)
p = real("p", min=0, max=1, exclude_min=True, exclude_max=True)
u = real("u", min=0, max=1)
X = iid(bernoulli(p), n)

chernoff_upper_half = Theorem(
    claim=P(sum_of(X) >= (1 + u) * n * p) <= exp(-(u**2) * n * p / 2),
    source="the lower tail's exponent of Mitzenmacher and Upfal 2017, Theorem 4.5 (2), for the upper tail",
)
