"""Which cases are tested: whole domains where they prove something, the right law and point where a claim is false."""

import pytest
from sympy import Rational, exp, log, sqrt

from boundcheck import (
    E,
    P,
    Theorem,
    bernoulli,
    beta,
    bounded,
    bounded_differences,
    check,
    iid,
    integer,
    mean,
    nonnegative,
    normal,
    real,
    sub_exponential,
    sub_gaussian,
    sum_of,
    with_variance,
    without_replacement,
)
from boundcheck.errors import InvalidArgument
from boundcheck.verdict.decide import Status

HALF, QUARTER = Rational(1, 2), Rational(1, 4)
m = integer("m", min=1, max=6)
k = integer("k", min=1, max=4)
n = integer("n", min=1, max=10_000)
t = real("t", min=0, max=1)
ONE = iid(bounded(0, 1), 1)


def verdict_on(claim, **kwargs):
    return check(Theorem(claim=claim, **kwargs))


def hoeffding(law, size=m, level=QUARTER):
    X = iid(law, size)
    return P(mean(X) - E(mean(X)) >= level) <= exp(-2 * size * level**2)


# Whole domains. -------------------------------------------------------------------------------------------------------
def test_every_point_of_a_finite_domain_under_the_only_law_is_a_proof():
    proved = verdict_on(hoeffding(bernoulli(HALF)))
    assert (proved.status, proved.method) == (Status.PROVED, "exact law at all 6 points of the domain")
    assert [point.evidence.parameters["m"] for point in proved.points] == list("123456")
    assert proved.certificate is not None
    assert proved.domain == "m in {1, …, 6}"


@pytest.mark.parametrize(
    "claim",
    [
        hoeffding(bounded(0, 1)),  # a family
        hoeffding(bernoulli(HALF), level=t),  # a real parameter
        hoeffding(bernoulli(HALF), size=n),  # more points than are tested
        P(bounded_differences(m, 2) >= 2 * m) <= 1,  # a statistic known by a hypothesis only
    ],
)
def test_what_leaves_laws_or_points_untested_is_no_proof(claim):
    verdict = verdict_on(claim)
    assert verdict.status is Status.CONFIRMED
    assert all(point.evidence.exact for point in verdict.points)
    assert verdict.certificate is None


def test_trials_at_every_point_are_no_proof():
    """Wrong with probability at most 0.01 over the seed, which is fixed."""
    verdict = verdict_on(P(mean(iid(beta(2, 2), 5)) >= Rational(9, 10)) <= HALF)
    assert verdict.status is Status.CONFIRMED


def test_named_points_are_no_proof_of_the_domain():
    X = iid(bernoulli(HALF), m)
    claim = P(sum_of(X) >= m) <= HALF**m
    assert verdict_on(claim).status is Status.PROVED
    assert verdict_on(claim, points=[{"m": 1}, {"m": 6}]).status is Status.CONFIRMED
    with pytest.raises(InvalidArgument, match="m='7' lies outside its domain"):
        verdict_on(claim, points=[{"m": 7}])


@pytest.mark.parametrize("family", [sub_gaussian(1), sub_exponential(1, 1)])
def test_a_family_with_one_member_that_can_be_tested_is_still_a_family(family):
    """The uniform law on ±1.3 and ±0.5 is sub-Gaussian with proxy 1 too, and exceeds 1.2 with probability 1/4."""
    drawn = without_replacement(family, population=4, drawn=1)
    verdict = verdict_on(P(sum_of(drawn) >= Rational(6, 5)) <= Rational(1, 10))
    assert verdict.status is not Status.PROVED


@pytest.mark.parametrize(
    "condition",
    [
        k <= 3,
        k * sqrt(5 + 2 * sqrt(6)) <= 3 * (sqrt(2) + sqrt(3)),
        k * log(6) <= 3 * (log(2) + log(3)),
    ],
)
def test_a_point_at_which_a_condition_holds_with_equality_belongs_to_the_domain(condition):
    """The claim is false at k = 3 only, where SymPy cannot tell that the last condition holds."""
    claim = P(sum_of(iid(bernoulli(HALF), 1)) >= 1) <= abs(k - 3)
    assert verdict_on(claim, hypotheses=[condition]).status is not Status.PROVED
    assert verdict_on(claim, hypotheses=[k <= 2]).status is Status.PROVED


