"""Inequalities between elementary functions that moment generating functions and tails rest on.

Source: S. Boucheron, G. Lugosi and P. Massart (BLM), Concentration Inequalities, 2013, Chapter 2.
"""

from sympy import Rational, cosh, erfc, exp, log, sinh, sqrt

from boundcheck import Theorem, real

x = real("x")
y = real("x", min=0, exclude_min=True)
z = real("x", min=-1, exclude_min=True)
t = real("t", min=0)
w = real("w", min=0, max=1, exclude_max=True)
h = real("x", min=Rational(-1, 2), max=Rational(1, 2))
b = real("x", min=0, max=3, exclude_max=True)
p = real("p", min=0, max=1)
lam = real("lam")

exponential_tangent = Theorem(claim=1 - x <= exp(-x), source="convexity of the exponential function")

logarithm_tangent = Theorem(claim=log(1 + z) <= z, source="concavity of the logarithm")

# One sign: its moment generating function.
cosh_gaussian = Theorem(claim=cosh(x) <= exp(x**2 / 2), source="compare power series; BLM 2013, Section 2.3")

# A uniform variable on [-1, 1]: its variance proxy is its variance, 1/3.
sinh_gaussian = Theorem(claim=sinh(y) / y <= exp(y**2 / 6), source="compare power series: 6^k k! ≤ (2k + 1)!")

# Hoeffding's lemma for one Bernoulli variable, which is the extremal one on [0, 1].
hoeffding_bernoulli = Theorem(
    claim=(1 - p) * exp(-lam * p) + p * exp(lam * (1 - p)) <= exp(lam**2 / 8),
    source="Hoeffding 1963, (4.16); BLM 2013, Lemma 2.2",
)

gaussian_tail_half = Theorem(
    claim=erfc(t / sqrt(2)) / 2 <= exp(-(t**2) / 2) / 2,
    source="the ratio of the two sides has its largest value at 0",
)

# An exponential variable minus its mean is sub-gamma, and sub-exponential near 0.
gamma_sub_gamma = Theorem(claim=-log(1 - w) - w <= w**2 / (2 * (1 - w)), source="BLM 2013, Section 2.4")

gamma_sub_exponential = Theorem(claim=-log(1 - h) - h <= h**2, source="Wainwright 2019, Example 2.8, in another scale")

# Variables bounded above are sub-gamma with scale 1/3: the step from Bennett to Bernstein for moments.
bennett_sub_gamma = Theorem(
    claim=exp(b) - 1 - b <= b**2 / (2 * (1 - b / 3)),
    source="compare power series: k! ≥ 2·3^(k-2); BLM 2013, Section 2.7",
)
