"""Error rates and power of the tests that decide by trials, simulated, beside what the level and the plan announce.

False alarms: every comparison of a share with a probability fails by chance with probability at most `SHARE` if what it
checks holds, by exact binomial tails; there are fewer than 100 of them. Seeds are fixed and nothing is tried twice. For
each kind of mistake that would spoil the level one is planted, and found.
"""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from scipy.stats import binom
from sympy import Rational

from boundcheck import P, Status, Theorem, check, fcn, forecast, gap, prune, random, uniform
from boundcheck.check.run import check_all
from boundcheck.verdict.evidence import PointEvidence
from boundcheck.verdict.intervals import binomial_lower
from boundcheck.verdict.multiple import Shares, betas
from boundcheck.verdict.point import decide_point
from boundcheck.verdict.power import prospects
from boundcheck.verdict.sequential import Watch, sequential_trials_to_confirm

pytestmark = pytest.mark.long

SHARE = 1e-9
RUNS = 2000
CLAIMED = 0.1


def at_most(count, runs, probability):
    return binom.sf(count - 1, runs, probability) > SHARE


def about(count, runs, probability):
    return at_most(count, runs, probability) and binom.cdf(count, runs, probability) > SHARE


def evidence(watch):
    return PointEvidence(
        parameters={}, law=None, claimed_low=CLAIMED, claimed_high=CLAIMED,
        trials=watch.trials, violations=watch.violations, open=watch.open, sequential=True,
    )  # fmt: skip


def followed(rng, rate, most, beta, *, opened=0.0, forgetful=False):
    """A watch after trials that violate the claim at this rate, of which a share is left open, or forgotten."""
    watch = Watch((CLAIMED, CLAIMED), beta)
    while not watch.stopped and watch.trials < most:
        violating, hidden = (share > rng.random(min(256, most - watch.trials)) for share in (rate, opened))
        watch.counted(violating & ~hidden, ~violating & (~hidden | forgetful) | violating & hidden & forgetful)
    return watch


# One point ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("beta", [0.05, 0.01])
def test_a_claim_that_holds_with_equality_is_refuted_at_most_as_often_as_the_level_says(beta):
    """In 2,000 runs; and as often as the sum over all outcomes announces."""
    most = 500
    rng = np.random.default_rng(1)
    refuted = 0
    for _ in range(RUNS):
        watch = followed(rng, CLAIMED, most, beta)
        refuted += decide_point(evidence(watch), beta).status is Status.REFUTED
    [announced] = prospects([CLAIMED], claimed=(CLAIMED, CLAIMED), beta=beta, most=most, sequential=True)
    assert announced.refuted <= beta
    assert refuted <= beta * RUNS
    assert about(refuted, RUNS, announced.refuted)


@pytest.mark.parametrize(("multiple", "beta"), [(0.5, 0.01), (2.0, 0.01), (4.0, 1e-4), (10.0, 1e-4)])
def test_power_and_trials_are_what_was_announced(multiple, beta):
    """The mean of the trials by Hoeffding's inequality, whose range is their number at most."""
    most = sequential_trials_to_confirm(CLAIMED, beta, 3)
    rng = np.random.default_rng(2)
    watches = [followed(rng, multiple * CLAIMED, most, beta) for _ in range(RUNS)]
    statuses = [decide_point(evidence(watch), beta).status for watch in watches]
    [announced] = prospects([multiple * CLAIMED], claimed=(CLAIMED, CLAIMED), beta=beta, most=most, sequential=True)
    assert about(statuses.count(Status.REFUTED), RUNS, announced.refuted)
    assert about(statuses.count(Status.CONFIRMED), RUNS, announced.confirmed)
    room = most * np.sqrt(np.log(2 / SHARE) / (2 * RUNS))
    assert abs(np.mean([watch.trials for watch in watches]) - announced.expected) < room
    assert np.mean([watch.trials <= announced.usual for watch in watches]) > 0.85


def test_looking_at_fixed_limits_after_every_trial_is_found_out():
    """Planted: Clopper and Pearson's limits, which hold for one look only."""
    beta, most, runs = 0.05, 300, 500
    fewest = [
        next((k for k in range(n + 1) if binomial_lower(k, n, beta) > CLAIMED), n + 1) for n in range(1, most + 1)
    ]
    drawn = np.random.default_rng(3).random((runs, most)) < CLAIMED
    refuted = int((drawn.cumsum(axis=1) >= fewest).any(axis=1).sum())
    assert not at_most(refuted, runs, 2 * beta)