# The right law and the right point. -----------------------------------------------------------------------------------
mu = real("mu", min=0, max=1, exclude_min=True)
a = real("a", min=0, max=20, exclude_min=True)
b = real("b", min=1, max=10)
MARKOV = P(sum_of(iid(nonnegative(mu), 1)) >= a), mu / a
CHEBYSHEV = P(abs(sum_of(iid(with_variance(0, 1), 1))) >= b), 1 / b**2
CANTELLI = P(sum_of(iid(with_variance(0, 1), 1)) >= b), 1 / (1 + b**2)


@pytest.mark.parametrize(("probability", "bound"), [MARKOV, CHEBYSHEV, CANTELLI])
def test_markov_chebyshev_and_cantelli_are_sharp(probability, bound):
    """Each is attained by a two- or three-point law whose free share depends on the threshold."""
    confirmed = verdict_on(probability <= bound)
    assert confirmed.status is Status.CONFIRMED
    assert all(point.evidence.exact for point in confirmed.points)
    refuted = verdict_on(probability <= Rational(4, 5) * bound)
    assert refuted.status is Status.REFUTED
    assert refuted.certificate is not None


@pytest.mark.parametrize(("probability", "bound"), [MARKOV, CHEBYSHEV, CANTELLI])
def test_a_hundredth_less_is_refuted_too(probability, bound):
    assert verdict_on(probability <= Rational(99, 100) * bound).status is Status.REFUTED


def test_a_claim_that_is_false_for_a_skewed_two_point_law_only():
    """P(X - E X ≥ 1/10) is at most 9/10, at a share of 9/10; the fair coin has 1/2."""
    event = mean(ONE) - E(mean(ONE)) >= Rational(1, 10)
    assert verdict_on(P(event) <= Rational(9, 10)).status is Status.CONFIRMED
    refuted = verdict_on(P(event) <= Rational(22, 25))
    assert refuted.status is Status.REFUTED
    share = Rational(refuted.counterexample["law"].removeprefix("bernoulli(").removesuffix(")"))
    assert Rational(22, 25) < share <= Rational(9, 10)


def test_what_is_free_in_a_witness_is_chosen_at_named_points_too():
    p, bound = MARKOV
    refuted = verdict_on(p <= Rational(4, 5) * bound, points=[{"mu": 1, "a": 10}])
    assert refuted.status is Status.REFUTED
    assert refuted.counterexample["parameters"] == {"a": "10", "mu": "1"}
    share = Rational(refuted.counterexample["law"].rpartition(",")[2].removesuffix(")"))
    assert Rational(4, 50) < share <= Rational(1, 10)


@pytest.mark.parametrize("factor", [Rational(11, 10), Rational(21, 20)])
def test_the_climb_finds_where_an_exponent_is_too_large(factor):
    """Five per cent are seen only for thousands of variables with shares near 1/2 and small t."""
    X = iid(bounded(0, 1), n)
    assert verdict_on(P(mean(X) - E(mean(X)) >= t) <= exp(-2 * factor * n * t**2)).status is Status.REFUTED


def test_points_keep_the_conditions_also_when_they_climb():
    X = iid(normal(0, 1), n)
    verdict = verdict_on(P(mean(X) >= t) <= exp(-n * t**2 / 2) / 2, hypotheses=[n * t**2 <= 9, t >= Rational(1, 50)])
    assert verdict.status is Status.CONFIRMED
    for point in verdict.points:
        values = {name: Rational(value) for name, value in point.evidence.parameters.items()}
        assert values["n"] * values["t"] ** 2 <= 9
        assert values["t"] >= Rational(1, 50)
