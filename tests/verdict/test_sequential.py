"""E-processes against plain mpmath: Ville's inequality summed exactly, limits, ends, rounding; and planted faults.

Nothing is drawn here but the examples of Hypothesis, the same in every run: no test fails by chance.
"""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boundcheck.errors import InvalidArgument
from boundcheck.verdict.intervals import binomial_lower, binomial_upper
from boundcheck.verdict.sequential import (
    CONFIRM,
    REFUTE,
    Watch,
    alternatives,
    log_e,
    rejects,
    sequential_lower,
    sequential_trials_to_confirm,
    sequential_upper,
)

CLAIMED = [0.75, 0.3, 0.05, 1 / 250]


def exact_e(rate, violations, trials, claimed, side):
    """E(rate) as it is defined, in 60 digits, with the rates that are bet on made again from their description."""
    with mpmath.workdps(60):
        p, found = mpmath.mpf(rate), mpmath.mpf(0)
        total = sum(mpmath.mpf(2) ** -abs(j) for j in range(-7, 5))
        odds = mpmath.log(claimed) - mpmath.log1p(-mpmath.mpf(claimed))
        rates = [1 / (1 + mpmath.exp(-odds - side * mpmath.mpf(2) ** j)) for j in range(-7, 5)]
        bets = zip(rates, (mpmath.mpf(2) ** -abs(j) / total / 2 for j in range(-7, 5)), strict=True)
        for q, weight in [(mpmath.mpf(side == REFUTE), mpmath.mpf(1) / 2), *bets]:
            q = max(q, p) if side == REFUTE else min(q, p)
            hit = 1 if violations == 0 else (q / p) ** violations
            miss = 1 if violations == trials else ((1 - q) / (1 - p)) ** (trials - violations)
            found += weight * hit * miss
        return found


@pytest.mark.parametrize("claimed", [*CLAIMED, 1e-9, 0.99])
@pytest.mark.parametrize("side", [REFUTE, CONFIRM])
def test_log_e_is_a_close_lower_bound(claimed, side):
    """The rates that are bet on are floats, hence a relative room of 1e-13 for each violation and trial."""
    for trials in (1, 7, 300, 20_000):
        for share in (0, 0.5, 1, 2, 1 / claimed):
            violations = min(trials, round(share * claimed * trials))
            for rate in (claimed, claimed / 3, (1 + claimed) / 2):
                low = float(log_e(rate, violations, trials, claimed=claimed, side=side))
                found = mpmath.log(exact_e(rate, violations, trials, claimed, side))
                size = 1 + trials * (40 + abs(math.log(claimed)))
                assert found - 1e-13 * size - 1e-11 <= low <= found + 1e-15 * size


@pytest.mark.parametrize("side", [REFUTE, CONFIRM])
@pytest.mark.parametrize("claimed", [0.5, 0.05, 0.004])
def test_rounding_decides_nothing_that_exact_arithmetic_would_not(claimed, side):
    """With the very rates and weights that are used: nothing at a beta just too small for the exact value."""
    rates, weights = alternatives(claimed, side)
    for trials in (10, 200, 5000):
        for share in (0, 0.3, 3, 8):
            violations = min(trials, round(share * claimed * trials))
            with mpmath.workdps(60):
                p = mpmath.mpf(claimed)
                terms = []
                for q, log_weight in zip(map(mpmath.mpf, rates), map(mpmath.mpf, weights), strict=True):
                    hit = 1 if violations == 0 else (q / p) ** violations
                    miss = 1 if violations == trials else ((1 - q) / (1 - p)) ** (trials - violations)
                    terms.append(mpmath.exp(log_weight) * hit * miss)
                found = mpmath.fsum(terms)
            if not 1.01 < found < 1e200:
                continue
            near = float(1 / found)
            for steps in range(1, 4):
                beta = near * (1 - steps * 2.0**-52)
                if found * mpmath.mpf(beta) < 1:
                    assert not rejects(claimed, violations, trials, beta, claimed=claimed, side=side)
            assert rejects(claimed, violations, trials, near * (1 + 1e-9), claimed=claimed, side=side)


# Ville's inequality -------------------------------------------------------------------------------------------------


def ever(decides, rate, most, hides):
    """The largest probability with which an adversary can bring a test to decide within so many trials.

    decides(violations, open, trials) is the test. The adversary sees everything so far and may, in every trial, have a
    violation (`hides` "violations") or a trial without one ("others") left open. By backward induction; the state is
    the number that the test counts, so open trials must count one way.
    """
    value = np.zeros(most + 2)
    for n in range(most, 0, -1):
        here = np.array([1.0 if decides(k, n) else value[k] for k in range(n + 1)])
        after = np.append(here, 0.0)
        stay, move = after[:n], after[1 : n + 1]
        if hides == "violations":  # which are counted if they are sure
            value[:n] = (1 - rate) * stay + rate * np.maximum(stay, move)
        else:  # which are counted if they are open
            value[:n] = rate * move + (1 - rate) * np.maximum(stay, move)
    return value[0]