def test_open_trials_neither_refute_nor_confirm_wrongly():
    beta, most, runs = 0.05, 300, 500
    rng = np.random.default_rng(4)

    def share(status, rate, opened, forgetful=False):
        watches = (followed(rng, rate, most, beta, opened=opened, forgetful=forgetful) for _ in range(runs))
        return sum(decide_point(evidence(watch), beta).status is status for watch in watches)

    assert share(Status.REFUTED, CLAIMED, 0.5) <= beta * runs
    # Twice as often violated as is claimed, and hardly ever for sure.
    assert share(Status.CONFIRMED, 2 * CLAIMED, 0.9) <= beta * runs
    # Planted: open trials are taken for fine ones.
    assert share(Status.CONFIRMED, 2 * CLAIMED, 0.9, forgetful=True) > 0.9 * runs


# A whole run --------------------------------------------------------------------------------------------------------

RATES = [CLAIMED] * 4 + [CLAIMED / 2, 0.0] + [CLAIMED * 1.0001] * 3 + [1.0]
"""True claims, half of them with equality, and false ones, of which some fail by next to nothing."""
WRONG = [Status.REFUTED if rate <= CLAIMED else Status.CONFIRMED for rate in RATES]


def runs_with_a_wrong_decision(level, runs, seed, *, planted=False):
    shares = Shares(level, len(RATES), len(RATES))
    stop = 1 - level if planted else shares.first
    most = sequential_trials_to_confirm(CLAIMED, stop, 3)
    rng, wrong = np.random.default_rng(seed), 0
    for _ in range(runs):
        items = [evidence(followed(rng, rate, most, stop)) for rate in RATES]
        each = [stop] * len(items) if planted else betas(items, shares)
        statuses = [decide_point(item, beta).status for item, beta in zip(items, each, strict=True)]
        wrong += any(status is bad for status, bad in zip(statuses, WRONG, strict=True))
    return wrong


def test_all_decisions_of_a_run_are_right_together_as_often_as_the_level_says():
    level, runs = 0.8, 150
    wrong = runs_with_a_wrong_decision(level, runs, 5)
    assert 0 < wrong <= (1 - level) * runs
    # Planted: every point is decided at 1 - level.
    assert not at_most(runs_with_a_wrong_decision(level, runs, 6, planted=True), runs, 2 * (1 - level))


# Through the program ------------------------------------------------------------------------------------------------

LINE = fcn([1, 1], weights=uniform(-1, 1), activation="identity")
REMOVED = prune(LINE, random(fraction=1))


def removed_weight(claimed):
    """The gap is |w| for a uniform w: it exceeds 9/10 with probability 1/10, up to 2^-32 and rounding."""
    return Theorem(claim=P(gap(LINE, REMOVED) > Rational(9, 10)) <= Rational(claimed))


def test_equality_is_refuted_no_more_often_than_the_level_says_by_the_whole_program():
    level, runs = 0.8, 300
    [point] = forecast(removed_weight("1/10"), level=level).theorems[0].points
    [announced] = prospects([0.1], claimed=(0.1, 0.1), beta=point.beta, most=point.trials, sequential=True)
    refuted = 0
    for seed in range(runs):
        verdict = check(removed_weight("1/10"), level=level, seed=seed)
        refuted += verdict.status is Status.REFUTED
        assert verdict.points[0].evidence.trials <= point.trials
    assert refuted <= (1 - level) * runs
    assert about(refuted, runs, announced.refuted)


@pytest.mark.parametrize("trials", [None, 60])
def test_a_false_claim_is_refuted_as_often_as_forecast_by_the_whole_program(trials):
    """Twice as often violated as is claimed; and a run of ten such points, by their own betas."""
    level, runs = 0.8, 150
    [point] = forecast(removed_weight("1/20"), level=level, trials=trials).theorems[0].points
    twice = point.prospects[2]
    assert twice.rate == pytest.approx(0.1)
    assert 0.3 < twice.refuted < 0.9
    refuted = sum(
        check(removed_weight("1/20"), level=level, seed=seed, trials=trials).status is Status.REFUTED
        for seed in range(runs)
    )
    assert about(refuted, runs, twice.refuted)


def test_the_level_is_that_of_all_points_of_all_theorems_together():
    """Ten claims that hold with equality in each run: one by one they would be refuted in most of the runs."""
    level, runs = 0.8, 60
    claims = [dataclasses.replace(removed_weight("1/10"), name=f"claim_{i}") for i in range(10)]
    wrong = 0
    for seed in range(runs):
        outcome = check_all(claims, level=level, seed=seed)
        assert len({verdict.points[0].evidence.violations for verdict in outcome.verdicts}) > 1
        wrong += any(verdict.status is Status.REFUTED for verdict in outcome.verdicts)
    assert wrong <= (1 - level) * runs
