"""Decisions: wrong claims are caught, true ones are not, and nothing is decided by accident."""

from __future__ import annotations

import dataclasses
import math
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boundcheck.errors import InvalidArgument
from boundcheck.verdict.decide import (
    Ladder,
    PointEvidence,
    Status,
    Verdict,
    decide,
    decide_point,
    exit_status,
)
from boundcheck.verdict.intervals import trials_to_confirm, trials_to_decide


def simulated(trials, violations, opened=0, claimed=0.01, **more) -> PointEvidence:
    return PointEvidence(
        parameters={"alpha": "1/2"},
        law="uniform(-1, 1)",
        claimed_low=claimed,
        claimed_high=claimed,
        trials=trials,
        violations=violations,
        open=opened,
        **more,
    )


def exact(low, high, claimed_low=0.01, claimed_high=0.01) -> PointEvidence:
    return PointEvidence(
        parameters={"n": "3"},
        law=None,
        claimed_low=claimed_low,
        claimed_high=claimed_high,
        tail_low=low,
        tail_high=high,
    )


def decided(evidence, *, refutation_expected=False, beta=0.01) -> Verdict:
    return decide(
        theorem="claim",
        file="proofs/claim.py",
        evidence=evidence,
        beta=beta,
        level=0.99,
        seed=7,
        seconds=0.1,
        version="0",
        refutation_expected=refutation_expected,
    )


@pytest.mark.parametrize("rate", [0.011, 0.02, 0.5, 1.0])
@pytest.mark.parametrize("beta", [0.05, 1e-5])
def test_planted_wrong_claim_is_refuted_at_the_announced_number_of_trials(rate, beta):
    n = trials_to_decide(rate, 0.01, beta)
    assert decide_point(simulated(n, math.floor(n * rate)), beta).status is Status.REFUTED


@pytest.mark.parametrize("rate", [0.0, 0.005, 0.009])
@pytest.mark.parametrize("beta", [0.05, 1e-5])
def test_true_claim_is_confirmed_at_the_announced_number_of_trials(rate, beta):
    n = trials_to_decide(rate, 0.01, beta)
    assert decide_point(simulated(n, math.ceil(n * rate)), beta).status is Status.CONFIRMED


@pytest.mark.parametrize("claimed", [0.5, 0.1, 1 / 64])
@pytest.mark.parametrize("beta", [0.1, 0.01])
def test_a_tight_claim_is_seldom_decided_either_way(claimed, beta):
    # The true rate is the claim: refuting is wrong, and confirming (though right) must be as rare, because
    # a rate one float higher looks the same. Both probabilities are exact sums, no simulation.
    n, p = 60, Fraction(claimed)
    share = {status: Fraction(0) for status in Status}
    for k in range(n + 1):
        status = decide_point(simulated(n, k, claimed=claimed), beta).status
        share[status] += math.comb(n, k) * p**k * (1 - p) ** (n - k)
    assert sum(share.values()) == 1
    assert share[Status.REFUTED] <= Fraction(beta)
    assert share[Status.CONFIRMED] <= Fraction(beta)
    if n * claimed > 5:
        assert share[Status.REFUTED] > 0


def test_open_trials_prevent_a_confirmation():
    n = trials_to_confirm(0.01, 0.05)
    assert decide_point(simulated(n, 0), 0.05).status is Status.CONFIRMED
    assert decide_point(simulated(n, 0, 1), 0.05).status is Status.INCONCLUSIVE


def test_open_trials_do_not_refute():
    assert decide_point(simulated(100, 50), 0.05).status is Status.REFUTED
    blocked = decide_point(simulated(100, 0, 50), 0.05)
    assert blocked.status is Status.INCONCLUSIVE
    assert blocked.needed is None
    assert "no number of trials decides" in blocked.reason
    assert "open" in blocked.reason


