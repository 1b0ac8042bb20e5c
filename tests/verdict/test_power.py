"""What is announced of trials, against sums over all outcomes in plain Python."""

from __future__ import annotations

import math
from functools import cache
from itertools import product

import numpy as np
import pytest

from boundcheck.verdict import power
from boundcheck.verdict.evidence import PointEvidence
from boundcheck.verdict.point import Status, decide_point
from boundcheck.verdict.power import boundaries, prospects
from boundcheck.verdict.sequential import CONFIRM, REFUTE, Watch, rejects

RATES = (0.0, 0.1, 0.25, 0.6, 1.0)


@cache
def decided(violations, trials, beta, sequential):
    return decide_point(
        PointEvidence(
            parameters={}, law=None, claimed_low=0.25, claimed_high=0.25,
            trials=trials, violations=violations, sequential=sequential,
        ),
        beta,
    ).status  # fmt: skip


def test_trials_that_stop_by_enumeration():
    most, beta = 12, 0.1
    totals = {rate: np.zeros(3) for rate in RATES}
    for outcomes in product([False, True], repeat=most):
        violated = np.array(outcomes)
        watch = Watch((0.25, 0.25), beta)
        watch.counted(violated, ~violated)
        status = decided(watch.violations, watch.trials, beta, sequential=True)
        assert (status is not Status.INCONCLUSIVE) == watch.stopped
        for rate in RATES:
            weight = rate ** violated.sum() * (1 - rate) ** (most - violated.sum())
            totals[rate] += weight * np.array(
                [status is Status.REFUTED, status is Status.CONFIRMED, watch.trials], dtype=float
            )
    for found in prospects(RATES, claimed=(0.25, 0.25), beta=beta, most=most, sequential=True):
        expected = totals[found.rate]
        assert (found.refuted, found.confirmed, found.expected) == pytest.approx(expected, abs=1e-12)
    assert totals[0.6][0] > 0.5
    assert totals[0.0][1] == 1


def test_trials_fixed_beforehand_by_enumeration():
    most, beta = 40, 0.05
    for found in prospects(RATES, claimed=(0.25, 0.25), beta=beta, most=most, sequential=False):
        law = [math.comb(most, k) * found.rate**k * (1 - found.rate) ** (most - k) for k in range(most + 1)]
        for status, announced in ((Status.REFUTED, found.refuted), (Status.CONFIRMED, found.confirmed)):
            share = sum(p for k, p in enumerate(law) if decided(k, most, beta, sequential=False) is status)
            assert announced == pytest.approx(share, abs=1e-12)
        assert found.expected == found.usual == most


def test_boundaries_are_the_outermost_counts_that_decide():
    trials = np.array([1, 2, 5, 17, 60, 300])
    refuting, confirming = boundaries((0.25, 0.25), 0.02, trials)
    for n, fewest, most in zip(trials.tolist(), refuting.tolist(), confirming.tolist(), strict=True):
        above = [k for k in range(n + 1) if rejects(math.nextafter(0.25, 1), k, n, 0.02, claimed=0.25, side=REFUTE)]
        below = [k for k in range(n + 1) if rejects(0.25, k, n, 0.02, claimed=0.25, side=CONFIRM)]
        assert fewest == min(above, default=n + 1)
        assert most == max(below, default=-1)


def test_fewer_looks_make_decisions_a_little_less_likely(monkeypatch):
    each = prospects((0.1, 0.6), claimed=(0.25, 0.25), beta=0.01, most=300, sequential=True)
    monkeypatch.setattr(power, "MOST_LOOKS", 60)
    fewer = prospects((0.1, 0.6), claimed=(0.25, 0.25), beta=0.01, most=300, sequential=True)
    for close, far in zip(each, fewer, strict=True):
        assert close.expected <= far.expected <= close.expected + 10  # looks are 5 trials apart
        # Of the right decision; wrong ones, which sometimes come first, are fewer as well.
        name = "confirmed" if close.rate < 0.25 else "refuted"
        assert 0.8 * getattr(close, name) <= getattr(far, name) <= getattr(close, name) + 0.01


def test_usual_trials_are_enough_nine_times_in_ten():
    [found] = prospects([0.6], claimed=(0.25, 0.25), beta=0.01, most=300, sequential=True)
    [until] = prospects([0.6], claimed=(0.25, 0.25), beta=0.01, most=found.usual, sequential=True)
    [before] = prospects([0.6], claimed=(0.25, 0.25), beta=0.01, most=found.usual - 1, sequential=True)
    assert until.refuted + until.confirmed >= 0.9 > before.refuted + before.confirmed


@pytest.mark.parametrize(("claimed", "refuted", "confirmed"), [((1.0, 1.0), 0, 1), ((-0.5, -0.4), 1, 0)])
@pytest.mark.parametrize("sequential", [False, True])
def test_what_needs_no_trials_is_decided_whatever_they_say(claimed, refuted, confirmed, sequential):
    [found] = prospects([0.3], claimed=claimed, beta=0.01, most=10, sequential=sequential)
    assert (found.refuted, found.confirmed, found.expected) == (refuted, confirmed, 10)


def test_certainty_is_refuted_by_the_first_violation():
    none, some = prospects([0.0, 0.01], claimed=(0.0, 0.0), beta=0.01, most=100, sequential=True)
    assert (none.refuted, none.confirmed, none.expected) == (0, 0, 100)
    assert some.refuted == pytest.approx(1 - 0.99**100)
    assert some.confirmed == 0
