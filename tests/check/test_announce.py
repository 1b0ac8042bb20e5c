"""What is announced of a run is what the run does; and nothing is run for it."""

import json
import sys

import pytest
from sympy import Rational, sqrt

from boundcheck import (
    E,
    P,
    Theorem,
    bernoulli,
    bounded,
    constant,
    fcn,
    forecast,
    gap,
    gap_bound,
    iid,
    integer,
    magnitude,
    maximum,
    mean,
    prune,
    rademacher,
    random_matrix,
    real,
    sample_variance,
    scaled,
    spectral_norm,
    sum_of,
    uniform,
)
from boundcheck.check.run import check_all
from boundcheck.errors import InvalidArgument
from boundcheck.report.record import plain
from boundcheck.verdict.intervals import trials_to_confirm
from boundcheck.verdict.sequential import sequential_trials_to_confirm

delta = real("delta", min=0, max=1, exclude_min=True, exclude_max=True)
x = real("x", min=0, max=2)
d = integer("d", min=1, max=1000)
X = iid(uniform(0, 1), 8)
FAR = iid(uniform(-1, 1), 1200)
TARGET = fcn([16, 24, 8], weights=scaled(uniform(-1, 1)))
PRUNED = prune(TARGET, magnitude(alpha=0.5))
MATRIX = random_matrix(rademacher(), d, d)

NETWORK = Theorem(
    name="network",
    claim=P(gap(TARGET, PRUNED) > gap_bound(TARGET, PRUNED, delta=delta)) <= delta,
    points=[{"delta": "1/10"}, {"delta": "1/4"}],
)
EVENT = Theorem(name="event", claim=P(mean(X) >= 9 * sample_variance(X)) <= Rational(3, 4))
DEEP = Theorem(name="deep", claim=P(sum_of(FAR) >= 120) <= Rational("3e-9"))
CERTAIN = Theorem(name="certain", claim=P(maximum(X) * mean(X) > 1) <= 0)
VACUOUS = Theorem(name="vacuous", claim=P(mean(X) >= sample_variance(X)) <= 2)
MOMENT = Theorem(name="moment", claim=E(maximum(X) * mean(X)) <= 1)
UNKNOWN = Theorem(
    name="unknown",
    claim=P(maximum(X) * mean(X) >= E(maximum(X) * mean(X)) + Rational(3, 10)) <= Rational(1, 4),
)
GROWTH = Theorem(name="growth", claim=E(spectral_norm(MATRIX)) <= constant("C") * sqrt(d), points=[{"d": 2}, {"d": 4}])
NUMBERS = Theorem(name="numbers", claim=x * (1 - x) <= Rational(1, 4))
EXACT = Theorem(name="exact", claim=P(sum_of(iid(bernoulli("1/2"), 4)) >= 4) <= Rational(1, 16))
ALL = [NETWORK, EVENT, DEEP, CERTAIN, VACUOUS, MOMENT, UNKNOWN, GROWTH, NUMBERS, EXACT]


def test_tests_share_the_level_as_the_run_does():
    found = forecast(ALL, level=0.9)
    # Two of the network, one of each of four events, one expectation, two of the event with one, and growth.
    assert (found.tests, found.counted) == (10, 7)
    assert [len(theorem.points) for theorem in found.theorems] == [2, 1, 1, 1, 1, 1, 1, 0, 0, 0]
    assert [theorem.theorem for theorem in found.theorems if theorem.growth] == ["growth"]
    for theorem in found.theorems:
        for point in theorem.points:
            counted = point.how != "simulated mean"
            assert point.beta == pytest.approx(0.1 / 10 / 2 if counted else 0.1 / 10)
    outcome = check_all(ALL, level=0.9)
    assert not outcome.errors
    for theorem, verdict in zip(found.theorems, outcome.verdicts, strict=True):
        assert verdict.theorem == theorem.theorem
        for point, seen in zip(theorem.points, [p for p in verdict.points if p.beta], strict=False):
            evidence = seen.evidence
            assert (point.parameters, point.law) == (evidence.parameters, evidence.law)
            assert (evidence.trials or evidence.estimated) <= point.trials
            assert evidence.sequential == (point.sequential and bool(evidence.trials))
            assert (point.target_low, point.target_high) == evidence.target or not evidence.trials
            if point.confirming and evidence.violations == evidence.open == 0 and seen.status == "CONFIRMED":
                assert evidence.trials == (point.confirming if point.sequential else point.trials)
            assert not evidence.trials or seen.beta >= point.beta * (1 - 1e-9)