@pytest.mark.parametrize("claimed", CLAIMED)
@pytest.mark.parametrize("beta", [0.1, 0.001])
def test_a_claim_that_holds_with_equality_is_seldom_refuted_whatever_is_open(claimed, beta):
    most = 600

    def decides(k, n):
        return bool(refuting[n] <= k)

    counts = np.arange(most + 1)
    refuting = [most + 1]
    for n in range(1, most + 1):
        hit = log_e(claimed, counts[: n + 1], np.full(n + 1, n), claimed=claimed, side=REFUTE) >= -math.log(beta)
        assert list(hit) == sorted(hit)  # one more violation never speaks for the claim
        refuting.append(int(np.argmax(hit)) if hit.any() else most + 1)
    probability = ever(decides, claimed, most, "violations")
    assert 0.05 * beta < probability <= beta
    assert ever(decides, claimed / 2, most, "violations") < probability


@pytest.mark.parametrize("claimed", CLAIMED[:3])
@pytest.mark.parametrize("beta", [0.1, 0.001])
def test_a_claim_that_just_fails_is_seldom_confirmed_whatever_is_open(claimed, beta):
    most = 600
    counts = np.arange(most + 1)
    confirming = [-1]
    for n in range(1, most + 1):
        hit = log_e(claimed, counts[: n + 1], np.full(n + 1, n), claimed=claimed, side=CONFIRM) >= -math.log(beta)
        assert list(hit) == sorted(hit, reverse=True)  # one violation less never speaks against it
        confirming.append(int(hit.sum()) - 1)
    probability = ever(lambda k, n: k <= confirming[n], claimed, most, "others")
    assert 0.1 * beta < probability <= beta
    # Planted: a test that counts sure violations only confirms what is violated every time, if they are left open.
    assert ever(lambda k, n: k <= confirming[n], 1.0, most, "violations") == 1


@pytest.mark.parametrize("claimed", [0.3, 0.05])
def test_looking_at_fixed_limits_after_every_trial_is_found_out(claimed):
    """Planted: Clopper and Pearson's limits, which hold for one look, decide wrongly far more often than beta."""
    most, beta = 400, 0.01
    refuting = [most + 1]
    for n in range(1, most + 1):
        k = refuting[-1] if n > 1 and refuting[-1] <= n else 0
        while k <= n and not binomial_lower(k, n, beta) > claimed:
            k += 1
        refuting.append(k)
    assert ever(lambda k, n: k >= refuting[n], claimed, most, "violations") > 3 * beta


# Limits -------------------------------------------------------------------------------------------------------------


@settings(derandomize=True, deadline=None, max_examples=300)
@given(st.integers(1, 5000), st.floats(1e-6, 0.99), st.floats(1e-9, 0.4), st.data())
def test_limits_enclose_the_rate_nest_and_decide(trials, claimed, beta, data):
    violations = data.draw(st.integers(0, trials))
    low, high = (limit(violations, trials, beta, claimed) for limit in (sequential_lower, sequential_upper))
    assert 0 <= low <= violations / trials <= high <= 1
    assert (low > claimed) == rejects(
        math.nextafter(claimed, 1), violations, trials, beta, claimed=claimed, side=REFUTE
    )
    assert (high <= claimed) == rejects(claimed, violations, trials, beta, claimed=claimed, side=CONFIRM)
    assert low <= sequential_lower(violations, trials, 2 * beta, claimed) * (1 + 1e-9)
    assert high >= sequential_upper(violations, trials, 2 * beta, claimed) * (1 - 1e-9)
    if violations < trials:
        assert low <= sequential_lower(violations + 1, trials, beta, claimed) * (1 + 1e-9)
        assert high <= sequential_upper(violations + 1, trials, beta, claimed) * (1 + 1e-9)
    # As many trials fixed beforehand say at least as much (Markov's inequality): what was refuted stays refuted.
    assert low <= binomial_lower(violations, trials, beta) * (1 + 1e-9)
    assert high >= binomial_upper(violations, trials, beta) * (1 - 1e-9)


@pytest.mark.parametrize(("violations", "trials"), [(3, 10), (1, 400), (30, 400), (999, 1000)])
@pytest.mark.parametrize("claimed", [0.5, 0.05])
def test_limits_are_where_e_is_one_over_beta(violations, trials, claimed):
    beta = 0.01
    low = sequential_lower(violations, trials, beta, claimed)
    assert mpmath.almosteq(exact_e(low, violations, trials, claimed, REFUTE), 100, 1e-6)
    high = sequential_upper(violations, trials, beta, claimed)
    if high < 1:
        assert mpmath.almosteq(exact_e(high, violations, trials, claimed, CONFIRM), 100, 1e-6)


