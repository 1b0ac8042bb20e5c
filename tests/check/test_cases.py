"""Whole checks of tail bounds and certain claims, by the kind of what is random: true ones hold, false ones fall.

Verdicts that rest on trials say so where they are asserted: wrong with probability at most 0.01 over the seed, which is
fixed. All others are exact.
"""

import sys

import pytest
from sympy import Rational, exp, log, sqrt

from boundcheck import (
    E,
    P,
    Theorem,
    Var,
    bernoulli,
    bounded,
    bounded_differences,
    check,
    discrete,
    empty,
    exponential,
    iid,
    independent,
    integer,
    kolmogorov_distance,
    lipschitz_function,
    martingale,
    maximum,
    mean,
    norm,
    normal,
    occupancy,
    order_statistic,
    rademacher,
    real,
    sample_variance,
    sum_of,
    two_point,
    uniform,
    without_replacement,
)
from boundcheck.verdict.decide import Status

HALF, QUARTER = Rational(1, 2), Rational(1, 4)
m = integer("m", min=1, max=6)
q = integer("q", min=4, max=64)
d = integer("d", min=1, max=20)
b = integer("b", min=1, max=8)
t = real("t", min=0, max=1)
r = real("r", min=0, max=4)
delta = real("delta", min=0, max=1, exclude_min=True, exclude_max=True)


def verdict_on(claim, **kwargs):
    return check(Theorem(claim=claim, **kwargs))


def exact(verdict):
    return all(point.evidence.exact for point in verdict.points)


# Statistics that are known by a hypothesis only. ----------------------------------------------------------------------
UNKNOWN = {
    "gaussian_lipschitz": (lipschitz_function(iid(normal(0, 1), q), 1), r),
    "mcdiarmid": (bounded_differences(q, 1), r * sqrt(q) / 2),
    "azuma": (martingale(q, 1), r * sqrt(q)),
}


@pytest.mark.parametrize("name", UNKNOWN)
def test_the_true_constant_is_confirmed_and_a_constant_improved_by_two_is_refuted(name):
    f, level = UNKNOWN[name]
    event = f - E(f) >= level if name != "azuma" else f >= level
    confirmed = verdict_on(P(event) <= exp(-(r**2) / 2))
    assert confirmed.status is Status.CONFIRMED
    assert exact(confirmed)
    refuted = verdict_on(P(event) <= exp(-(r**2)))
    assert refuted.status is Status.REFUTED
    assert " of " in refuted.counterexample["law"]  # the member, and the law of its variables


def test_every_member_of_an_unknown_statistic_is_tested():
    f = martingale(q, 1)
    laws = {point.evidence.law for point in verdict_on(P(f >= r * sqrt(q)) <= exp(-(r**2) / 2)).points}
    assert any("fair steps" in law for law in laws)
    assert any("two_point" in law or "rademacher" in law for law in laws)


def test_a_martingale_has_mean_zero_but_a_function_of_bounded_differences_need_not():
    assert verdict_on(P(martingale(q, 1) >= q) <= HALF**q).status is Status.CONFIRMED
    f = bounded_differences(q, 1)
    assert verdict_on(P(f >= r * sqrt(q)) <= exp(-(r**2))).status is Status.REFUTED


# Dependent samples. ---------------------------------------------------------------------------------------------------
def test_draws_without_replacement():
    drawn = without_replacement(bounded(0, 1), population=20, drawn=d)
    event = mean(drawn) - E(mean(drawn)) >= t
    assert verdict_on(P(event) <= exp(-2 * d * t**2)).status is Status.CONFIRMED
    assert verdict_on(P(event) <= exp(-4 * d * t**2)).status is Status.REFUTED


def test_draws_from_one_population_are_proved():
    drawn = without_replacement(bernoulli("1/4"), population=20, drawn=d)
    event = mean(drawn) - E(mean(drawn)) >= QUARTER
    assert verdict_on(P(event) <= exp(-d / 8)).status is Status.PROVED
    # All draws but one: the mean is nearly the population's.
    assert verdict_on(P(event) <= 0, hypotheses=[d >= 11]).status is Status.PROVED
    assert verdict_on(P(event) <= 0, hypotheses=[d >= 10]).status is Status.REFUTED


def test_occupancy():
    counts = occupancy(b, b)
    union = b * (1 - 1 / b) ** b
    assert verdict_on(P(empty(counts) >= 1) <= union).status is Status.PROVED
    assert verdict_on(E(empty(counts)) <= union).status is Status.PROVED
    assert verdict_on(E(empty(counts)) <= union - Rational(1, 10**9)).status is Status.REFUTED
    triples = b**2 * (b - 1) * (b - 2) / (6 * b**3)
    assert verdict_on(P(maximum(counts) >= 3) <= triples).status is Status.PROVED
    assert verdict_on(P(maximum(counts) >= 3) <= triples / 2).status is Status.REFUTED


