"""Whole checks: true claims are confirmed, planted false ones refuted, and nothing is claimed that was not seen."""

import re
import sys
from dataclasses import replace

import pytest
from flint import fmpq
from sympy import Rational, exp, log, pi, sqrt

from boundcheck import (
    E,
    P,
    Theorem,
    bernoulli,
    bounded,
    check,
    exponential,
    fcn,
    gap,
    gap_bound,
    iid,
    independent,
    integer,
    magnitude,
    maximum,
    mean,
    normal,
    prune,
    rademacher,
    random,
    real,
    scaled,
    sum_of,
    uniform,
)
from boundcheck.check.run import check_all
from boundcheck.errors import InvalidArgument
from boundcheck.report.record import record
from boundcheck.verdict.decide import Status

n = integer("n", min=1, max=10_000)
t = real("t", min=0, max=1)
delta = real("delta", min=0, max=1, exclude_min=True, exclude_max=True)


def theorem(claim, **kwargs):
    return Theorem(claim=claim, source="test", **kwargs)


# Scalar claims --------------------------------------------------------------------------------------------------------


def hoeffding(constant):
    X = iid(bounded(0, 1), n)
    return theorem(P(mean(X) - E(mean(X)) >= t) <= exp(-constant * n * t**2))


def test_the_right_constant_is_confirmed_and_ten_percent_more_is_refuted():
    assert check(hoeffding(2)).status is Status.CONFIRMED
    verdict = check(hoeffding(Rational(11, 5)))
    assert verdict.status is Status.REFUTED
    assert verdict.counterexample["law"].startswith("bernoulli")


@pytest.mark.parametrize(
    ("claim", "status"),
    [
        # Sums of Rademacher signs: one side, and both sides with and without the factor 2.
        (P(sum_of(iid(rademacher(), 100)) >= 10 * t) <= exp(-(t**2) / 2), Status.CONFIRMED),
        (P(abs(sum_of(iid(rademacher(), 100))) >= 50 * t) <= 2 * exp(-25 * t**2 / 2), Status.CONFIRMED),
        (P(abs(sum_of(iid(rademacher(), 100))) >= 5 * t) <= exp(-25 * t**2 / 2), Status.REFUTED),
        # The same claims about the opposite event.
        (P(sum_of(iid(rademacher(), 100)) < 10 * t) >= 1 - exp(-(t**2) / 2), Status.CONFIRMED),
        (P(sum_of(iid(rademacher(), 100)) < 10 * t) >= 1 - exp(-2 * t**2) / 4, Status.REFUTED),
        # Normals: the variance of a mean, forgotten.
        (P(mean(iid(normal(0, 1), n)) >= t) <= exp(-n * t**2 / 2), Status.CONFIRMED),
        (P(mean(iid(normal(0, 1), n)) >= t) <= exp(-(n**2) * t**2 / 2), Status.REFUTED),
        # A dropped centring: exponential variables have mean 1.
        (P(mean(iid(exponential(1), 50)) - 1 >= t) <= exp(-50 * (t - log(1 + t))), Status.CONFIRMED),
        (P(mean(iid(exponential(1), 50)) >= t) <= exp(-50 * (t - log(1 + t))), Status.REFUTED),
        # Maxima, with and without the union bound.
        (P(maximum(iid(exponential(1), 30)) >= 5 * t) <= 30 * exp(-5 * t), Status.CONFIRMED),
        (P(maximum(iid(exponential(1), 30)) >= 5 * t) <= exp(-5 * t), Status.REFUTED),
        # Independent, not identical: variance proxies 1/3 and 1 add up.
        (P(sum_of(independent(uniform(-1, 1), rademacher())) >= 2 * t) <= exp(-3 * t**2 / 2), Status.CONFIRMED),
        (P(sum_of(independent(uniform(-1, 1), rademacher())) >= 2 * t) <= exp(-6 * t**2), Status.REFUTED),
    ],
)
def test_scalar_claims(claim, status):
    """Each wrong verdict has probability at most 0.01 over the seed, which is fixed."""
    assert check(theorem(claim)).status is status


def test_a_hypothesis_dropped_is_found():
    """Hoeffding's bound for variables on [0, 1], claimed for variables on [0, 2]."""
    X = iid(bounded(0, 2), n)
    assert check(theorem(P(mean(X) - E(mean(X)) >= t) <= exp(-2 * n * t**2))).status is Status.REFUTED


def test_tails_far_below_the_float_range_are_decided():
    X = iid(rademacher(), 10_000)
    points = [{"t": 1}]
    assert check(theorem(P(mean(X) >= t) <= exp(-6931 * t), points=points)).status is Status.CONFIRMED
    assert check(theorem(P(mean(X) >= t) <= exp(-6932 * t), points=points)).status is Status.REFUTED