def test_trials_to_confirm_are_the_fewest():
    for claimed in CLAIMED:
        for violations in range(4):
            n = sequential_trials_to_confirm(claimed, 1e-4, violations)
            assert sequential_upper(violations, n, 1e-4, claimed) <= claimed
            assert sequential_upper(violations, n - 1, 1e-4, claimed) > claimed
    # Half of the weight is on a rate of 0: (1 - c)^-n / 2, and a little more, reaches 1/beta.
    exact = math.log(2 / 1e-4) / -math.log1p(-0.05)
    assert exact - 4 < sequential_trials_to_confirm(0.05, 1e-4) <= math.ceil(exact)
    assert sequential_trials_to_confirm(0.001, 1e-4, most=500) == 500


@pytest.mark.parametrize("limit", [sequential_lower, sequential_upper])
@pytest.mark.parametrize(("violations", "trials", "beta"), [(2, 1, 0.1), (0, 0, 0.1), (1, 2, 0.0), (1, 2, math.nan)])
def test_what_makes_no_sense_is_an_error(limit, violations, trials, beta):
    with pytest.raises(InvalidArgument):
        limit(violations, trials, beta, 0.1)


# Ends ---------------------------------------------------------------------------------------------------------------


def test_certainty_is_refuted_by_one_violation_and_never_confirmed():
    none = np.zeros(10**5, dtype=bool)
    watch = Watch((0.0, 0.0), 1e-12)
    assert watch.counted(none, ~none) == len(none)
    assert not watch.stopped
    one = none.copy()
    one[[70, 80]] = True
    assert watch.counted(one, ~one) == 71
    assert (watch.stopped, watch.violations) == (True, 1)
    assert 0 < sequential_lower(1, 10**5, 1e-12, 0.0) < 1e-5
    assert 0 < sequential_upper(0, 10**5, 1e-12, 0.0) < 1e-3


@pytest.mark.parametrize("claimed", [(1.0, 1.0), (1.5, 1.5), (-0.2, -0.1)])
def test_where_nothing_is_to_be_tested_nothing_stops(claimed):
    watch = Watch(claimed, 0.01)
    for violated in (np.ones(500, dtype=bool), np.zeros(500, dtype=bool)):
        assert watch.counted(violated, ~violated) == 500
    assert (watch.trials, watch.violations, watch.open, watch.stopped) == (1000, 500, 0, False)


@pytest.mark.parametrize("claimed", [5e-324, 1e-310, 1e-200, 1 - 2.0**-53, 0.5])
def test_claims_at_the_ends_of_the_range_of_floats(claimed):
    low, high = Watch((claimed, claimed), 1e-6), Watch((claimed, claimed), 1e-6)
    every, none = np.ones(300, dtype=bool), np.zeros(300, dtype=bool)
    # Near 0 one violation, or two, refute; near 1 no number does.
    assert low.counted(every, none) == (1 if claimed < 1e-100 else 300 if claimed > 0.9 else 21)
    assert high.counted(none, every) == (300 if claimed < 1e-100 else 1 if claimed > 0.9 else 21)


# The watch ----------------------------------------------------------------------------------------------------------


def plain_stop(outcomes, claimed, beta):
    """The first trial after which the exact process decides, looked for one by one."""
    violations = opened = 0
    for n, (violated, fine) in enumerate(outcomes, start=1):
        violations, opened = violations + violated, opened + (not violated and not fine)
        if exact_e(claimed, violations, n, claimed, REFUTE) * mpmath.mpf(beta) >= 1:
            return n, violations, opened
        if exact_e(claimed, violations + opened, n, claimed, CONFIRM) * mpmath.mpf(beta) >= 1:
            return n, violations, opened
    return len(outcomes), violations, opened


@pytest.mark.parametrize("rates", [(0.4, 0.0), (0.02, 0.0), (0.0, 0.02), (0.1, 0.1), (0.0, 0.5), (0.9, 0.1)])
def test_trials_stop_where_plain_arithmetic_does_whatever_the_batches(rates):
    rng = np.random.default_rng(3)
    drawn = rng.random(400)
    violated, fine = drawn < rates[0], drawn >= sum(rates)
    expected = plain_stop(list(zip(violated.tolist(), fine.tolist(), strict=True)), 0.1, 0.002)
    for size in (1, 7, 64, 400):
        watch, counted = Watch((0.1, 0.1), 0.002), 0
        for start in range(0, 400, size):
            counted += watch.counted(violated[start : start + size], fine[start : start + size])
        assert (watch.trials, watch.violations, watch.open) == expected
        assert counted == watch.trials
        assert watch.stopped == (expected[0] < 400)


def test_without_a_failure_probability_all_trials_count():
    every = np.ones(100, dtype=bool)
    watch = Watch((0.1, 0.1), None)
    assert watch.counted(every, ~every) == 100
    assert not watch.stopped
