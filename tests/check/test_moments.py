"""Claims about expectations and variances: exact on both sides, so that a claim false by 1e-6 is told from equality."""

import json
import math

import pytest
from sympy import Rational, exp, sqrt

from boundcheck import (
    E,
    Theorem,
    Var,
    bernoulli,
    bounded,
    check,
    discrete,
    exponential,
    iid,
    integer,
    maximum,
    mean,
    normal,
    order_statistic,
    rademacher,
    real,
    sample_variance,
    sum_of,
    uniform,
)
from boundcheck.errors import UnsupportedClaim
from boundcheck.report.record import record
from boundcheck.verdict.decide import Status

HALF = Rational(1, 2)
SLIGHTLY = Rational(1, 10**6)
lam = real("lam", min=-4, max=4)
m = integer("m", min=1, max=6)
ONE = iid(bounded(0, 1), 1)
MANY = iid(bounded(0, 1), m)


def verdict_on(claim, **kwargs):
    return check(Theorem(claim=claim, **kwargs))


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (E(exp(lam * (mean(ONE) - E(mean(ONE))))), exp(lam**2 / 8)),  # Hoeffding's lemma, equality at lam = 0
        (E(exp(lam * sum_of(iid(rademacher(), 3)))), exp(3 * lam**2 / 2)),
        (Var(mean(MANY)), 1 / (4 * m)),  # Popoviciu's inequality, equality for fair coins
        (E(sum_of(MANY) ** 2), m**2),
    ],
)
def test_equality_is_confirmed_and_a_millionth_less_refuted(left, right):
    confirmed = verdict_on(left <= right)
    assert confirmed.status is Status.CONFIRMED
    assert all(point.evidence.quantity == "expectation" and point.evidence.exact for point in confirmed.points)
    refuted = verdict_on(left <= right - SLIGHTLY)
    assert refuted.status is Status.REFUTED
    assert refuted.counterexample["quantity"] == "expectation"
    assert refuted.counterexample["limit_low"] > refuted.counterexample["claimed"]
    assert not refuted.counterexample["trials"]


def test_the_constant_of_hoeffdings_lemma_where_it_is_sharp():
    """Fair coins with small lam are where 1/8 is needed: the log-moment is lam²/8 - lam⁴/192 there."""
    left = E(exp(lam * (mean(ONE) - E(mean(ONE)))))
    points = [{"lam": "1/1000"}]
    assert verdict_on(left <= exp(lam**2 / 8), points=points).status is Status.CONFIRMED
    refuted = verdict_on(left <= exp(lam**2 * (1 - SLIGHTLY) / 8), points=points)
    assert refuted.status is Status.REFUTED
    assert refuted.counterexample["law"] == "bernoulli(1/2)"


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (E(order_statistic(iid(uniform(0, 1), 9), 5)), HALF),
        (E(sample_variance(iid(exponential(1), 5))), 1),
        (E(maximum(iid(uniform(0, 1), 3))), Rational(3, 4)),
        (E(sum_of(iid(normal(0, 1), 7)) ** 4), 147),
        (Var(sum_of(iid(discrete({-1: "1/4", 0: "1/2", 1: "1/4"}), 6))), 3),
        (E(abs(sum_of(iid(rademacher(), 4)))), Rational(3, 2)),
    ],
)
def test_one_law_and_no_parameters_is_a_proof(left, right):
    proved = verdict_on(left <= right)
    assert (proved.status, proved.method) == (Status.PROVED, "exact law at the one point of the domain")
    assert verdict_on(left >= right).status is Status.PROVED
    for claim in (left <= right - SLIGHTLY, left >= right + SLIGHTLY):
        assert verdict_on(claim).status is Status.REFUTED


def test_a_mean_by_quadrature_is_sharp_but_not_at_equality():
    left = E(maximum(iid(exponential(2), 3)))  # (1 + 1/2 + 1/3)/2
    assert verdict_on(left <= Rational(11, 12) + SLIGHTLY).status is Status.PROVED
    assert verdict_on(left <= Rational(11, 12) - SLIGHTLY).status is Status.REFUTED
    assert verdict_on(left <= Rational(11, 12)).status is Status.INCONCLUSIVE


def test_variance_on_a_finite_domain_is_proved_and_a_wrong_one_names_the_point():
    X = iid(bernoulli("1/4"), m)
    assert verdict_on(Var(sum_of(X)) <= 3 * m / 16).status is Status.PROVED
    refuted = verdict_on(Var(sum_of(X)) <= 3 * m / 16 - SLIGHTLY * (m - 5))
    assert refuted.status is Status.REFUTED
    assert refuted.counterexample["parameters"] == {"m": "6"}


def test_infinite_means():
    total = sum_of(iid(exponential(1), 3))
    proved = [E(exp(total)) >= 1, E(exp(total / 2)) <= E(exp(total)), E(exp(total)) <= E(exp(2 * total))]
    for claim in (*proved, -E(exp(total)) <= E(total)):
        assert verdict_on(claim).status is Status.PROVED
    for claim in (E(exp(total)) <= 10**9, E(exp(total)) <= E(exp(total / 2)), E(total) <= -E(exp(total))):
        assert verdict_on(claim).status is Status.REFUTED
    rate = real("rate", min=0, max=2)  # infinite from 1 on
    confirmed = verdict_on(1 + rate <= E(exp(rate * total)))
    assert confirmed.status is Status.CONFIRMED
    assert any(point.evidence.claimed_high == math.inf for point in confirmed.points)
    json.dumps(record(confirmed), allow_nan=False)
    with pytest.raises(UnsupportedClaim):
        verdict_on(E(exp(2 * total)) - E(exp(total)) >= 1)


def test_expectations_on_both_sides():
    assert verdict_on(E(maximum(MANY)) <= E(sum_of(MANY))).status is Status.CONFIRMED
    refuted = verdict_on(E(sum_of(MANY)) <= E(maximum(MANY)))
    assert refuted.status is Status.REFUTED
    assert refuted.counterexample["parameters"] != {"m": "1"}


def test_an_infinite_expectation_refutes():
    X = iid(exponential(1), 1)
    assert verdict_on(E(exp(sum_of(X))) <= 10**100).status is Status.REFUTED
    assert verdict_on(E(exp(sum_of(X) / 2)) <= 2).status is Status.PROVED


def test_a_mean_without_a_formula_is_simulated_with_sure_limits():
    """Wrong with probability at most 0.01 over the seed, which is fixed; the true mean is 0.2833."""
    X = iid(uniform(0, 1), 8)
    argument = sqrt(sample_variance(X))
    confirmed = verdict_on(E(argument) <= Rational(2, 5))
    assert confirmed.status is Status.CONFIRMED
    [point] = confirmed.points
    assert (point.evidence.exact, point.evidence.estimated > 0, point.beta is not None) == (False, True, True)
    assert "simulated mean" in confirmed.method
    assert record(confirmed)["points"][0]["estimated"] == point.evidence.estimated
    assert verdict_on(E(argument) <= Rational(1, 5)).status is Status.REFUTED
    assert verdict_on(E(argument) <= Rational(2833, 10_000)).status is Status.INCONCLUSIVE


def test_a_mean_of_a_law_without_limits_is_refused():
    X = iid(exponential(1), 8)
    with pytest.raises(UnsupportedClaim, match="neither an exact value nor confidence limits"):
        verdict_on(E(sqrt(sample_variance(X))) <= 1)
