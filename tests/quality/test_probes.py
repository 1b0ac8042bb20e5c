"""Claims that are false in few places or by little, and true ones with equality: the first are refuted, the others not.

Exact laws, enclosures and proofs decide all of them: nothing is drawn, and no test fails by chance.
"""

from __future__ import annotations

import pytest
from sympy import Abs, Rational, exp, factorial, log, pi, sqrt

from boundcheck import (
    E,
    P,
    Theorem,
    Var,
    bernoulli,
    bounded,
    centred,
    check,
    chi_squared,
    exponential,
    iid,
    integer,
    maximum,
    mean,
    minimum,
    nonnegative,
    normal,
    poisson,
    rademacher,
    real,
    sum_of,
    uniform,
    with_variance,
)
from boundcheck.check import Status

HALF = Rational(1, 2)
SMALL = Rational(1, 10**6)
n = integer("n", min=1, max=10_000)
k = integer("k", min=1, max=300)
few = integer("few", min=1, max=20)
t = real("t", min=0, max=1)
T = real("T", min=0)
b = real("b", min=0, exclude_min=True)
v = real("v", min=0, exclude_min=True)
p = real("p", min=0, max=1, exclude_min=True, exclude_max=True)
x = real("x", min=0, max=1)
y = real("y", min=-2, max=2)
lam = real("lam", min=0, max=5)
delta = real("delta", min=0, max=1, exclude_min=True)

X, B, F = iid(bounded(0, 1), n), iid(bernoulli(p), n), iid(bernoulli(HALF), n)
Z, Zs = iid(normal(0, 1), 1), iid(normal(0, 1), n)
W = iid(exponential(1), k)
U3 = iid(uniform(0, 1), 3)
deviation = mean(X) - E(mean(X))
fair20, fair300 = iid(bernoulli(HALF), few), iid(bernoulli(HALF), k)
CONSTANT = 1 - SMALL