def test_a_claim_above_one_is_vacuous():
    verdict = check(theorem(P(mean(iid(uniform(-1, 1), 10)) >= t) <= 2))
    assert verdict.status is Status.CONFIRMED
    assert verdict.vacuous


# Networks -------------------------------------------------------------------------------------------------------------

TARGET = fcn([16, 24, 24, 8], weights=scaled(uniform(-1, 1)))
POINT = [{"delta": "1/10"}]


def scaled_bound(factor, rule, target=TARGET, radius=1):
    pruned = prune(target, rule)
    bound = factor * gap_bound(target, pruned, delta=delta, radius=radius)
    return theorem(P(gap(target, pruned, radius=radius) > bound) <= delta, points=POINT)


@pytest.mark.parametrize("rule", [magnitude(alpha=0.5), random(fraction=0.1), magnitude(count=0), random(fraction=1)])
def test_derived_bounds_are_confirmed(rule):
    verdict = check(scaled_bound(1, rule))
    assert verdict.status is Status.CONFIRMED
    ladder = verdict.points[0].evidence.ladder
    assert ladder.observed <= ladder.certificate <= ladder.bound


@pytest.mark.parametrize("activation", ["tanh", "leaky_relu:0.2", "leaky_relu:-3", "identity"])
@pytest.mark.parametrize("law", [uniform(-1, 1), normal(0, 1)])
def test_every_activation_and_law(activation, law):
    target = fcn([8, 12, 6], weights=scaled(law), activation=activation)
    assert check(scaled_bound(1, magnitude(alpha=0.4), target, radius=3)).status is Status.CONFIRMED


def test_a_bound_far_too_small_is_refuted_and_one_in_between_is_left_open():
    """Between the gap seen and T1 at the realised norms nobody knows, and the verdict says so."""
    refuted = check(scaled_bound(Rational(1, 1000), magnitude(alpha=0.5)))
    assert refuted.status is Status.REFUTED
    assert refuted.counterexample["first_violation"]["gap"] > refuted.counterexample["first_violation"]["bound"]
    between = check(scaled_bound(Rational(1, 10), magnitude(alpha=0.5)))
    assert between.status is Status.INCONCLUSIVE
    assert between.points[0].evidence.open > 0
    assert between.points[0].needed is None


@pytest.mark.parametrize("rule", [magnitude(alpha=0.5), random(fraction=0.5)], ids=str)
def test_single_precision_decides_as_double_precision_does(rule):
    for factor, status in ((1, Status.CONFIRMED), (Rational(1, 1000), Status.REFUTED)):
        single, double = (check(scaled_bound(factor, rule), precision=p) for p in ("single", "double"))
        assert single.status is double.status is status
        assert (single.precision, double.precision) == ("single", "double")
        assert "in single precision" in single.method
        seen, other = (v.points[0].evidence.ladder.observed for v in (single, double))
        assert seen != other
        assert seen == pytest.approx(other, rel=1e-3)
    assert check(hoeffding(2), precision="single").precision is None


@pytest.mark.long
@pytest.mark.parametrize("layers", [1, 2, 3])
@pytest.mark.parametrize("precision", ["single", "double"])
def test_a_bound_that_is_attained_is_not_refuted_by_rounding(layers, precision):
    """Weights of ±1/10, in place of which both precisions have a larger number, make every gap the largest one."""
    target = fcn([1] * (layers + 1), weights=rademacher(Rational(1, 10)), activation="identity")
    pruned = prune(target, random(fraction=1))
    for share, wrong in ((0, False), (1e-5, True)):
        bound = Rational(1, 10) ** layers * (1 - Rational(share))
        found = check(theorem(P(gap(target, pruned) > bound) <= Rational(1, 100)), precision=precision)
        assert (found.status is Status.REFUTED) is wrong
        assert (found.points[0].evidence.violations > 0) is wrong


@pytest.mark.parametrize("layers", [1, 2])
def test_a_bound_that_only_rounded_weights_obey_is_not_confirmed(layers):
    """Weights of ±7/10 are smaller in single precision by 1.7e-8 of themselves, the bound by 1e-8."""
    target = fcn([1] * (layers + 1), weights=rademacher(Rational(7, 10)), activation="identity")
    pruned = prune(target, random(fraction=1))
    for excess, confirmed in ((-1e-8, False), (1e-5, True)):
        bound = Rational(7, 10) ** layers * (1 + Rational(excess))
        found = check(theorem(P(gap(target, pruned) > bound) <= Rational(1, 100)), precision="single")
        assert (found.status is Status.CONFIRMED) is confirmed


def test_an_unpruned_layer_costs_nothing():
    one = gap_bound(TARGET, prune(TARGET, [None, None, magnitude(alpha=0.5)]), delta=0.1)
    names = {entry.event for entry in one.derivation.ledger.entries}
    assert names == {"norm of layer 1", "norm of layer 2", "removed norm of layer 3"}


