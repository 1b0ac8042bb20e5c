"""Rough sides agree with exact ones where both are known: they choose points, so they must not mislead."""

import numpy as np
import pytest
from sympy import Abs, Rational, exp

from boundcheck import (
    E,
    P,
    bernoulli,
    bounded,
    exponential,
    gamma,
    iid,
    integer,
    maximum,
    mean,
    normal,
    poisson,
    random_matrix,
    real,
    spectral_norm,
    sum_of,
    uniform,
    without_replacement,
)
from boundcheck.check.cases import sample_case
from boundcheck.formula.rough import rough_sides
from boundcheck.statement.laws import SHARE
from boundcheck.statement.theorem import Theorem
from boundcheck.statement.witness import witnesses

n = integer("n", min=1)
t = real("t")
lam = real("lam")
s = real("s", min=0, exclude_min=True)


def of(X):
    return P(mean(X) - E(mean(X)) >= t) <= exp(-n * t**2)


CLAIMS = {
    "binomial": (of(iid(bernoulli(Rational(1, 3)), n)), {n: 20, t: Rational(3, 10)}),
    "binomial at an atom": (of(iid(bernoulli(Rational(1, 4)), n)), {n: 8, t: Rational(1, 4)}),
    "strict at an atom": (
        P(mean(iid(bernoulli(Rational(1, 4)), n)) > t) <= exp(-n * t**2),
        {n: 8, t: Rational(1, 2)},
    ),
    "below": (P(sum_of(iid(bernoulli(Rational(1, 3)), n)) <= t) <= exp(-t), {n: 30, t: 4}),
    "two-sided": (
        P(Abs(mean(iid(bernoulli(Rational(1, 3)), n)) - Rational(1, 3)) >= t) <= t,
        {n: 12, t: Rational(1, 5)},
    ),
    "two-sided, small": (P(Abs(sum_of(iid(normal(0, 1), n))) <= t) <= exp(-t), {n: 3, t: Rational(1, 9)}),
    "normal": (of(iid(normal(2, s), n)), {n: 7, t: 3, s: Rational(3, 2)}),
    "gamma": (of(iid(gamma(s, 2), n)), {n: 5, t: 3, s: Rational(3, 2)}),
    "exponential": (P(sum_of(iid(exponential(s), n)) <= t) <= exp(-t), {n: 5, t: 1, s: Rational(3, 2)}),
    "poisson": (of(iid(poisson(s), n)), {n: 3, t: 2, s: Rational(3, 2)}),
    "uniform": (P(sum_of(iid(uniform(0, s), 1)) >= t) <= exp(-t), {t: 1, s: Rational(3, 2)}),
    "maximum": (P(maximum(iid(normal(0, 1), n)) >= t) <= exp(-t), {n: 9, t: 3}),
    "without replacement": (
        P(mean(without_replacement(bernoulli(Rational(3, 10)), population=200, drawn=n)) >= t) <= exp(-n * t),
        {n: 20, t: Rational(3, 5)},
    ),
    "an even power": (P(sum_of(iid(normal(0, 1), n)) ** 2 >= t) <= exp(-t), {n: 4, t: 5}),
    "generating function": (E(exp(lam * sum_of(iid(bernoulli(Rational(1, 3)), n)))) <= exp(lam * n), {n: 4, lam: 2}),
}


@pytest.mark.parametrize("name", CLAIMS)
def test_rough_sides_agree_with_exact_ones(name):
    claim, point = CLAIMS[name]
    theorem = Theorem(claim=claim)
    point = theorem.point(point)
    [witness] = witnesses(theorem.reading)
    evaluate = rough_sides(theorem.reading, witness, theorem.parameters)
    found = evaluate([np.array([float(point[p])]) for p in theorem.parameters])
    case = sample_case(theorem, point, 0)
    left = case.left if hasattr(case, "left") else case.tail
    assert found.left[0] == pytest.approx(left.low, rel=1e-7)
    assert found.right[0] == pytest.approx(case.claimed.low, rel=1e-9)


def test_a_free_share_is_one_of_the_parameters():
    theorem = Theorem(claim=of(iid(bounded(0, 1), n)))
    witness = witnesses(theorem.reading)[0]
    evaluate = rough_sides(theorem.reading, witness, (n, SHARE, t))
    found = evaluate([np.array([20.0, 20.0]), np.array([1 / 3, 2.0]), np.array([0.3, 0.3])])
    case = sample_case(theorem, {n: n.domain.low * 20, t: Rational(3, 10), SHARE: Rational(1, 3)}, 0)
    assert found.left[0] == pytest.approx(case.tail.low, rel=1e-7)
    assert np.isnan(found.left[1])  # no law has a share of 2


def test_there_is_no_rough_form_of_a_spectral_norm():
    theorem = Theorem(claim=P(spectral_norm(random_matrix(normal(0, 1), 3, 3)) >= t) <= exp(-t))
    [witness] = witnesses(theorem.reading)
    assert rough_sides(theorem.reading, witness, theorem.parameters) is None