# Statistics of independent variables. ---------------------------------------------------------------------------------
def test_order_statistics():
    median = order_statistic(iid(uniform(0, 1), 9), 5)
    claim = P(median >= t) <= exp(-18 * (t - HALF) ** 2)
    assert verdict_on(claim, hypotheses=[t >= HALF]).status is Status.CONFIRMED
    assert verdict_on(claim).status is Status.REFUTED  # the upper tail only
    assert verdict_on(P(median >= HALF) <= HALF).status is Status.PROVED
    assert verdict_on(P(median >= HALF) <= HALF - Rational(1, 10**12)).status is Status.REFUTED


def test_independent_lattice_variables_of_different_laws():
    laws = bernoulli(HALF), two_point(-1, 2, "1/3"), rademacher(), discrete({0: "1/2", 1: "1/4", 3: "1/4"})
    total = sum_of(independent(*laws))
    claim = P(total - E(total) >= 6 * t) <= exp(-2 * (6 * t) ** 2 / (1 + 9 + 4 + 9))
    confirmed = verdict_on(claim)
    assert confirmed.status is Status.CONFIRMED
    assert exact(confirmed)
    refuted = verdict_on(P(total - E(total) >= 6 * t) <= exp(-6 * (6 * t) ** 2 / (1 + 9 + 4 + 9)))
    assert refuted.status is Status.REFUTED
    assert refuted.counterexample["law"].count(";") >= 3
    assert verdict_on(P(total >= 7) <= Rational(1, 48)).status is Status.PROVED  # 1 + 2 + 1 + 3 is the most
    assert verdict_on(P(total >= 7) <= Rational(1, 49)).status is Status.REFUTED


def test_the_empirical_distribution_function():
    distance = kolmogorov_distance(iid(uniform(0, 1), m))
    assert verdict_on(P(distance >= t) <= 2 * exp(-2 * m * t**2)).status is Status.CONFIRMED
    assert verdict_on(P(distance >= t) <= 2 * exp(-4 * m * t**2)).status is Status.REFUTED


def test_a_law_of_your_own():
    X = iid(discrete({-1: "1/2", 0: "1/4", 2: "1/4"}), 12)
    assert verdict_on(P(sum_of(X) >= 12 * t) <= exp(-2 * 12 * t**2 / 9)).status is Status.CONFIRMED
    refuted = verdict_on(P(sum_of(X) >= 12 * t) <= exp(-4 * 12 * t**2 / 9))
    assert refuted.status is Status.REFUTED
    assert refuted.counterexample["law"].startswith("discrete(")


def test_the_opposite_event():
    X = iid(bernoulli(HALF), 4)
    assert verdict_on(P(sum_of(X) >= 2) >= Rational(11, 16)).status is Status.PROVED
    assert verdict_on(P(sum_of(X) >= 2) >= Rational(11, 16) + Rational(1, 10**9)).status is Status.REFUTED


def test_bounds_that_hold_expectations_are_those_of_the_law():
    s, X = real("s", min=0, max=4, exclude_min=True), iid(bounded(0, 1), b)
    event = abs(sum_of(X) - E(sum_of(X))) >= s
    assert verdict_on(P(event) <= Var(sum_of(X)) / s**2).status is Status.CONFIRMED
    assert verdict_on(P(event) <= Var(sum_of(X)) / (2 * s**2)).status is Status.REFUTED
    assert verdict_on(P(sum_of(X) >= s) <= E(sum_of(X)) / s).status is Status.CONFIRMED


# What holds for certain. ----------------------------------------------------------------------------------------------
FINITE = iid(discrete({-1: "1/4", 0: "1/2", 2: "1/4"}), m)


def test_certain_claims_about_finite_laws():
    assert verdict_on(norm(FINITE) <= sum_of(abs(FINITE))).status is Status.PROVED
    refuted = verdict_on(sum_of(abs(FINITE)) <= norm(FINITE))
    assert refuted.status is Status.REFUTED
    assert refuted.counterexample["claimed"] == 0
    assert refuted.counterexample["limit_low"] > 0
    assert verdict_on(maximum(FINITE) < 2).status is Status.REFUTED
    assert verdict_on(maximum(FINITE) <= 2).status is Status.PROVED


def test_what_trials_do_not_contradict_is_not_called_certain():
    """No false alarm is possible: a sure claim is refuted by a sure violation only."""
    X = iid(uniform(0, 1), 5)
    true = verdict_on(sample_variance(X) <= 2)
    assert true.status is Status.INCONCLUSIVE
    assert "no number of trials shows certainty" in true.note
    false = verdict_on(sample_variance(X) <= Rational(1, 10))
    assert false.status is Status.REFUTED
    assert false.counterexample["violations"] > 0


