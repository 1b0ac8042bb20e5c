"""Expectations against closed forms, numerical integrals and enumeration; infinite ones must not come out finite."""

from __future__ import annotations

import math
from fractions import Fraction

import mpmath
import pytest
from flint import arb, fmpq
from formula.exact.oracle import assert_is
from scipy import integrate, stats
from sympy import Max, Rational, S, cos, exp, floor, gamma, log, oo, pi, sqrt

from boundcheck import (
    E,
    P,
    Var,
    bernoulli,
    beta,
    chi_squared,
    discrete,
    empty,
    exponential,
    hypergeometric,
    iid,
    independent,
    maximum,
    mean,
    minimum,
    norm,
    normal,
    occupancy,
    order_statistic,
    poisson,
    rademacher,
    random_matrix,
    sample_variance,
    spectral_norm,
    sum_of,
    uniform,
)
from boundcheck import gamma as gamma_law
from boundcheck.formula.exact import exact_expectation, exact_probability, exact_value
from boundcheck.formula.rigorous import precision

F = Fraction


def Z(n, std=1):
    return iid(normal(0, std), n)


def number(e):
    found = exact_value(e)
    assert found is not None
    return found


def one(law):
    return sum_of(iid(law, 1))


CLOSED = {
    "norm": (E(norm(Z(10))), sqrt(2) * gamma(Rational(11, 2)) / gamma(5)),
    "norm with a standard deviation": (E(norm(Z(3, 5))), 5 * sqrt(2) * gamma(2) / gamma(Rational(3, 2))),
    "vector": (E(spectral_norm(random_matrix(normal(0, 1), 4, 1))), sqrt(2) * gamma(Rational(5, 2)) / gamma(2)),
    "modulus": (E(abs(sum_of(Z(4)))), 2 * sqrt(2 / pi)),
    "largest of two": (E(maximum(Z(2))), 1 / sqrt(pi)),
    "largest of three": (E(maximum(Z(3))), 3 / (2 * sqrt(pi))),
    "smallest of three": (E(minimum(Z(3, 2))), -3 / sqrt(pi)),
    "middle of three": (E(order_statistic(Z(3), 2) + 1), S.One),
    "square of the largest of two": (E(maximum(Z(2)) ** 2), S.One),
    "exponential of a square": (E(exp(one(normal(0, 1)) ** 2 / 4)), sqrt(2)),
    "exponential of a quadratic": (E(exp(one(normal(1, 1)) ** 2 / 4 - 1)), sqrt(2) * exp(-Rational(1, 2))),
    "normal mgf": (E(exp(sum_of(Z(10)) / 3)), exp(Rational(10, 18))),
    "rademacher mgf": (
        E(exp(mean(iid(rademacher(), 10)) - 1)),
        ((exp(S.One / 10) + exp(-S.One / 10)) / 2) ** 10 / S.Exp1,
    ),
    "exponential mgf": (E(exp(sum_of(iid(exponential(2), 3)))), S(8)),
    "poisson mgf": (E(exp(sum_of(iid(poisson(2), 3)))), exp(6 * (S.Exp1 - 1))),
    "uniform square mgf": (E(exp(-sum_of(Z(3) ** 2))), 3 ** -Rational(3, 2)),
    "mixed mgf": (E(exp(sum_of(independent(normal(0, 1), bernoulli(F(1, 2)))))), exp(S.Half) * (1 + S.Exp1) / 2),
    "folded mgf": (E(exp(-sum_of(abs(iid(uniform(-1, 1), 3))))), (1 - exp(-1)) ** 3),
    "power of chi-squared": (
        E(one(chi_squared(1)) ** Rational(1, 4)),
        2 ** Rational(1, 4) * gamma(Rational(3, 4)) / sqrt(pi),
    ),
    "inverse of gamma": (E(1 / one(gamma_law(3, 2))), S.One),
    "root of a sample variance": (E(sqrt(sample_variance(Z(3)))), gamma(Rational(3, 2))),
    "positive part": (E(Max(one(normal(0, 1)), 0)), 1 / sqrt(2 * pi)),
    "cosine": (E(cos(one(normal(0, 1)))), exp(-S.Half)),
    "largest of exponentials": (E(maximum(iid(exponential(3), 4))), Rational(25, 36)),
    "root of a uniform variable": (E(sqrt(one(uniform(0, 1)))), Rational(2, 3)),
    "largest modulus of uniforms": (E(maximum(iid(uniform(0, 2), 3)) ** Rational(1, 2)), sqrt(2) * Rational(6, 7)),
    "beta": (E(sqrt(one(beta("1/2", 2)))), gamma(1) * gamma(Rational(5, 2)) / (gamma(S.Half) * gamma(3))),
    "exponential of a root": (E(exp(sqrt(one(chi_squared(2))))), None),
    "nested": (1 - 1 / E((maximum(Z(2)) - E(maximum(Z(2)))) ** 2), 1 - 1 / (1 - 1 / pi)),
    "probability and mean": (P(sum_of(Z(1)) >= E(abs(sum_of(Z(1))))) * 0 + E(norm(Z(2))), sqrt(pi / 2)),
}