def test_inconclusive_says_what_would_decide_and_for_which_rate():
    point = decide_point(simulated(100, 0), 0.05)
    assert (point.status, point.needed) == (Status.INCONCLUSIVE, 299)
    assert "299 trials" in point.reason
    assert "no trial violates" in point.reason
    point = decide_point(simulated(100, 2), 0.05)
    assert point.needed == trials_to_decide(0.02, 0.01, 0.05)
    assert "refute" in point.reason
    assert "0.02" in point.reason
    point = decide_point(simulated(100, 1), 0.05)
    assert point.needed is None
    assert "no number of trials decides" in point.reason
    point = decide_point(simulated(100, 0, claimed=1e-15), 0.05)
    assert point.needed is None
    assert "exact law" in point.reason


@settings(derandomize=True, deadline=None)
@given(
    st.integers(1, 2000),
    st.floats(0, 1.2),
    st.floats(1e-8, 0.3),
    st.data(),
)
def test_simulated_decisions_follow_the_limits(trials, claimed, beta, data):
    violations = data.draw(st.integers(0, trials))
    opened = data.draw(st.integers(0, trials - violations))
    point = decide_point(simulated(trials, violations, opened, claimed), beta)
    assert 0 <= point.limit_low <= violations / trials
    assert (violations + opened) / trials <= point.limit_high <= 1
    assert point.beta == beta
    if point.status is Status.REFUTED:
        assert point.limit_low > claimed
    elif point.status is Status.CONFIRMED:
        assert point.limit_high <= claimed
    else:
        assert point.limit_low <= claimed < point.limit_high
        assert point.needed is None or point.needed > trials
    if claimed >= 1:
        assert point.status is Status.CONFIRMED
        assert point.vacuous


@pytest.mark.parametrize(
    ("tail", "claim", "status"),
    [
        ((0.005, 0.01), (0.01, 0.02), Status.CONFIRMED),
        ((0.005, 0.011), (0.01, 0.02), Status.INCONCLUSIVE),
        ((0.02, 0.03), (0.01, 0.02), Status.INCONCLUSIVE),
        ((0.021, 0.03), (0.01, 0.02), Status.REFUTED),
        ((0.0, 1e-300), (-1.0, -0.5), Status.REFUTED),
        ((0.9, 1.0 + 1e-9), (1.0, 1.0), Status.CONFIRMED),
        ((0.0, 0.0), (0.0, 0.0), Status.CONFIRMED),
        ((0.5, 0.5), (math.inf, math.inf), Status.CONFIRMED),
    ],
)
def test_exact_tails(tail, claim, status):
    point = decide_point(exact(*tail, *claim), 0.01)
    assert point.status is status
    assert point.beta is None
    assert point.needed is None
    assert 0 <= point.limit_low <= point.observed <= point.limit_high <= 1
    assert ("precision" in point.reason) == (status is Status.INCONCLUSIVE)


def test_without_a_measurement_nothing_is_decided():
    point = decide_point(simulated(0, 0), 0.01)
    assert (point.status, point.observed, point.beta) == (Status.INCONCLUSIVE, None, None)
    assert decide_point(simulated(0, 0, claimed=1.0), 0.01).status is Status.CONFIRMED
    assert decided([]).status is Status.INCONCLUSIVE
    assert not decided([]).vacuous
    assert decided([]).method == "no points tested"


@pytest.mark.parametrize(
    "make",
    [
        lambda: exact(math.nan, 0.5),
        lambda: exact(0.5, math.nan),
        lambda: exact(0.5, 0.4),
        lambda: exact(1.5, 2.0),
        lambda: exact(-2.0, -1.0),
        lambda: exact(0.5, None),
        lambda: exact(0.1, 0.2, math.nan, 0.3),
        lambda: exact(0.1, 0.2, 0.3, math.nan),
        lambda: exact(0.1, 0.2, 0.4, 0.3),
        lambda: simulated(10, 3, claimed=math.nan),
        lambda: simulated(10, 8, 3),
        lambda: simulated(10, -1),
        lambda: simulated(10, math.nan),
        lambda: simulated(10.0, 1),
        lambda: simulated(10, 1, tail_low=0.1, tail_high=0.2),
        lambda: decide_point(simulated(10, 1), math.nan),
        lambda: decide_point(simulated(10, 1), 1.0),
        lambda: decided([], beta=0.5) and decide_point(simulated(10, 1), 0.0),
    ],
)
def test_evidence_that_makes_no_sense_is_an_error(make):
    with pytest.raises(InvalidArgument):
        make()


