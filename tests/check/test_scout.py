"""The scout finds corners in which a claim is false, and calls no true claim false."""

import math

import pytest
from sympy import Rational, exp, log, sqrt

from boundcheck import E, P, bounded, bounded_with_mean, centred, iid, integer, martingale, mean, normal, real, sum_of
from boundcheck.check import Status, check
from boundcheck.check.cases import sample_case
from boundcheck.check.scout import scouted
from boundcheck.statement.theorem import Theorem
from boundcheck.statement.witness import witnesses

n = integer("n", min=1, max=10_000)
t = real("t", min=0)
b = real("b", min=0, exclude_min=True)
v = real("v", min=0, exclude_min=True)
lam = real("lam", min=0)
u = real("u", min=0, max=Rational(6, 5))
delta = real("delta", min=0, max=1, exclude_min=True)

X = iid(bounded(0, b), n)
Y = iid(centred(upper=b, variance=v), n)
Z = iid(normal(0, 1), 1)

FALSE = {
    "the power of a range": P(mean(X) - E(mean(X)) >= t) <= exp(-2 * n * t**2 / b ** Rational(9, 5)),
    "a constant a tenth too large": P(mean(X) - E(mean(X)) >= t) <= exp(-Rational(11, 5) * n * t**2 / b**2),
    "a factor of an exponent lost": E(exp(lam * sum_of(Y))) <= exp(n * v * (exp(lam * b) - 1 - lam * b)),
    "Bernstein without its linear term": P(mean(Y) >= sqrt(2 * v * log(1 / delta) / n)) <= delta,
    "a negative probability": P(sum_of(iid(normal(0, 1), n) ** 2) <= n * (1 - u)) <= ((1 - u) * exp(u)) ** n,
    "a normal quantile off by a third": P(sum_of(Z) >= sqrt(2 * log(1 / delta)) - Rational(1, 3)) <= delta,
}
TRUE = {
    "Hoeffding": P(mean(X) - E(mean(X)) >= t) <= exp(-2 * n * t**2 / b**2),
    "Bennett's moment": E(exp(lam * sum_of(Y))) <= exp(n * v * (exp(lam * b) - 1 - lam * b) / b**2),
    "a normal quantile": P(sum_of(Z) >= sqrt(2 * log(1 / delta))) <= delta,
}


def spotted(claim):
    theorem = Theorem(claim=claim)
    return theorem, [
        sample_case(theorem, point, place)
        for place, witness in enumerate(witnesses(theorem.reading))
        for point in scouted(theorem, witness, math.inf)
    ]


@pytest.mark.parametrize("name", FALSE)
def test_false_corners_are_found(name):
    theorem, found = spotted(FALSE[name])
    assert any(case.claimed.high < 0 or (case.ratio is not None and case.ratio.low > 1) for case in found)
    assert check(theorem, trials=2000).status is Status.REFUTED


@pytest.mark.parametrize("name", TRUE)
def test_true_claims_stand_at_their_tightest_points(name):
    _, found = spotted(TRUE[name])
    assert found
    assert all(case.ratio is None or case.ratio.low <= 1 for case in found)


def test_conditions_and_sizes_are_kept():
    p = real("p", min=0, max=Rational(1, 2), exclude_min=True)
    W = iid(bounded_with_mean(0, 1, p), n)
    theorem = Theorem(claim=P(mean(W) - p >= t) <= exp(-2 * n * t**2), hypotheses=[t <= p])
    for witness in witnesses(theorem.reading):
        for point in scouted(theorem, witness, 50):
            assert theorem.holds_at(point)
            assert point[n] <= 50


def test_points_do_not_change_from_run_to_run():
    theorem = Theorem(claim=TRUE["Hoeffding"])
    [first, *_] = witnesses(theorem.reading)
    assert scouted(theorem, first, math.inf) == scouted(theorem, first, math.inf)


def test_a_martingale_is_scouted_through_its_members():
    c = real("c", min=0, exclude_min=True)
    S = martingale(n, c)
    theorem = Theorem(claim=P(t <= S) <= exp(-t / (2 * n * c**2)))
    assert check(theorem, trials=2000).status is Status.REFUTED