@pytest.mark.parametrize("name", CLOSED)
def test_closed_forms(name):
    e, wanted = CLOSED[name]
    found = number(e)
    if wanted is None:
        with mpmath.workdps(20):
            wanted = mpmath.quad(lambda x: x * mpmath.exp(x - x**2 / 2), [0, 2, 10, 40])
        assert float(found) == pytest.approx(float(wanted), rel=1e-12)
        return
    with precision(120):
        assert arb(found).rad() < 1e-12
        assert abs(found - arb(str(wanted.evalf(30)))).lower() < arb("1e-25")
    assert float(arb(found)) == pytest.approx(float(wanted), rel=1e-13)


SIX = occupancy(6, 4)
FRACTIONS = {
    "variance of a sum": (Var(sum_of(iid(bernoulli(F(1, 3)), 10_000))), F(20_000, 9)),
    "variance of a mean": (Var(mean(iid(uniform(0, 1), 10))), F(1, 120)),
    "fourth moment of signs": (E(sum_of(iid(rademacher(), 100)) ** 4), F(3 * 100**2 - 2 * 100)),
    "fourth moment of normals": (E((sum_of(iid(normal(1, 2), 5)) - 5) ** 4), F(3 * 20**2)),
    "third central moment": (E((sum_of(iid(exponential(2), 7)) - Rational(7, 2)) ** 3), F(7 * 2, 8)),
    "third central moment of poissons": (E((sum_of(iid(poisson(2), 7)) - 14) ** 3), F(14)),
    "gamma": (E(one(gamma_law("3/2", 2)) ** 2), F(15, 16)),
    "beta": (E(one(beta("1/2", 2)) ** 2), F(1, 2) * F(3, 2) / (F(5, 2) * F(7, 2))),
    "hypergeometric": (Var(one(hypergeometric(20, 8, 5))), 5 * F(2, 5) * F(3, 5) * F(15, 19)),
    "different laws": (Var(sum_of(independent(bernoulli(F(1, 2)), uniform(0, 6), poisson(2)))), F(1, 4) + 3 + 2),
    "squares": (E(sum_of(iid(uniform(-1, 1), 5) ** 2) ** 2), 5 * F(1, 5) + 20 * F(1, 9)),
    "shifted": (E(mean(2 * iid(exponential(1), 3) - 1) ** 2), 1 + F(4, 3)),
    "order statistic": (E(order_statistic(iid(uniform(0, 1), 10), 3)), F(3, 11)),
    "its variance": (Var(order_statistic(iid(uniform(0, 1), 10), 3)), F(24, 11**2 * 12)),
    "largest of uniforms": (E(maximum(iid(uniform(-1, 1), 4))), F(3, 5)),
    "sample variance": (E(sample_variance(iid(uniform(0, 1), 5))), F(1, 12)),
    "variance of a sample variance": (Var(sample_variance(Z(5))), F(1, 2)),
    "empty bins": (E(empty(occupancy(10, 4))), 4 * F(3, 4) ** 10),
    "pairs of empty bins": (E(empty(SIX) * (empty(SIX) - 1)), 12 * F(2, 4) ** 6),
    "variance of a constant": (Var(sum_of(iid(bernoulli(1), 3))), F(0)),
}


@pytest.mark.parametrize("name", FRACTIONS)
def test_fractions(name):
    e, wanted = FRACTIONS[name]
    found = number(e)
    assert isinstance(found, fmpq)
    assert_is(found, F(wanted))


@pytest.mark.parametrize("n", [1, 2, 10, 1000, 100_000])
def test_largest_of_normals(n):
    found = number(E(maximum(Z(n))))
    folded = number(E(maximum(abs(Z(n)))))
    law = stats.norm
    wanted = integrate.quad(lambda x: x * n * law.pdf(x) * law.cdf(x) ** (n - 1), -10, 12, epsabs=1e-12, limit=500)[0]
    assert float(found) == pytest.approx(wanted, rel=1e-8, abs=1e-10)
    # One minus the distribution function, over the positive axis.
    above = integrate.quad(lambda x: 1 - (2 * law.cdf(x) - 1) ** n, 0, 12, epsabs=1e-12, limit=500)[0]
    assert float(folded) == pytest.approx(above, rel=1e-8)
    assert arb(found).rad() < 1e-10


def test_infinite_lattices():
    total = sum_of(iid(poisson(2), 5))
    assert float(number(E(abs(total - 10)))) == pytest.approx(
        2 * 10**11 * math.exp(-10) / math.factorial(10), rel=1e-14
    )
    assert float(number(E(total**2 * exp(-total)))) == pytest.approx(
        sum(k**2 * math.exp(-k) * stats.poisson(10).pmf(k) for k in range(200)), rel=1e-10
    )
    assert float(number(E(maximum(iid(poisson(1), 10))))) == pytest.approx(
        sum(1 - stats.poisson(1).cdf(k) ** 10 for k in range(100)), rel=1e-12
    )
    assert exact_expectation(exp(total**2)) is None