# Quantile forms and side conditions. ----------------------------------------------------------------------------------
def test_the_quantile_form():
    X = iid(bernoulli(HALF), 64)
    event = mean(X) - E(mean(X)) >= t
    theorem = Theorem(claim=P(event) <= exp(-128 * t**2), inverse={t: sqrt(log(1 / delta) / 128)})
    assert check(theorem).status is Status.CONFIRMED
    assert check(theorem.quantile_form).status is Status.CONFIRMED
    assert verdict_on(P(mean(X) - HALF >= sqrt(log(1 / delta) / 256)) <= delta).status is Status.REFUTED
    opposite = P(mean(X) - HALF < sqrt(log(1 / delta) / 128)) >= 1 - delta
    assert verdict_on(opposite).status is Status.CONFIRMED


def test_a_side_condition_dropped_is_found():
    """The sub-exponential tail exp(-z²/4) of exponential sums holds near the mean, for z ≤ √v."""
    v, z = integer("v", min=1, max=16), real("z", min=0, max=8)
    claim = P(sum_of(iid(exponential(1), v)) - v >= z * sqrt(v)) <= exp(-(z**2) / 4)
    kept = verdict_on(claim, hypotheses=[z <= sqrt(v)])
    assert kept.status is Status.CONFIRMED
    assert "z <= sqrt(v)" in kept.domain
    for point in kept.points:
        values = {name: Rational(value) for name, value in point.evidence.parameters.items()}
        assert values["z"] ** 2 <= values["v"]
    assert verdict_on(claim).status is Status.REFUTED


# Random symbols of sympy.stats. ---------------------------------------------------------------------------------------
def test_random_symbols_of_sympy_stats():
    stats = pytest.importorskip("sympy.stats")
    assert "sympy.stats" in sys.modules
    z, count, die = stats.Normal("Z", 0, 1), stats.Binomial("B", 20, HALF), stats.Die("D", 6)
    assert verdict_on(P(z >= r) <= exp(-(r**2) / 2) / 2).status is Status.CONFIRMED
    assert verdict_on(P(z >= r) <= exp(-(r**2)) / 2).status is Status.REFUTED
    assert verdict_on(P(count >= 15) <= Rational(21_700, 2**20)).status is Status.PROVED
    assert verdict_on(P(count >= 15) <= Rational(21_699, 2**20)).status is Status.REFUTED
    assert verdict_on(E(die**2) <= Rational(91, 6)).status is Status.PROVED
    assert verdict_on(E(die**2) <= Rational(91, 6) - Rational(1, 10**6)).status is Status.REFUTED
    assert verdict_on(die <= 6).status is Status.PROVED
    assert verdict_on(die <= 5).status is Status.REFUTED


# Deep tails. ----------------------------------------------------------------------------------------------------------
def test_a_claim_that_is_false_only_below_1e_50_by_the_exact_law():
    X = iid(rademacher(), 400)
    assert verdict_on(P(sum_of(X) >= 400) <= HALF**400).status is Status.PROVED
    refuted = verdict_on(P(sum_of(X) >= 400) <= HALF**400 * Rational(999, 1000))
    assert refuted.status is Status.REFUTED
    assert 0 < refuted.counterexample["claimed"] < refuted.counterexample["limit_low"] < 1e-120


LONG = iid(uniform(-1, 1), 1200)
MIXED = independent(*[uniform(-1, 1)] * 30, *[exponential(2)] * 30)


@pytest.mark.parametrize(
    ("event", "bound"),
    [
        # The sub-Gaussian bound at the proxy 1/3 for 1,200 variables, whose exact sum is out of reach.
        (mean(LONG) >= HALF, exp(-1800 * HALF**2)),
        # Chernoff's bound of a sum of two laws, which has no exact law here, at the rate 1 (MGFs sinh(1) and 2).
        (sum_of(MIXED) - 15 >= 60, exp(-75) * 2**30 * Rational(11753, 10**4) ** 30),
    ],
)
def test_a_claim_that_is_false_only_in_a_deep_tail_by_importance_sampling(event, bound):
    """Each verdict is wrong with probability at most 0.01 over the seed, which is fixed."""
    confirmed = verdict_on(P(event) <= bound)
    assert confirmed.status is Status.CONFIRMED
    refuted = verdict_on(P(event) <= bound * exp(-50))
    assert refuted.status is Status.REFUTED
    for verdict in (confirmed, refuted):
        [point] = verdict.points
        assert "importance sampling at 1 point" in verdict.method
        assert (point.evidence.tilted, point.evidence.exact, point.beta) == (True, False, pytest.approx(0.01))
    assert refuted.counterexample["limit_low"] > refuted.counterexample["claimed"]
