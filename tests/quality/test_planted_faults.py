"""Faults in kernels, laws, bounds, verdicts and draws, each planted, and each found after so many trials.

What finds a fault is a claim that holds with equality, or one known to be false: `TOOK` has the numbers of trials at
seed 0, which a change of the draws or of the tests may change. Without the fault no claim here that holds is refuted,
but with probability at most 0.01 over the seed for each check.
"""

from __future__ import annotations

import numpy as np
import pytest
from sympy import Rational

from boundcheck import P, Theorem, check, fcn, gap, gap_bound, magnitude, prune, scaled, uniform
from boundcheck.check import Status, closer, evidence
from boundcheck.experiment import plan as planning
from boundcheck.experiment.measure import measure_network
from boundcheck.experiment.plan import network_plan
from boundcheck.kernels import network_cpu
from boundcheck.verdict.sequential import Watch

UNIT = uniform(-1, 1)
ALL_OF_ONE = prune(fcn([1, 1], weights=UNIT), magnitude(count=1))
"""The gap is |w|: P(gap > t) = 1 - t."""
LEAST_OF_TEN = prune(fcn([10, 1], weights=UNIT), magnitude(count=1))
"""The gap is the smallest |w| of ten: P(gap > t) = (1 - t)^10."""
FIRST_LAYER_KEPT = prune(
    fcn([16, 16, 16], weights=[uniform(-4, 4), UNIT], activation="relu"), [None, magnitude(count=9)]
)
SECOND_LAYER_ALONE = prune(fcn([16, 16], weights=UNIT), magnitude(count=9))
SMALL = prune(fcn([8, 16, 16, 4], weights=scaled(UNIT), activation="relu"), magnitude(alpha="1/2"))

TENTH, HALF = Rational(1, 10), Rational(1, 2)


def claim(pruned, bound, delta):
    return Theorem(claim=P(gap(pruned.target, pruned) > bound) <= delta, points=[{}], name="claim")


EQUALITIES = {
    "scale, at 9/10": claim(ALL_OF_ONE, 1 - TENTH, TENTH),
    "scale, at 99/100": claim(ALL_OF_ONE, 1 - TENTH**2, TENTH**2),
    "scale, at the end": claim(ALL_OF_ONE, 1, 0),
    "smallest weight": claim(LEAST_OF_TEN, TENTH, (1 - TENTH) ** 10),
}


def outcome(theorem, **options):
    """The status, and the trials that it took."""
    found = check(theorem, **options)
    return found.status, found.points[0].evidence.trials


@pytest.mark.parametrize("name", EQUALITIES)
def test_without_a_fault_nothing_is_refuted(name):
    """True claims: a false alarm has probability at most 0.01 each."""
    assert outcome(EQUALITIES[name])[0] is not Status.REFUTED


def test_a_kernel_that_prunes_one_weight_more(monkeypatch):
    original = network_cpu.network_trials

    def one_more(*arguments, **options):
        *before, removed, inputs = arguments
        return original(*before, np.asarray(removed) + 1, inputs, **options)

    monkeypatch.setattr(network_cpu, "network_trials", one_more)
    status, trials = outcome(EQUALITIES["smallest weight"])
    assert status is Status.REFUTED
    assert trials == TOOK["one weight more"]


def wider(monkeypatch):
    original = planning._law

    def scaled_by_one_per_cent(law):
        code, parameters = original(law)
        return code, tuple(1.01 * value for value in parameters)

    monkeypatch.setattr(planning, "_law", scaled_by_one_per_cent)


def test_a_law_that_is_one_per_cent_too_wide(monkeypatch):
    """A weight beyond the end of its law shows it."""
    wider(monkeypatch)
    status, trials = outcome(EQUALITIES["scale, at the end"])
    assert status is Status.REFUTED
    assert trials == TOOK["scale, at the end"]