def test_one_refuted_point_refutes_and_the_largest_excess_is_shown():
    mild, strong = simulated(100, 10), simulated(100, 60, seed=5, first_violation={"trial": 3})
    verdict = decided([simulated(1000, 0), mild, strong, simulated(10, 0), exact(0.02, 0.02)])
    assert verdict.status is Status.REFUTED
    assert verdict.counterexample["violations"] == 60
    assert verdict.counterexample["parameters"] == {"alpha": "1/2"}
    assert verdict.counterexample["law"] == "uniform(-1, 1)"
    assert verdict.counterexample["seed"] == 5
    assert verdict.counterexample["first_violation"] == {"trial": 3}
    assert verdict.counterexample["limit_low"] > 0.01
    assert "alpha = 1/2" in verdict.note


def test_all_points_must_be_confirmed():
    confirmed = decided([simulated(1000, 0), exact(0.001, 0.001)])
    assert confirmed.status is Status.CONFIRMED
    assert confirmed.counterexample is None
    undecided = decided([simulated(1000, 0), simulated(10, 0), simulated(1000, 0, 30)])
    assert undecided.status is Status.INCONCLUSIVE
    assert "30 of 1,000 trials are open" in undecided.note


def test_vacuous_only_if_every_point_is():
    empty = dataclasses.replace(simulated(1000, 0), vacuous=True)
    assert decided([empty, exact(0.5, 0.5, 1.0, 1.0)]).vacuous
    assert not decided([empty, simulated(1000, 0)]).vacuous


@pytest.mark.parametrize(
    ("evidence", "method"),
    [
        (
            [exact(0, 0)] * 12 + [simulated(285, 0)] * 3,
            "exact law at 12 points; simulation at 3 points, 285 trials each",
        ),
        ([exact(0, 0)], "exact law at 1 point"),
        ([simulated(1, 0)], "simulation at 1 point, 1 trial"),
        ([simulated(10, 0), simulated(2000, 0)], "simulation at 2 points, 10 to 2,000 trials each"),
        ([simulated(0, 0)], "no measurement at 1 point"),
    ],
)
def test_method_says_how_it_is_known(evidence, method):
    assert decided(evidence).method == method


def as_status(status: Status, *, refutation_expected: bool) -> Verdict:
    return dataclasses.replace(decided([]), status=status, refutation_expected=refutation_expected)


@pytest.mark.parametrize(
    ("status", "refutation_expected", "code"),
    [
        (Status.PROVED, False, 0),
        (Status.CONFIRMED, False, 0),
        (Status.INCONCLUSIVE, False, 3),
        (Status.REFUTED, False, 1),
        (Status.PROVED, True, 1),
        (Status.CONFIRMED, True, 1),
        (Status.INCONCLUSIVE, True, 1),
        (Status.REFUTED, True, 0),
    ],
)
def test_exit_status(status, refutation_expected, code):
    verdict = as_status(status, refutation_expected=refutation_expected)
    good, unsure = as_status(Status.PROVED, refutation_expected=False), decided([simulated(1, 0)])
    assert exit_status([verdict]) == exit_status([good, verdict]) == code
    assert exit_status([verdict, unsure]) == (1 if code == 1 else 3)
    assert verdict.as_expected == (code == 0)


def test_a_run_of_nothing_does_not_pass():
    with pytest.raises(InvalidArgument, match="empty"):
        exit_status(iter([]))


@pytest.mark.parametrize(
    ("rungs", "recursion", "concentration"),
    [
        ((1.0, 2.0, 8.0), 2.0, 4.0),
        ((0.0, 2.0, math.inf), math.inf, math.inf),
        ((0.0, 0.0, 1.0), math.nan, math.inf),
        ((math.nan, 1.0, 1.0), math.nan, 1.0),
        ((1.0, math.inf, math.inf), math.inf, math.nan),
    ],
)
def test_ladder_ratios(rungs, recursion, concentration):
    ladder = Ladder(observed=rungs[0], certificate=rungs[1], bound=rungs[2])
    assert ladder.recursion_ratio == pytest.approx(recursion, nan_ok=True)
    assert ladder.concentration_ratio == pytest.approx(concentration, nan_ok=True)