FALSE = {
    "a normal quantile off by a third": P(sum_of(Z) >= sqrt(2 * log(1 / delta)) - Rational(1, 3)) <= delta,
    "a quantile with 2.2 for 2": P(deviation >= sqrt(log(1 / delta) / (Rational(11, 5) * n))) <= delta,
    "Bernstein's quantile without its linear term": P(
        mean(iid(centred(upper=b, variance=v), n)) >= sqrt(2 * v * log(1 / delta) / n)
    )
    <= delta,
    "Markov's quantile by a hundredth": P(sum_of(iid(nonnegative(1), 1)) >= Rational(99, 100) / delta) <= delta,
    "Chebyshev's quantile by a hundredth": P(Abs(mean(iid(with_variance(0, 1), 1))) >= sqrt(Rational(99, 100) / delta))
    <= delta,
    "a dip of width 1/300 in p": P(sum_of(iid(bernoulli(p), 1)) >= 1)
    <= p + Rational(1, 100) - Rational(2, 100) * exp(-(((p - Rational(617, 1000)) * 300) ** 2)),
    "a Poisson tail by its first two terms": P(sum_of(iid(poisson(3), 1)) >= 300)
    <= exp(-3) * 3**300 / factorial(300) * (1 + Rational(3, 301)),
    "at one n of 10,000": P(sum_of(F) >= n) <= HALF**n * (1 + (n - 777) ** 2 - Rational(1, 1000)),
    "at one n of 20": P(sum_of(fair20) >= few) <= HALF**few * (1 + (few - 7) ** 2 - Rational(1, 1000)),
    "at one n of 300": P(sum_of(fair300) >= k) <= HALF**k * (1 + (k - 137) ** 2 - Rational(1, 1000)),
    "by a billionth at 1e-61": P(sum_of(iid(bernoulli(HALF), 200)) >= 200) <= HALF**200 * (1 - Rational(1, 10**9)),
    "by a thousandth everywhere": P(sum_of(B) >= n) <= p**n * Rational(999, 1000),
    "only in deep normal tails": P(mean(Zs) >= t) <= exp(-n * t**2 * Rational(51, 100)),
    "only for sums of exponentials": P(sum_of(W) >= k * (1 + T)) <= Rational(2, 5) * exp(-k * (T - log(1 + T))),
    "for skewed laws only": P(mean(B) - p >= t) <= exp(-n * t**2 / (2 * p * (1 - p))),
    "for rare events only": P(sum_of(iid(bernoulli(p), k)) >= 3) <= (k * p) ** 3 / 6 * Rational(95, 100),
    "at a lattice point": P(sum_of(iid(bernoulli(HALF), 10)) >= 8) <= Rational(55, 1024),
    "by a billionth of a median": P(sum_of(iid(bernoulli(p), 3)) >= 2) <= 3 * p**2 - 2 * p**3 - Rational(1, 10**9),
    "two-sided with one side": P(Abs(mean(F) - HALF) >= t) <= exp(-2 * n * t**2),
    "one factor of the union": P(maximum(Zs) >= T) <= (n - HALF) * exp(-(T**2) / 2) / 2,
    "maximum by a hundredth": P(maximum(B) >= 1) <= n * p * Rational(99, 100),
    "minimum by a millionth": P(minimum(W) >= T) <= exp(-k * T) * CONSTANT,
    "a power of n": P(mean(Zs) >= T) <= exp(-(n ** Rational(101, 100)) * T**2 / 2),
    "corner of a cube": P(sum_of(U3) >= 3 - t) <= t**3 / factorial(3) * CONSTANT,
    "corner of a cube, wrong factor": P(sum_of(U3) >= 3 - t) <= t**3 / 7,
    "chi squared without its linear term": P(sum_of(iid(chi_squared(1), k)) >= k + 2 * sqrt(k * T)) <= exp(-T),
    "Chebyshev, strict, by a hundredth": P(Abs(mean(iid(with_variance(0, 1), 1))) > T + 1)
    <= Rational(99, 100) / (T + 1) ** 2,
    "quantile with another delta": P(deviation >= sqrt(log(1 / delta) / (3 * n))) <= delta,
    "quantile at half delta": P(deviation >= sqrt(log(1 / (2 * delta)) / (2 * n))) <= delta,
    "Poisson tail as if sub-Gaussian": P(sum_of(iid(poisson(3), 1)) >= T + 3) <= exp(-(T**2) / 7),
    "exponential tail as if sub-Gaussian": P(sum_of(iid(exponential(1), 1)) - 1 >= T) <= exp(-(T**2) / 20),
    "near an equality at 0": E(exp((lam - 1) * sum_of(iid(rademacher(1), 1))))
    <= exp((lam - 1) ** 2 / 2 * (1 - Rational(1, 1000))),
    "two-sided quantile with one side": P(Abs(deviation) >= sqrt(log(1 / delta) / (2 * n))) <= delta,
    "moment generating function": E(exp(lam * sum_of(iid(rademacher(1), 1)))) <= exp(lam**2 / 2) * CONSTANT,
    "moment generating function, exponent": E(exp(lam * sum_of(Zs))) <= exp(n * lam**2 / 2 * CONSTANT),
    "second moment": E(sum_of(iid(uniform(-1, 1), 3)) ** 2) <= CONSTANT,
    "mean of a maximum": E(maximum(U3)) <= Rational(3, 4) - SMALL,
    "mean of a modulus": E(Abs(sum_of(Zs))) <= sqrt(2 * n / pi) * CONSTANT,
    "variance of a sum": Var(sum_of(iid(exponential(2), 5))) <= Rational(5, 4) * CONSTANT,
    "variance of a bounded variable": Var(mean(X)) <= CONSTANT / (4 * n),
    "numbers in a sliver": exp(x) + Rational(1, 1000) * (1 - 2 * exp(-(((x - Rational(31, 97)) * 100) ** 2)))
    >= 1 + x + x**2 / 2 + x**3 / 6 + x**4 / 24 + x**5 / 120,
    "numbers by 1e-12": x * (1 - x) <= Rational(1, 4) - Rational(1, 10**12),
    "numbers, strict": x * (1 - x) < Rational(1, 4),
    "numbers on a line": x**2 + y**2 >= 2 * x * y + Rational(1, 10**9),
    "numbers at one integer": (n - 50) ** 2 >= Rational(1, 100),
    "numbers at one large integer": n**2 - 2828 * n + 1414**2 >= Rational(1, 10),
}

