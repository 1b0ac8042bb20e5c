"""What sampling and T1 leave open, a search for inputs refutes and sharper certificates confirm."""

import numpy as np
import pytest
from sympy import Rational

from boundcheck import (
    P,
    Theorem,
    check,
    cnn,
    conv,
    dense,
    fcn,
    flatten,
    gap,
    magnitude,
    max_pool,
    prune,
    real,
    scaled,
    uniform,
)
from boundcheck.check import Status, closer
from boundcheck.check import evidence as evidence_module
from boundcheck.check.cases import NetworkCase, cases
from boundcheck.check.closer import CloserLooks
from boundcheck.check.evidence import plan_of
from boundcheck.experiment.measure import network_parts
from boundcheck.experiment.plan import network_plan
from boundcheck.formula.rigorous import Interval
from boundcheck.kernels import network_cpu

DELTA = Rational(1, 20)
W = scaled(uniform(-1, 1))
EXAMPLE = prune(fcn([64, 256, 256, 32], weights=W, activation="relu"), magnitude(alpha="1/2"))
SMALL = prune(fcn([8, 16, 16, 4], weights=W, activation="relu"), magnitude(alpha="1/2"))
DEEP_LINEAR = prune(fcn([12, 20, 9], weights=W, activation="identity"), magnitude(fraction="1/8"))


def claimed(pruned, bound, delta=DELTA):
    return Theorem(claim=P(gap(pruned.target, pruned) > bound) <= delta, points=[{}], name="claim")


def evidence(theorem, trials=100, **options):
    found = check(theorem, trials=trials, **options)
    return found.status, found.points[0].evidence


@pytest.fixture
def no_closer_look(monkeypatch):
    monkeypatch.setattr(closer, "MOST_ALWAYS", 0)
    monkeypatch.setattr(closer, "MOST_OPEN", 0)


HALF = Rational(1, 2)
BETWEEN_SAMPLED_AND_FOUND = Rational(7, 1000)
"""Sampled gaps exceed it in fewer than half of the trials, gaps that are searched for in more."""
BETWEEN_SHARP_AND_T1 = Rational(64, 1000)
"""Above nearly all sharper certificates; below T1 in more than half of the trials."""


@pytest.mark.parametrize("precision", ["double", "single"])
def test_the_example_of_the_theory_lies_between_bounds_less_than_ten_apart(precision):
    """64-256-256-32, where T1 is some 28 times the largest gap that sampling finds."""
    _, seen = evidence(claimed(EXAMPLE, 1), trials=4, precision=precision)
    assert seen.closer.trials == 4
    assert seen.closer.recursion / seen.closer.sampled > 20
    assert seen.closer.gain > 1.8
    assert 1 <= seen.closer.ratio < 10
    assert seen.closer.certificate < seen.closer.recursion / 2


@pytest.mark.parametrize("radius", [1, Rational(5, 2)])
def test_of_linear_networks_the_two_bounds_are_equal(radius):
    bound = P(gap(DEEP_LINEAR.target, DEEP_LINEAR, radius=radius) > 9)
    _, seen = evidence(Theorem(claim=bound <= DELTA, points=[{}], name="claim"), trials=4)
    assert 1 <= seen.closer.ratio < 1 + 1e-6


def test_what_follows_the_last_layer_counts():
    """Maxima over windows that overlap may lengthen a difference: of one layer the certificate is T1, no less."""
    network = cnn((1, 5, 5), [conv(1, 2, 2, weights=W), max_pool(2, stride=1)])
    _, seen = evidence(claimed(prune(network, magnitude(count=4)), 9), trials=4)
    assert seen.closer.certificate == pytest.approx(seen.closer.recursion, rel=1e-9)


def test_a_search_that_may_be_far_off_shows_nothing(monkeypatch):
    monkeypatch.setattr(closer, "climbed_allowance", lambda *_: np.array([1e9]))
    _, seen = evidence(claimed(SMALL, 1), trials=4)
    assert seen.closer.climbed <= seen.closer.sampled


def test_a_certificate_is_never_above_t1(monkeypatch):
    monkeypatch.setattr(closer, "sharper_certificate", lambda *_: np.array([np.inf]))
    _, seen = evidence(claimed(SMALL, 1), trials=4)
    assert seen.closer.certificate == seen.closer.recursion


def test_looks_are_at_the_trials_they_are_meant_for(monkeypatch):
    """The same evidence in batches of three: with other trials' weights it would not be."""
    theorem = claimed(SMALL, BETWEEN_SAMPLED_AND_FOUND, HALF)
    _, expected = evidence(theorem)
    monkeypatch.setattr("boundcheck.experiment.measure._MOST_BATCH", 3)
    assert evidence(theorem)[1] == expected


def test_an_end_that_is_attained():
    """With nothing removed the gap is 0: not above 0, and not below it either."""
    nothing = prune(SMALL.target, magnitude(count=0))
    status, seen = evidence(claimed(nothing, 0))
    assert (status, seen.open) == (Status.CONFIRMED, 0)
    t = real("t", min=0)
    attained = P(gap(nothing.target, nothing) >= t) <= DELTA
    status, seen = evidence(Theorem(claim=attained, points=[{t: 0}], name="claim"))
    assert (status, seen.open) == (Status.INCONCLUSIVE, 100)