INFINITE = {
    "mgf at the rate": exp(sum_of(iid(exponential(2), 3)) * 2),
    "mgf above the rate": exp(sum_of(iid(gamma_law("1/2", 2), 3)) * 3),
    "affine mgf": exp(sum_of(2 * iid(exponential(2), 3) + 1)),
    "exponential of a square": exp(one(normal(0, 1)) ** 2 / 2),
    "exponential of a larger square": 3 * exp(one(normal(1, 2)) ** 2),
    "mgf of squares": exp(sum_of(Z(3) ** 2) / 2),
    "inverse of chi-squared": 1 / sum_of(iid(chi_squared(1), 2)),
    "inverse of exponential": 1 / one(exponential(1)),
}


@pytest.mark.parametrize("name", INFINITE)
def test_infinite_means(name):
    found = exact_expectation(INFINITE[name])
    assert found is not None
    assert not found.is_finite()
    assert found > 0
    assert exact_value(1 / E(INFINITE[name])) == 0
    assert exact_value(-E(INFINITE[name])) == arb.neg_inf()
    assert exact_value(E(INFINITE[name]) - E(INFINITE[name] + 1)) is None


@pytest.mark.parametrize(
    "argument",
    [
        1 / one(normal(0, 1)),
        exp(one(normal(0, 1)) ** 4),
        exp(abs(one(normal(0, 1))) ** 3),
        exp(exp(one(normal(0, 1)))),
        1 / one(uniform(0, 1)),
        1 / one(uniform(-1, 1)),
        1 / (sum_of(iid(bernoulli(F(1, 2)), 3))),
        log(one(normal(0, 1))),
        sqrt(one(normal(0, 1))),
        one(normal(0, 1)) ** Rational(1, 3),
        exp(maximum(Z(3)) ** 2),
        exp(maximum(iid(exponential(1), 3))),
    ],
)
def test_means_that_are_not_there_are_not_found(argument):
    assert exact_expectation(argument) is None


def test_a_mean_in_an_event():
    total = norm(Z(10))
    found = exact_probability(total - E(total) - 1, strict=True)
    average = math.sqrt(2) * math.gamma(5.5) / math.gamma(5)
    assert float(found.value) == pytest.approx(stats.chi(10).sf(1 + average), rel=1e-12)
    count = sum_of(iid(bernoulli(F(1, 2)), 4))
    assert_is(exact_probability(count - E(count), strict=True).value, F(5, 16))
    assert_is(exact_value(P(count > E(count)) + P(count >= E(count))), F(1))
    assert_is(exact_value(P(count < E(count**2) - 3)), F(5, 16))


def test_values_that_have_no_exact_means():
    unknown = E(sum_of(independent(uniform(0, 1), normal(0, 1))) ** Rational(1, 3))
    assert exact_value(unknown + 1) is None
    assert exact_value(E(floor(one(normal(0, 1))) * one(normal(0, 1)) ** Rational(1, 2))) is None
    assert exact_value(sum_of(Z(2))) is None
    assert exact_value(S.One * oo) == arb.pos_inf()
    assert_is(exact_value(Rational(2, 3) + 0 * unknown), F(2, 3))


@pytest.mark.parametrize(("n", "rate"), [(16, 8), (256, 8), (256, -8), (1000, 4)])
def test_a_centred_exponential_of_a_norm(n, rate):
    """Its constant part must not count for the growth of the rest."""
    total = norm(Z(n))
    found = exact_expectation(exp(rate * total - rate * E(total)))
    mean = mpmath.sqrt(2) * mpmath.gamma(mpmath.mpf(n + 1) / 2) / mpmath.gamma(mpmath.mpf(n) / 2)
    scale = mpmath.log(2) * (mpmath.mpf(n) / 2 - 1) + mpmath.loggamma(mpmath.mpf(n) / 2)
    exact = mpmath.quad(
        lambda x: mpmath.exp((n - 1) * mpmath.log(x) - x * x / 2 - scale + rate * (x - mean)),
        [mean + step for step in range(-14, 14) if mean + step > 0],
    )
    assert float(found) == pytest.approx(float(exact), rel=1e-9)


def test_equal_balls_of_different_numbers_do_not_cancel():
    """Two means are the same number only when they are the same expression."""
    a, b = E(maximum(Z(2))), E(maximum(Z(2)) + Rational(1, 10**40))
    difference = exact_value(a - b)
    assert difference.contains(0)
    assert difference.rad() > 0
    assert_is(exact_value(a - a), F(0))


def test_planted_errors_are_seen():
    """A mean of n - 1 instead of n variables, or a wrong constant, is outside the ball."""
    assert not number(E(maximum(Z(10)))).overlaps(number(E(maximum(Z(9)))))
    assert not (number(E(norm(Z(10)))) * (1 + arb("1e-12"))).overlaps(number(E(norm(Z(10)))))
    found = number(E(discrete_square := sum_of(iid(discrete({0: "1/3", 1: "2/3"}), 3)) ** 2))
    assert found == fmpq(14, 3)
    assert found != number(E(discrete_square + Rational(1, 10**9)))
