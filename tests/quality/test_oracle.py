"""The oracle of the mutant tests against numbers known otherwise, and mutants against what they should contain."""

from __future__ import annotations

import math
from statistics import NormalDist

import pytest
from quality import oracle
from quality.mutants import mutants, rewrites
from sympy import Max, Min, Rational, exp

from boundcheck import (
    E,
    P,
    Theorem,
    bernoulli,
    bounded,
    bounded_with_mean,
    discrete,
    exponential,
    iid,
    independent,
    integer,
    maximum,
    mean,
    normal,
    poisson,
    rademacher,
    real,
    sum_of,
    uniform,
)

HALF = Rational(1, 2)
PHI = NormalDist().cdf
n = integer("n", min=1, max=100)
t = real("t", min=0)
p = real("p", min=0, max=1, exclude_min=True, exclude_max=True)


@pytest.mark.parametrize(
    ("claim", "left"),
    [
        (P(sum_of(iid(bernoulli(HALF), 4)) >= 3) <= 1, 5 / 16),
        (P(sum_of(iid(bernoulli(HALF), 4)) > 3) <= 1, 1 / 16),
        (P(abs(sum_of(iid(rademacher(1), 4))) >= 4) <= 1, 1 / 8),
        (P(mean(iid(bernoulli(Rational(1, 10)), 200)) >= 1) <= 1, 1e-200),
        (P(sum_of(independent(bernoulli(HALF), bernoulli(Rational(1, 3)))) >= 2) <= 1, 1 / 6),
        (P(maximum(iid(discrete({0: "1/2", 1: "1/4", 2: "1/4"}), 3)) >= 2) <= 1, 37 / 64),
        (P(sum_of(iid(normal(0, 1), 9)) >= 9) <= 1, 0.5 * math.erfc(3 / math.sqrt(2))),
        (P(abs(mean(iid(normal(0, 1), 9))) >= 1) <= 1, math.erfc(3 / math.sqrt(2))),
        (P(sum_of(iid(exponential(2), 3)) >= 2) <= 1, math.exp(-4) * 13),
        (P(maximum(iid(uniform(0, 1), 5)) >= HALF) <= 1, 31 / 32),
        (P(abs(maximum(iid(normal(0, 1), 60)) - 2) >= Rational(1, 50)) <= 1, 1 - PHI(2.02) ** 60 + PHI(1.98) ** 60),
        (P(sum_of(iid(uniform(0, 1), 2)) >= Rational(3, 2)) <= 1, 1 / 8),
        (P(sum_of(iid(poisson(1), 3)) <= 0) <= 1, math.exp(-3)),
        (E(exp(sum_of(iid(rademacher(1), 3)))) <= 1, math.cosh(1) ** 3),
        (E(maximum(iid(uniform(0, 1), 3))) <= 1, 3 / 4),
        (E(sum_of(iid(normal(0, 2), 1)) ** 2) <= 1, 4.0),
    ],
)
def test_known_values(claim, left):
    assert oracle.sides(Theorem(claim=claim), 0, {}).left == pytest.approx(left, rel=1e-6)


def test_it_finds_false_points_and_none_of_true_claims():
    X = iid(bounded(0, 1), n)
    claim = P(mean(X) - E(mean(X)) >= t) <= exp(-2 * n * t**2)
    assert oracle.search(Theorem(claim=claim)).false is None
    found = oracle.search(Theorem(claim=P(mean(X) - E(mean(X)) >= t) <= exp(-3 * n * t**2))).false
    assert found is not None
    assert found[1].left > found[1].right


def test_weaker_claims_are_recognised():
    total = sum_of(iid(bernoulli(p), n))

    def theorem(factor, event=lambda s: s >= t):
        return Theorem(claim=P(event(total)) <= factor * exp(-t))

    assert oracle.weaker(theorem(1), theorem(2))
    assert not oracle.weaker(theorem(2), theorem(1))
    assert oracle.weaker(theorem(1), theorem(1, lambda s: s >= 2 * t))
    assert not oracle.weaker(theorem(1), theorem(1, lambda s: s >= t / 2))


def test_every_kind_of_mutant_is_made():
    x = real("x", min=0, max=1)
    theorem = Theorem(
        claim=P(mean(iid(bounded_with_mean(0, 1, p), n)) >= t) <= 2 * n * exp(-(Max(t, p) ** 2)) + p,
        hypotheses=[p <= t],
    )
    kinds = {m.kind for m in mutants(theorem)}
    assert kinds == {"constant", "exponent", "factor", "term", "min/max", "sides", "hypothesis", "domain", "law"}
    changed = {str(e) for _, _, e in rewrites(2 * x * exp(-(x**2)))}
    assert {"x*exp(-x**2)", "4*x*exp(-x**2)", "2*x*exp(-2*x**2)", "2*exp(-x**2)", "2*x*exp(-x**3)", "2*x"} <= changed
    assert Max(x, HALF) in {e for _, _, e in rewrites(Min(x, HALF))}