def test_the_same_inside_of_the_law(monkeypatch):
    """P(|w| > 99/100) is 0.0198 in place of 0.01; more trials than `check` takes unless it is told to."""
    wider(monkeypatch)
    seen = measure_network(network_plan(ALL_OF_ONE, 1.0, key=5), 20_000)
    watch = Watch((0.01, 0.01), 0.01)
    beyond = seen.gap > 0.99
    assert watch.counted(beyond, ~beyond) == TOOK["scale, at 99/100"]
    assert watch.violations > 0.01 * watch.trials
    status, _ = outcome(EQUALITIES["scale, at 99/100"], trials=5000)
    assert status is Status.REFUTED


def test_a_bound_without_the_norm_of_a_layer():
    """What is removed from the second layer is bounded as if the first one had norm 1."""
    target, alone = FIRST_LAYER_KEPT, SECOND_LAYER_ALONE
    right = gap_bound(target.target, target, delta=TENTH)
    dropped = gap_bound(alone.target, alone, delta=TENTH)
    assert outcome(claim(target, right, TENTH))[0] is Status.CONFIRMED
    status, trials = outcome(claim(target, dropped, TENTH))
    assert status is Status.REFUTED
    assert trials == TOOK["norm of a layer"]


FALSE = claim(SMALL, Rational(7, 1000), Rational(1, 4))
"""The gap exceeds 7/1000 in some three of four trials, which a search shows and a single input hardly ever does."""


def without_search(monkeypatch):
    monkeypatch.setattr(evidence, "MOST_INPUTS", 1)
    monkeypatch.setattr(closer, "MOST_ALWAYS", 0)
    monkeypatch.setattr(closer, "MOST_OPEN", 0)


def test_a_verdict_that_ignores_open_trials(monkeypatch):
    assert outcome(FALSE)[0] is Status.REFUTED
    without_search(monkeypatch)
    assert outcome(FALSE)[0] is Status.INCONCLUSIVE
    original = Watch.counted
    monkeypatch.setattr(Watch, "counted", lambda self, violated, fine: original(self, violated, ~violated))
    status, trials = outcome(FALSE)
    assert status is Status.CONFIRMED  # of what is known to be false
    assert trials == TOOK["open trials"]


def pairs_until_dependence_shows(most=2000):
    """Pairs of trials until those both of which exceed the median are more than a quarter; None if they never are.

    A false alarm has probability at most 1e-4.
    """
    seen = measure_network(network_plan(ALL_OF_ONE, 1.0, key=5), 2 * most)
    first, second = (seen.gap.reshape(-1, 2) > 0.5).T
    watch = Watch((0.25, 0.25), 1e-4)
    both = first & second
    counted = watch.counted(both, ~both)
    return counted if watch.stopped and watch.violations / watch.trials > 0.25 else None


def drawn_from(monkeypatch, trial_of):
    """Let each trial draw the network of another one."""
    original = network_cpu.network_trials

    def repeated(key, first, count, *others, **options):
        rows = [original(key, trial_of(first + i), 1, *others, **options) for i in range(count)]
        return type(rows[0])(*(np.concatenate(column) for column in zip(*rows, strict=True)))

    monkeypatch.setattr(network_cpu, "network_trials", repeated)


def test_trials_that_are_independent():
    assert pairs_until_dependence_shows() is None


@pytest.mark.parametrize(
    ("fault", "trial_of"),
    [
        ("each network twice", lambda i: i - i % 2),
        ("one network in three twice", lambda i: i - 1 if i % 6 == 1 else i),
    ],
    ids=["each", "one in three"],
)
def test_draws_that_are_correlated_between_trials(fault, trial_of, monkeypatch):
    """Each trial by itself is right: of single trials no equality shows it."""
    drawn_from(monkeypatch, trial_of)
    assert outcome(EQUALITIES["scale, at 9/10"])[0] is not Status.REFUTED
    assert pairs_until_dependence_shows() == TOOK[fault]


TOOK = {
    "one weight more": 13,
    "scale, at 99/100": 444,
    "scale, at the end": 42,
    "norm of a layer": 3,
    "open trials": 51,
    "each network twice": 75,
    "one network in three twice": 628,
}
"""Trials (pairs of them, for correlated draws) until each fault was found."""