TRUE = {
    "Markov": P(sum_of(iid(nonnegative(1), 1)) >= T + 1) <= 1 / (T + 1),
    "Chebyshev": P(Abs(mean(iid(with_variance(0, 1), 1))) >= T + HALF) <= 1 / (T + HALF) ** 2,
    "Cantelli": P(mean(iid(with_variance(0, 1), 1)) >= T) <= 1 / (1 + T**2),
    "one variable": P(sum_of(iid(bernoulli(p), 1)) >= 1) <= p,
    "median": P(sum_of(iid(bernoulli(p), 3)) >= 2) <= 3 * p**2 - 2 * p**3,
    "strict at a lattice point": P(sum_of(iid(bernoulli(HALF), 10)) > 8) <= Rational(11, 1024),
    "a Poisson tail by a geometric series": P(sum_of(iid(poisson(3), 1)) >= 300)
    <= exp(-3) * 3**300 / factorial(300) / (1 - Rational(3, 301)),
    "factorial moment": P(sum_of(iid(bernoulli(p), k)) >= 3) <= (k * p) ** 3 / 6,
    "corner of a cube": P(sum_of(U3) >= 3 - t) <= t**3 / factorial(3),
    "corner of a square": P(sum_of(iid(uniform(0, 1), 2)) >= 2 - t) <= t**2 / 2,
    "maximum of uniforms": P(maximum(iid(uniform(0, 1), k)) <= t) <= t**k,
    "Hoeffding's lemma near 0": E(exp(lam * sum_of(iid(rademacher(1), 1)))) <= exp(lam**2 / 2),
    "second moment": E(sum_of(iid(uniform(-1, 1), 3)) ** 2) <= 1,
    "mean of a maximum": E(maximum(U3)) <= Rational(3, 4),
    "mean": E(mean(B)) <= p,
    "variance": Var(sum_of(iid(exponential(2), 5))) <= Rational(5, 4),
    "numbers": x * (1 - x) <= Rational(1, 4),
    "numbers on a line": x**2 + y**2 >= 2 * x * y,
    "numbers at a triple zero": exp(x) >= 1 + x + x**2 / 2,
    "numbers with logarithms": log(1 + x) <= x - x**2 / 2 + x**3 / 3,
}

EQUAL = {
    "all ones": P(sum_of(B) >= n) <= p**n,
    "all zeros": P(sum_of(B) <= 0) <= (1 - p) ** n,
    "least exponential": P(minimum(W) >= T) <= exp(-k * T),
    "no event of Poisson": P(sum_of(iid(poisson(T + 1), 1)) <= 0) <= exp(-T - 1),
    "normal moment generating function": E(exp(lam * sum_of(Z))) <= exp(lam**2 / 2),
    "mean modulus of a normal": E(Abs(sum_of(Zs))) <= sqrt(2 * n / pi),
}
"""Equal everywhere: enclosures cannot tell, so these may stay open, and must not be refuted."""


a, c = real("a"), real("c")
RANGE = iid(bounded(a, c), n)
RANGES = {
    "fourth power": P(mean(RANGE) - E(mean(RANGE)) >= T) <= exp(-2 * n * T**2 / (c - a) ** 4),
    "sum of the ends": P(sum_of(RANGE) - E(sum_of(RANGE)) >= T) <= exp(-2 * T**2 / (n * (c + a) ** 2)),
}


def status(claim, hypotheses=()):
    found = check(Theorem(claim=claim, hypotheses=hypotheses), trials=1000)
    assert not any(point.evidence.trials for point in found.points), "a claim that was meant to be exact took trials"
    return found.status


@pytest.mark.parametrize("name", FALSE)
def test_false_claims_are_refuted(name):
    assert status(FALSE[name]) is Status.REFUTED


@pytest.mark.parametrize("name", TRUE)
def test_true_claims_with_equality_somewhere_are_confirmed(name):
    assert status(TRUE[name]) in (Status.PROVED, Status.CONFIRMED)


@pytest.mark.parametrize("name", EQUAL)
def test_identities_are_not_refuted(name):
    assert status(EQUAL[name]) is not Status.REFUTED


@pytest.mark.parametrize("name", RANGES)
def test_hoeffding_with_a_wrong_range_is_refuted(name):
    assert status(RANGES[name], [a < c]) is Status.REFUTED


def test_a_family_without_members_refutes_nothing():
    """No law on [0, ∞) has a negative mean."""
    m, positive = real("m", min=-1), real("positive", min=0, exclude_min=True)
    assert status(P(sum_of(iid(nonnegative(m), 1)) >= positive) <= m / positive) is not Status.REFUTED