def test_points_say_what_they_would_take():
    points = {t.theorem: t.points for t in forecast(ALL).theorems}
    network = points["network"][0]
    beta = 0.01 / 10 / 2
    assert (network.how, network.claimed_high, network.sequential) == ("simulation", 0.1, True)
    assert network.trials == sequential_trials_to_confirm(0.1, beta, 3)
    assert network.confirming == sequential_trials_to_confirm(0.1, beta)
    assert [p.rate for p in network.prospects] == pytest.approx([0, 0.05, 0.2, 1])
    none, half, twice, all_of_them = network.prospects
    assert (none.confirmed, none.expected, none.refuted) == (1, network.confirming, 0)
    assert half.confirmed < 0.5 < all_of_them.refuted == pytest.approx(1)
    assert half.refuted < beta
    assert twice.confirmed < beta
    [deep] = points["deep"]
    assert deep.how == "importance sampling"
    assert deep.claimed_high < 1e-8 < 0.01 < deep.target_high < 1
    assert deep.prospects[2].rate == pytest.approx(2 * deep.target_high)
    [moment], [certain], [vacuous] = points["moment"], points["certain"], points["vacuous"]
    assert (moment.how, moment.prospects, moment.confirming) == ("simulated mean", (), None)
    assert (certain.claimed_high, certain.prospects, certain.confirming) == (0, (), None)
    assert (vacuous.target_low, vacuous.prospects) == (2, ())
    [unknown] = points["unknown"]
    assert not unknown.sequential
    assert unknown.confirming == trials_to_confirm(0.25, beta) < unknown.trials


def test_trials_that_are_given_are_fixed():
    for trials, confirming in ((300, trials_to_confirm(0.1, 0.0025)), (20, None)):
        [theorem] = forecast(NETWORK, trials=trials).theorems
        point = theorem.points[0]
        assert (point.trials, point.sequential, point.confirming) == (trials, False, confirming)
        assert all(p.expected == p.usual == trials for p in point.prospects)
        assert (point.prospects[0].confirmed == 1) == (confirming is not None)


def test_no_trial_is_run_and_nothing_is_proved(monkeypatch):
    def never(*_, **__):
        raise AssertionError("not for a forecast")

    for module, names in (
        ("boundcheck.check.run", ("measure", "observe_scaling", "prove_theorem")),
        ("boundcheck.experiment.measure", ("load_kernels",)),
        ("boundcheck.experiment.draws", ("load_kernels",)),
    ):
        for name in names:
            monkeypatch.setattr(sys.modules[module], name, never)
    found = forecast(ALL)
    assert not found.errors
    assert json.loads(json.dumps(plain(found.record()), allow_nan=False))["counted"] == found.counted


def test_several_processes_announce_the_same():
    assert forecast(ALL, workers=2) == forecast(ALL)


def test_what_cannot_be_planned_is_an_error_of_its_theorem():
    wide = prune(fcn([20000, 20000], weights=uniform(-1, 1)), magnitude(count=1))
    huge = Theorem(name="huge", claim=P(gap(wide.target, wide) > 1) <= Rational(1, 10))
    found = forecast([NETWORK, huge])
    assert [theorem.theorem for theorem in found.theorems] == ["network"]
    [message] = found.errors
    assert "huge" in message
    assert "weights" in message


def test_a_single_theorem_and_bad_arguments():
    assert forecast(EXACT).tests == 0
    assert forecast(Theorem(claim=P(mean(iid(bounded(0, 1), 4)) >= 1) <= 1)).tests == 0
    with pytest.raises(InvalidArgument, match="level=2"):
        forecast(EXACT, level=2)
    with pytest.raises(InvalidArgument, match="trials=0"):
        forecast(EXACT, trials=0)
    with pytest.raises(InvalidArgument, match="theorem=3"):
        forecast([3])
