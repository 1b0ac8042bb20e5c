"""False claims that hold at the members of a family, the sizes and the thresholds which are first thought of.

Each comes with a true neighbour. Those that take trials have 2,000 of them and are false by far: a run of this file
refutes a true one by chance with probability at most 0.01 for each check.
"""

from __future__ import annotations

import pytest
from sympy import Rational, exp, log, sqrt

from boundcheck import (
    E,
    P,
    Theorem,
    Var,
    bernoulli,
    bounded,
    centred,
    check,
    discrete,
    gamma,
    hypergeometric,
    iid,
    integer,
    maximum,
    mean,
    nonnegative,
    normal,
    poisson,
    real,
    sample_variance,
    sub_exponential,
    sub_gamma,
    sub_gaussian,
    sum_of,
    with_variance,
    without_replacement,
)
from boundcheck.check import Status

n, few = integer("n", min=1, max=100), integer("few", min=1, max=3)
N, K, m = integer("N", min=2, max=500), integer("K", min=0, max=500), integer("m", min=1, max=500)
t = real("t", min=0)
v, b, c, rate = (real(name, min=0, exclude_min=True) for name in ("v", "b", "c", "rate"))
p = real("p", min=0, max=1, exclude_min=True, exclude_max=True)
count, waiting = sum_of(iid(poisson(rate), 1)), sum_of(iid(gamma(rate, 1), 1))
light, left_free, heavy = (sum_of(iid(law, n)) for law in (sub_gaussian(v), sub_gamma(v, c), sub_exponential(v, c)))
drawn = sum_of(iid(hypergeometric(N, K, m), 1)) - m * K / N
steps = {k: iid(discrete({-1: "1/4", 0: "1/2", 2: "1/4"}), k) for k in (n, few)}
above = {k: mean(X) - Rational(1, 4) for k, X in steps.items()}
Z = iid(normal(0, 1), n)


def one(law):
    return sum_of(iid(law, 1))


LARGE_MEANS = {
    "Poisson, below": (P(count <= rate - t) <= exp(-Rational(3, 4) * t**2 / rate), [t <= rate]),
    "Poisson, above": (P(count >= rate + t) <= exp(-Rational(11, 20) * t**2 / (rate + t / 3)), []),
    "gamma, below": (P(waiting <= rate - t) <= exp(-Rational(3, 4) * t**2 / rate), [t <= rate]),
}
MEMBERS = {
    "sub-exponential, left tail": (P(heavy <= -t) <= exp(-(t**2) / (2 * n * v)), []),
    "sub-gamma, left tail": (P(left_free <= -t) <= exp(-(t**2) / (2 * n * v)), []),
    "sub-gaussian constant": (P(light >= 0) <= Rational(99, 100), []),
    "sub-gaussian variance": (Var(one(sub_gaussian(1))) >= Rational(999, 1000), []),
    "sub-gamma second moment": (E(one(sub_gamma(1, 1)) ** 2) >= Rational(999, 1000), []),
    "sub-exponential constant": (P(one(sub_exponential(1, 1)) > 0) >= Rational(1, 100), []),
    "far below, fourth moment": (E(one(centred(upper=1, variance=1)) ** 4) <= 100, []),
    "far below, third moment": (E(one(centred(upper=1, variance=1)) ** 3) >= -100, []),
    "rare and large": (E(one(nonnegative(1)) ** 2) <= 10**6, []),
    "rare and far": (E(one(with_variance(0, 1)) ** 4) <= 10**6, []),
    "rare on one side": (E(one(with_variance(0, 1)) ** 3) <= 1000, []),
}
CORNERS = {
    "smallest population": (P(drawn >= m * t) <= exp(-2 * m * t**2 / (1 - m / N)), [K <= N, m <= N - 1]),
    "at an atom": (P(above[few] >= t) <= exp(-Rational(46, 100) * few * t**2), []),
    "at an atom, larger": (P(above[n] >= t) <= exp(-Rational(46, 100) * n * t**2), []),
    "at an atom, both sides": (P(abs(above[n]) >= t) <= 2 * exp(-Rational(46, 100) * n * t**2), []),
    "certain, by little": (P(abs(count - rate) >= t - rate) <= (rate / t) ** t * exp(t - rate), [t > rate]),
    "one variable, nearly certain": (
        P(sum_of(iid(bernoulli(p), n)) >= n * p * (1 + v)) <= 10 * (exp(v) / (1 + v) ** (1 + v)) ** (n * p) / 11,
        [],
    ),
    "smallest size with a variance": (P(mean(Z) >= t * sqrt(sample_variance(Z))) <= exp(-n * t**2 / 2), []),
}
TRUE = {
    "Poisson, below": (P(count <= rate - t) <= exp(-(t**2) / (2 * rate)), [t <= rate]),
    "Poisson, above": (P(count >= rate + t) <= exp(-(t**2) / (2 * (rate + t / 3))), []),
    "sub-exponential, left tail": (P(heavy <= -t) <= exp(-(t**2) / (2 * n * v)), [t <= n * v / c]),
    "sub-gamma, right tail": (P(left_free >= t) <= exp(-(t**2) / (2 * (n * v + c * t))), []),
    "sub-gaussian, maximum": (E(maximum(iid(sub_gaussian(v), few))) <= sqrt(2 * v * log(few)), []),
    "centred second moment": (E(one(centred(upper=b, variance=v)) ** 2) <= v, []),
    "mean of the rare": (E(one(nonnegative(v))) <= v, []),
    "drawn without replacement": (P(drawn >= m * t) <= exp(-2 * m * t**2), [K <= N, m <= N - 1]),
    "Hoeffding at atoms": (P(above[n] >= t) <= exp(-2 * n * t**2 / 9), []),
}


def status(claim, hypotheses):
    return check(Theorem(claim=claim, hypotheses=hypotheses), trials=2000).status


@pytest.mark.parametrize("name", LARGE_MEANS)
def test_large_means_are_searched_as_far_as_exact_laws_go(name):
    assert status(*LARGE_MEANS[name]) is Status.REFUTED


@pytest.mark.parametrize("name", MEMBERS)
def test_members_far_from_the_usual_ones_are_tried(name):
    assert status(*MEMBERS[name]) is Status.REFUTED


@pytest.mark.parametrize("name", CORNERS)
def test_small_sizes_and_atoms_are_tried(name):
    assert status(*CORNERS[name]) is Status.REFUTED


@pytest.mark.parametrize("name", TRUE)
def test_true_neighbours_are_not_refuted(name):
    assert status(*TRUE[name]) in (Status.CONFIRMED, Status.PROVED)


def test_a_member_that_is_no_law_at_a_named_point_is_left_out():
    """Three numbers in two equal halves do not exist; other populations of three do."""
    X = without_replacement(bounded(0, 1), population=integer("P", min=3, max=9), drawn=few)
    found = check(Theorem(claim=P(mean(X) > 1) <= 0, points=[{"few": 1, "P": 3}]))
    assert found.status is Status.CONFIRMED
