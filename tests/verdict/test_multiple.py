"""One level for a whole run: Holm's procedure against the plain one, what it allows, and a factor that is missing."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from boundcheck.verdict import multiple
from boundcheck.verdict.evidence import PointEvidence
from boundcheck.verdict.multiple import Shares, betas, step_down
from boundcheck.verdict.point import Status, decide_point


def counted(violations, trials=200, opened=0, claimed=0.1, **more):
    return PointEvidence(
        parameters={}, law=None, claimed_low=claimed, claimed_high=claimed,
        trials=trials, violations=violations, open=opened, **more,
    )  # fmt: skip


def plain_holm(p, family, tests):
    """Holm 1979 as he states it: in the order of the p-values, until the first that is too large."""
    rejected = set()
    for step, place in enumerate(sorted(range(len(p)), key=lambda i: p[i])):
        if p[place] > family / (tests - step):
            break
        rejected.add(place)
    return rejected


@pytest.mark.parametrize("count", [0, 1, 2, 5, 40])
@pytest.mark.parametrize("missing", [0, 3])
def test_step_down_is_holms_procedure(count, missing):
    rng = np.random.default_rng(count)
    for _ in range(200):
        p = rng.random(count) ** rng.integers(1, 9) * 0.2
        p = np.round(p, 4) if rng.random() < 0.5 else p
        if count:
            p[rng.integers(count)] = 0.05 / (count + missing)  # at the first step's very end
        found = step_down(count, 0.05, lambda i, beta, p=p: p[i] <= beta, count + missing)
        rejected = {i for i, (is_rejected, _) in enumerate(found) if is_rejected}
        assert rejected == plain_holm(p, 0.05, count + missing)
        for i, (is_rejected, beta) in enumerate(found):
            assert (p[i] <= beta) == is_rejected
            assert 0.05 / (count + missing) <= beta <= 0.05


def test_shares_add_up_to_what_the_level_leaves():
    shares = Shares(0.99, 10, 6)
    assert shares.fixed == pytest.approx(0.001)
    assert 4 * shares.fixed + 2 * shares.family == pytest.approx(0.01)
    assert shares.first == pytest.approx(0.0005)
    # A single point is not wrong both ways.
    assert Shares(0.99, 1, 1).first == Shares(0.99, 1, 1).family == pytest.approx(0.01)
    assert Shares(0.99, 0, 0).fixed == pytest.approx(0.01)


@pytest.mark.parametrize(("sequential", "trials", "weak"), [(False, 150, 5), (True, 260, 9)])
def test_each_point_is_decided_with_the_beta_of_its_step(sequential, trials, weak):
    shares = Shares(0.99, 4, 4)
    # The third confirms only at 0.0025, when the first two are confirmed; the last is refuted at the first step.
    items = [counted(k, trials, sequential=sequential) for k in (0, 0, weak, 90)]
    found = betas(items, shares)
    assert found == pytest.approx([0.00125, 0.00125, 0.0025, 0.00125])
    statuses = [decide_point(item, beta).status for item, beta in zip(items, found, strict=True)]
    assert statuses == [Status.CONFIRMED] * 3 + [Status.REFUTED]
    assert decide_point(items[2], shares.first).status is Status.INCONCLUSIVE
    # Without the help of the others it is not, and is shown what it would have needed.
    alone = betas([items[2]], shares)
    assert alone == pytest.approx([0.00125])
    assert decide_point(items[2], alone[0]).status is Status.INCONCLUSIVE


def test_points_without_trials_take_no_step_of_the_others():
    mean = PointEvidence(
        parameters={}, law=None, claimed_low=1.0, claimed_high=1.0, quantity="expectation",
        tail_low=0.2, tail_high=0.4, estimated=100,
    )  # fmt: skip
    exact = PointEvidence(parameters={}, law=None, claimed_low=0.1, claimed_high=0.1, tail_low=0.0, tail_high=0.01)
    shares = Shares(0.99, 3, 2)
    found = betas([mean, counted(0), exact, counted(0)], shares)
    assert (found[0], found[2]) == pytest.approx((0.01 / 3, 0.01 / 3))
    assert found[1] == found[3] == pytest.approx(0.01 / 3 / 2)
    assert betas([], shares) == []


def test_open_trials_neither_refute_nor_confirm_by_any_step():
    shares = Shares(0.9, 3, 3)
    items = [counted(0, sequential=True), counted(90, sequential=True), counted(0, opened=200, sequential=True)]
    found = betas(items, shares)
    assert decide_point(items[2], found[2]).status is Status.INCONCLUSIVE
    assert found[2] == pytest.approx(shares.family / 2)  # one other is confirmed, one refuted
    assert decide_point(dataclasses.replace(items[2], open=0), found[2]).status is Status.CONFIRMED


def test_limits_that_are_fixed_get_their_own_share():
    shares = Shares(0.9, 8, 4)
    mean = PointEvidence(
        parameters={}, law=None, claimed_low=1.0, claimed_high=1.0, quantity="expectation",
        tail_low=0.0, tail_high=2.0, estimated=10,
    )  # fmt: skip
    assert shares.fixed != shares.family
    assert betas([mean, counted(30)], shares)[0] == shares.fixed


@pytest.mark.parametrize("sequential", [False, True])
def test_a_claim_that_is_not_known_exactly_is_confirmed_by_its_lower_end(sequential):
    """And refuted by its upper one."""
    for violations, status in ((0, Status.CONFIRMED), (14, Status.INCONCLUSIVE), (120, Status.REFUTED)):
        item = dataclasses.replace(counted(violations, sequential=sequential), claimed_low=0.05, claimed_high=0.3)
        assert decide_point(item, 0.01).status is status


def false_refutations(shares):
    """Exact probability that one of two true claims, which hold with equality, is refuted: over all pairs of counts."""
    law = [math.comb(60, k) * 0.1**k * 0.9 ** (60 - k) for k in range(61)]
    total = 0.0
    for first, p in enumerate(law):
        for second, q in enumerate(law):
            items = [counted(first, 60), counted(second, 60)]
            decided = (decide_point(*pair).status for pair in zip(items, betas(items, shares), strict=True))
            total += p * q * (Status.REFUTED in decided)
    return total


def test_false_refutations_stay_within_their_share(monkeypatch):
    """And do not where the number of tests is forgotten."""
    shares = Shares(0.9, 2, 2)
    assert false_refutations(shares) <= shares.family
    monkeypatch.setattr(
        multiple, "step_down", lambda count, family, rejects, tests: step_down(count, family, rejects, 1)
    )
    assert false_refutations(shares) > 1.2 * shares.family