def test_a_bound_that_is_not_known_exactly_leaves_trials_open(monkeypatch):
    """|w| is above 4/5, and below 1/5, in a fifth of the trials each: wrong by 60 of 1000 with probability 2e-5."""
    line = prune(fcn([1, 1], weights=uniform(-1, 1)), magnitude(count=1))
    monkeypatch.setattr(NetworkCase, "threshold", Interval(0.2, 0.8))
    _, seen = evidence(claimed(line, HALF), trials=1000)
    assert seen.violations == pytest.approx(200, abs=60)
    assert seen.open == pytest.approx(600, abs=75)


def test_a_violation_that_sampling_misses_is_found():
    """Of the 100 trials 75 exceed the bound somewhere: a false alarm has probability 1e-7 and less."""
    status, seen = evidence(claimed(SMALL, BETWEEN_SAMPLED_AND_FOUND, HALF))
    assert status is Status.REFUTED
    assert seen.violations > 65


def test_a_violation_that_was_searched_for_comes_with_its_input(monkeypatch):
    monkeypatch.setattr(evidence_module, "MOST_INPUTS", 1)
    theorem = claimed(SMALL, Rational(5, 1000), HALF)
    status, seen = evidence(theorem)
    assert status is Status.REFUTED
    first = seen.first_violation
    assert first["input"] is None
    [case] = cases(theorem, {})
    plan = plan_of(case, 0, "double")
    drawn = (plan.steps, plan.slopes, plan.laws, plan.law_parameters, plan.rules, plan.removed)
    again = network_cpu.network_trials(plan.key, first["trial"], 1, *drawn, [first["point"]])
    assert again.gap[0] == pytest.approx(first["gap"], rel=1e-9)
    assert first["gap"] > first["bound"]
    assert np.linalg.norm(first["point"]) <= 1


def test_without_the_search_it_is_open(no_closer_look):
    status, seen = evidence(claimed(SMALL, BETWEEN_SAMPLED_AND_FOUND, HALF))
    assert status is Status.INCONCLUSIVE
    assert seen.violations < 40
    assert seen.open > 50
    assert seen.closer is None


def test_a_claim_that_t1_leaves_open_is_confirmed():
    status, seen = evidence(claimed(SMALL, BETWEEN_SHARP_AND_T1, HALF))
    assert status is Status.CONFIRMED
    assert seen.open < 20
    assert seen.closer.certificate < BETWEEN_SHARP_AND_T1 < seen.closer.recursion


def test_without_the_certificate_it_is_open(no_closer_look):
    status, seen = evidence(claimed(SMALL, BETWEEN_SHARP_AND_T1, HALF))
    assert status is Status.INCONCLUSIVE
    assert seen.open > 50


def test_a_certificate_that_forgets_a_part_is_found(monkeypatch):
    """A certificate without its split terms is below gaps that are there."""
    original = closer.averaged_recursion

    def forgetful(*norms, secants, **others):
        return original(*norms, secants=[(0.5, 0.0) for _ in secants], **others)

    monkeypatch.setattr(closer, "averaged_recursion", forgetful)
    _, seen = evidence(claimed(SMALL, 1), trials=4)
    assert seen.closer.ratio < 1


def test_looks_stop_where_they_cost_too_much(monkeypatch):
    plan = network_plan(SMALL, 1.0, key=0)
    cost = closer._cost(plan)
    monkeypatch.setattr(closer, "MOST_ALWAYS", 2 * cost)
    monkeypatch.setattr(closer, "MOST_OPEN", 5 * cost)
    looked = []
    original = closer.look_closer

    def counted(plan, trials, seen, **options):
        looked.extend(trials)
        return original(plan, trials, seen, **options)

    monkeypatch.setattr(closer, "look_closer", counted)
    _, seen = evidence(claimed(SMALL, Rational(1, 50)))
    assert looked[:2] == [0, 1]
    assert len(looked) == 7
    assert seen.closer.trials == 2


def test_convolutions_are_searched_too():
    network = cnn(
        (2, 6, 6),
        [conv(2, 4, 3, weights=W, activation="relu"), flatten(), dense(64, 8, weights=W), dense(8, 3, weights=W)],
    )
    _, seen = evidence(claimed(prune(network, magnitude(alpha="1/2")), 1), trials=4)
    assert seen.closer.gain > 1.2
    assert seen.closer.climbed <= seen.closer.certificate <= seen.closer.recursion


def test_parts_of_trials_are_looked_at_once():
    """The first trials are so in the run, not in each batch."""
    looks = CloserLooks(network_plan(SMALL, 1.0, key=0), 1.0, "cpu")
    plan = network_plan(SMALL, 1.0, key=0)
    first = 0
    for seen in network_parts(plan, 3):
        nothing = np.zeros(seen.trials, bool)
        looks.sharpen(first, seen, seen.gap, np.full(seen.trials, np.inf), nothing)
        looks.sharpen(first + 100, seen, seen.gap, np.full(seen.trials, np.inf), nothing)
        first += seen.trials
    assert looks.summary(3).trials == 3
    assert looks.summary(2).trials == 2