def test_radius_is_not_forgotten():
    pruned = prune(TARGET, random(fraction=0.5))
    bound = gap_bound(TARGET, pruned, delta=delta)
    claim = P(gap(TARGET, pruned, radius=1000) > bound) <= delta
    assert check(theorem(claim, points=POINT)).status is Status.REFUTED


def test_a_hand_written_formula_can_be_checked():
    """Gaussian transport for one layer of which everything is removed (T3b), and the same without √n."""
    layer = fcn([32, 32], weights=uniform(-1, 1))
    pruned = prune(layer, random(fraction=1))
    tail = sqrt(2 * log(1 / delta))
    for width, status in ((2 * sqrt(32), Status.CONFIRMED), (sqrt(32) / 4, Status.REFUTED)):
        claim = P(gap(layer, pruned) > sqrt(2 / pi) * (width + tail) - (0 if width > 6 else 3)) <= delta
        assert check(theorem(claim, points=POINT)).status is status


# The run --------------------------------------------------------------------------------------------------------------


def test_same_seed_same_record_and_another_seed_another_draw():
    claim = scaled_bound(1, random(alpha=0.5))
    first, again, other = (record(replace(check(claim, seed=s), seconds=0.0)) for s in (0, 0, 1))
    assert first == again
    assert first["points"][0]["ladder"]["observed"] != other["points"][0]["ladder"]["observed"]


def test_the_level_is_shared_by_all_theorems_of_a_run():
    claims = [scaled_bound(1, random(alpha=0.5)), scaled_bound(1, magnitude(alpha=0.5))]
    outcome = check_all(claims, level=0.95)
    # Half of it is for refutations, half for confirmations, each shared by the two points.
    assert [p.beta for v in outcome.verdicts for p in v.points] == pytest.approx([0.0125, 0.0125])
    assert [p.beta for claim in claims for p in check(claim, level=0.95).points] == pytest.approx([0.05, 0.05])


def test_too_few_trials_are_inconclusive_and_say_how_many_would_do():
    verdict = check(scaled_bound(1, magnitude(alpha=0.5)), trials=5)
    assert verdict.status is Status.INCONCLUSIVE
    assert verdict.points[0].needed == 44  # the least n with 0.9^n ≤ 0.01


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"trials": 0}, "trials=0"),
        ({"trials": 1.5}, "trials=1.5"),
        ({"level": 1}, "level=1"),
        ({"seed": -1}, "seed=-1"),
        ({"device": "tpu"}, "device='tpu'"),
        ({"precision": "half"}, "precision='half'"),
    ],
)
def test_bad_arguments_are_named(arguments, words):
    with pytest.raises(InvalidArgument, match=words):
        check(hoeffding(2), **arguments)


def wrong_law(monkeypatch, factor):
    """Let exact laws be wrong by a factor, as a mistake in them would."""
    cases = sys.modules["boundcheck.check.cases"]
    known = cases.exact_probability

    def planted(margin, *, strict):
        found = known(margin, strict=strict)
        return None if found is None else type(found)(found.value * factor)

    monkeypatch.setattr(cases, "exact_probability", planted)


def test_a_defect_ends_one_theorem_and_not_the_run(monkeypatch):
    def fails(_, **common):
        raise AttributeError("no such part")

    monkeypatch.setattr(sys.modules["boundcheck.check.run"], "prove_theorem", fails)
    t = real("t", min=0)
    sound, hit = Theorem(claim=P(mean(iid(bernoulli("1/2"), 3)) >= 2) <= 0), Theorem(claim=t <= t**2 + 1, name="hit")
    outcome = check_all([sound, hit])
    assert [verdict.status for verdict in outcome.verdicts] == [Status.PROVED]
    assert outcome.exit_status == 2
    assert re.search(
        r"hit: boundcheck has a defect \(AttributeError: no such part at fails, line \d+\)", *outcome.errors
    )
    with pytest.raises(AttributeError):
        check(hit)


def test_claims_that_an_event_is_likely_are_refuted_in_their_own_words():
    t = real("t", min=0, max=1)
    found = check(Theorem(claim=P(mean(iid(bernoulli("1/2"), 3)) >= t) >= Rational(1, 2)))
    assert found.status is Status.REFUTED
    assert "the exact probability of the opposite event is at least" in found.note
    assert "above what the claim leaves it, 0.5" in found.note


def test_a_mistake_in_an_exact_law_proves_nothing(monkeypatch):
    """P(X = n) = 2^-n: half of it would be below three quarters of it at all n."""
    n = integer("n", min=1, max=6)
    theorem = Theorem(claim=P(sum_of(iid(bernoulli("1/2"), n)) >= n) <= Rational(3, 4) * 2 ** (-n))
    assert check(theorem).status is Status.REFUTED
    wrong_law(monkeypatch, fmpq(1, 2))
    wrong = check(theorem)
    assert wrong.status is Status.INCONCLUSIVE
    assert "independent check does not accept" in wrong.note
