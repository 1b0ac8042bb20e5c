"""Rate functions and their simpler lower bounds: Pinsker, Bennett to Bernstein, Chernoff's relative forms.

Source: M. Mitzenmacher and E. Upfal, Probability and Computing, 2nd ed., 2017, Section 4.2; S. Boucheron, G. Lugosi and
P. Massart (BLM), Concentration Inequalities, 2013, Chapters 2 and 4.
"""

from sympy import log, sqrt

from boundcheck import Theorem, real

p = real("p", min=0, max=1, exclude_min=True, exclude_max=True)
q = real("q", min=0, max=1, exclude_min=True, exclude_max=True)
u = real("u", min=0)
share = real("u", min=0, max=1)
inner = real("u", min=0, max=1, exclude_max=True)
t = real("t", min=0, max=1, exclude_max=True)

# Chernoff's exponent is at least Hoeffding's.
pinsker = Theorem(
    claim=q * log(q / p) + (1 - q) * log((1 - q) / (1 - p)) >= 2 * (q - p) ** 2,
    source="Pinsker's inequality for Bernoulli laws; BLM 2013, Theorem 4.19",
)

bennett_to_bernstein = Theorem(
    claim=(1 + u) * log(1 + u) - u >= u**2 / (2 * (1 + u / 3)),
    source="BLM 2013, Section 2.7",
)

bennett_to_sub_gamma = Theorem(
    claim=(1 + u) * log(1 + u) - u >= 9 * (1 + u / 3 - sqrt(1 + 2 * u / 3)),
    source="BLM 2013, Section 2.7",
)

chernoff_third = Theorem(
    claim=share - (1 + share) * log(1 + share) <= -(share**2) / 3,
    source="Mitzenmacher and Upfal 2017, proof of Theorem 4.4 (2)",
)

chernoff_ratio = Theorem(
    claim=u - (1 + u) * log(1 + u) <= -(u**2) / (2 + u),
    source="log(1 + u) ≥ 2u / (2 + u)",
)

chernoff_half = Theorem(
    claim=-inner - (1 - inner) * log(1 - inner) <= -(inner**2) / 2,
    source="Mitzenmacher and Upfal 2017, proof of Theorem 4.5 (2)",
)

# The tails of a chi-squared variable around its mean, with the same Gaussian bound on both sides.
chi_squared_rate = Theorem(
    claim=log(1 + t) - t <= -(t**2) / 4,
    source="the exponent of Wainwright 2019, Example 2.11",
)
