"""Dropped hypotheses: those that a bound needs are found, and nothing is found where the claim still holds.

False alarms: a claim that holds is called violated with probability at most 1 - level = 0.01 over the seed, which is
fixed, for all that one call of ablate decides.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sympy import Rational, exp, log, sinh, sqrt

from boundcheck import (
    E,
    P,
    Theorem,
    average_pool,
    bounded,
    bounded_differences,
    centred,
    cnn,
    conv,
    dense,
    fcn,
    filters,
    flatten,
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
    random_matrix,
    real,
    scaled,
    spectral_norm,
    sum_of,
    two_point,
    uniform,
    without_replacement,
)
from boundcheck.check import ablate
from boundcheck.check.ablation import networks
from boundcheck.check.ablation.networks import hypotheses
from boundcheck.errors import InvalidArgument
from boundcheck.experiment import alternatives
from boundcheck.experiment.alternatives import World, altered_trials
from boundcheck.verdict.ablation import CONTROL, Counted, Finding, ablation_of_counts

DELTA = real("delta", min=0, max=1, exclude_min=True, exclude_max=True)
POINTS = [{"delta": "1/20"}]
W = scaled(uniform(-1, 1))
NEEDED, NOT_FOUND, NOT_TRIED = Finding.NEEDED, Finding.NOT_FOUND, Finding.NOT_TRIED


def claim(target, pruned, factor=1, bound=None, **options):
    bound = gap_bound(target, pruned, delta=DELTA, **options) if bound is None else bound
    theorem = Theorem(claim=P(gap(target, pruned, **options) > factor * bound) <= DELTA, points=POINTS)
    return replace(theorem, name="claim")


def found(theorem, **options):
    items = ablate(theorem, **options)
    assert len({item.hypothesis for item in items}) == len(items)
    return {item.hypothesis: item for item in items}


def statuses(theorem, **options):
    return {name: item.status for name, item in found(theorem, **options).items()}


TARGET = fcn([128, 128, 128], weights=W)
MAGNITUDE = prune(TARGET, magnitude(fraction=Rational(1, 4)))
RANDOM = prune(TARGET, random(fraction=Rational(1, 2)))
SMALL = fcn([24, 24, 24], weights=W)
HALF_OF_ALL = Rational(1, 2)
HALF = prune(SMALL, random(fraction=Rational(1, 2)))


def test_what_the_bound_for_magnitude_pruning_needs():
    assert statuses(claim(TARGET, MAGNITUDE)) == {
        CONTROL: NOT_FOUND,
        "independent weights": NEEDED,
        "symmetric weights": NEEDED,
        "symmetry beyond mean 0": NOT_FOUND,
        "bounded weights": NEEDED,
        "tails beyond variance": NOT_FOUND,
        "Lipschitz activation": NEEDED,
        "activation fixes 0": NEEDED,
        "smallest are removed": NEEDED,
    }


def test_what_the_bound_for_random_pruning_needs():
    assert statuses(claim(TARGET, RANDOM)) == {
        CONTROL: NOT_FOUND,
        "independent weights": NEEDED,
        "symmetric weights": NEEDED,
        "symmetry beyond mean 0": NOT_FOUND,
        "bounded weights": NEEDED,
        "tails beyond variance": NEEDED,
        "Lipschitz activation": NEEDED,
        "activation fixes 0": NEEDED,
        "mask independent of weights": NEEDED,
    }


CNN = cnn(
    (3, 6, 6),
    [
        conv(3, 12, 3, padding="same", padding_mode="circular", weights=W),
        average_pool(2),
        conv(12, 12, 3, padding="same", weights=W),
        flatten(),
        dense(108, 4, weights=W),
    ],
)


@pytest.mark.parametrize("rule", [magnitude(fraction=Rational(1, 2)), random(fraction=Rational(1, 2))])
def test_convolutional_networks(rule):
    seen = statuses(claim(CNN, prune(CNN, rule)))
    needed = {name for name, status in seen.items() if status is NEEDED}
    assert needed == {
        "independent weights",
        "symmetric weights",
        "bounded weights",
        "Lipschitz activation",
        "activation fixes 0",
    }


CONVOLUTION = cnn((16, 6, 6), [conv(16, 16, 3, padding="same", padding_mode="circular", weights=uniform(-1, 1))])


def test_one_convolution_has_no_activation_and_its_gap_is_a_norm():
    seen = found(claim(CONVOLUTION, prune(CONVOLUTION, random(fraction=Rational(1, 2)))))
    assert {name: item.status for name, item in seen.items()} == {
        CONTROL: NOT_FOUND,
        "independent weights": NEEDED,
        "symmetric weights": NEEDED,
        "symmetry beyond mean 0": NOT_FOUND,
        "bounded weights": NEEDED,
        "tails beyond variance": NEEDED,
        "mask independent of weights": NEEDED,
    }
    assert 0.3 < seen[CONTROL].largest < 1


def test_mean_0_is_not_enough_where_the_smallest_are_removed():
    """With mean 0 the small weights may still have one sign; a bound on large ones is not needed, as those stay."""
    seen = statuses(claim(CONVOLUTION, prune(CONVOLUTION, magnitude(fraction=Rational(1, 2)))))
    assert seen == {
        CONTROL: NOT_FOUND,
        "independent weights": NEEDED,
        "symmetric weights": NEEDED,
        "symmetry beyond mean 0": NEEDED,
        "bounded weights": NOT_FOUND,
        "tails beyond variance": NOT_FOUND,
        "smallest are removed": NEEDED,
    }


def test_a_shift_of_activations_cancels_where_only_the_first_layer_is_pruned():
    pruned = prune(TARGET, [random(fraction=Rational(1, 2)), None])
    item = found(claim(TARGET, pruned))["activation fixes 0"]
    assert item.status is NOT_FOUND
    assert item.violations == 0


def test_a_bound_that_every_law_and_mask_meets_needs_none_of_that():
    """‖W_i‖ ≤ ‖W_i‖_F ≤ √(mn) a for weights bounded by a = 1, so that gap ≤ 2 · (6 · 6)^(2/2) · 6."""
    target = fcn([6, 6, 6], weights=uniform(-1, 1))
    pruned = prune(target, random(fraction=Rational(1, 2)))
    seen = statuses(claim(target, pruned, bound=Rational(2 * 36)))
    needed = {name for name, status in seen.items() if status is NEEDED}
    assert needed == {"bounded weights", "Lipschitz activation", "activation fixes 0"}


def test_a_bound_that_is_never_reached_needs_nothing():
    seen = statuses(claim(SMALL, HALF, bound=Rational(10) ** 30))
    assert set(seen.values()) == {NOT_FOUND}


def test_what_an_ablation_shows():
    item = found(claim(SMALL, HALF), trials=60, seed=3)["activation fixes 0"]
    assert item.trials == item.violations == 60
    assert item.claimed == 0.05
    assert item.observed == 1.0
    assert item.limit_low > 0.8
    assert item.largest > 1
    assert item.parameters == {"delta": "1/20"}
    assert item.example["trial"] == 0
    assert item.example["gap"] > item.example["bound"]
    again = found(claim(SMALL, HALF), trials=60, seed=3)["activation fixes 0"]
    assert again.violations == 60
    assert again.largest == pytest.approx(item.largest, rel=1e-9)


def test_a_planted_alternative_that_breaks_nothing_is_not_reported(monkeypatch):
    monkeypatch.setattr(networks, "dependent", alternatives._as_assumed)
    seen = found(claim(SMALL, HALF))
    assert seen["independent weights"].status is NOT_FOUND
    assert seen["independent weights"].violations == 0
    assert seen["independent weights"].largest == seen[CONTROL].largest


def test_a_runner_that_breaks_the_control_is_noticed(monkeypatch):
    """Planted: weights twice as large as the theorem says, for which its bound is too small."""
    monkeypatch.setattr(alternatives.LayerDraws, "weights", property(lambda self: 100 * self.shared + 0 * self.marks))
    seen = found(claim(SMALL, HALF))
    assert seen.pop(CONTROL).status is NEEDED
    assert {item.status for item in seen.values()} == {NOT_TRIED}
    assert {item.note for item in seen.values()} == {
        "the theorem itself is violated, so that nothing is learnt by dropping this"
    }


def test_a_false_bound_says_nothing_about_hypotheses():
    seen = statuses(claim(SMALL, HALF, factor=Rational(1, 1000)))
    assert seen.pop(CONTROL) is NEEDED
    assert set(seen.values()) == {NOT_TRIED}


def test_what_removes_nothing_has_no_gap():
    pruned = prune(SMALL, [magnitude(count=0), magnitude(count=0)])
    theorem = Theorem(claim=P(gap(SMALL, pruned) > 0) <= DELTA, points=POINTS)
    seen = statuses(theorem)
    assert set(seen.values()) == {NOT_FOUND}
    assert "smallest are removed" not in seen


def test_relations_of_a_theorem_about_a_network():
    delta = DELTA
    theorem = replace(claim(SMALL, HALF), hypotheses=[delta <= Rational(1, 10), "the inputs are images"])
    seen = found(theorem)
    assert seen["delta <= 1/10"].status is NOT_FOUND  # the bound holds there as well
    assert seen["delta <= 1/10"].alternative == "delta > 1/10 instead"
    assert seen["the inputs are images"].status is NOT_TRIED
    assert seen["activation fixes 0"].status is NEEDED
    assert list(seen).count(CONTROL) == 1


def test_hypotheses_follow_from_the_network():
    signs = fcn([4, 4, 4], weights=rademacher(1), activation="identity")
    listed = dict(hypotheses(prune(signs, filters(count=1))))
    assert "activation fixes 0" not in listed
    assert listed["symmetry beyond mean 0"] == "the law of |w| has atoms, which leave no such law with that of |w|"
    assert listed["smallest are removed"].words == "filters of largest sum are removed"
    gaussian = fcn([4, 4], weights=normal(0, 1))
    assert "light tails" in dict(hypotheses(prune(gaussian, random(count=1))))
    assert "bounded weights" not in dict(hypotheses(prune(gaussian, random(count=1))))
    everything = dict(hypotheses(prune(gaussian, random(count=16))))
    assert "mask independent of weights" not in everything
    item = found(claim(signs, prune(signs, random(count=3))))["symmetry beyond mean 0"]
    assert (item.status, item.note) == (NOT_TRIED, listed["symmetry beyond mean 0"])


def test_an_alternative_leaves_laws_alone_of_which_the_hypothesis_is_not_made():
    """The second layer, whose weights are never positive, kills everything whatever the others are: the gap is 0."""
    laws = [uniform(-1, 1), two_point(-1, 0, HALF_OF_ALL), uniform(-1, 1)]
    target = fcn([8] * 4, weights=laws, activation="relu")
    seen = statuses(claim(target, prune(target, magnitude(fraction=Rational(1, 4))), bound=0))
    assert seen["symmetric weights"] is NOT_FOUND
    assert seen["symmetry beyond mean 0"] is NOT_FOUND


def test_masks_of_each_kind_of_rule_are_dropped_by_themselves():
    """A hypothesis about one layer's mask is not blamed for what another layer's does."""
    target = fcn([32] * 3, weights=W)
    mixed = prune(target, [magnitude(count=1), random(fraction=Rational(1, 4))])
    listed = dict(hypotheses(mixed))
    assert {"mask independent of weights", "smallest are removed"} <= set(listed)
    exact = prune(target, [magnitude(count=1), None])
    key = 5
    both = next(altered_trials(mixed, listed["smallest are removed"], 3, radius=1.0, key=key)).gap
    control = next(altered_trials(mixed, World(), 3, radius=1.0, key=key)).gap
    first = next(altered_trials(exact, listed["smallest are removed"], 3, radius=1.0, key=key)).gap
    assert (np.abs(both - control) <= 2 * first + 1e-6).all()


def test_bounds_and_tails_are_dropped_apart():
    target = fcn([4, 4, 4], weights=[uniform(-1, 1), normal(0, 1)])
    listed = dict(hypotheses(prune(target, magnitude(count=1))))
    assert {"bounded weights", "light tails"} <= set(listed)


# Samples --------------------------------------------------------------------------------------------------
n = integer("n", min=1, max=200)
t = real("t", min=0, max=1)
HOEFFDING = Theorem(
    claim=P(mean(iid(bounded(0, 1), n)) - E(mean(iid(bounded(0, 1), n))) >= t) <= exp(-2 * n * t**2), name="hoeffding"
)


def test_hoeffding_needs_independence_and_boundedness():
    seen = found(HOEFFDING)
    assert {name: item.status for name, item in seen.items()} == {
        CONTROL: NOT_FOUND,
        "independence": NEEDED,
        "boundedness": NEEDED,
        "boundedness beyond variance": NEEDED,
    }
    item = seen["independence"]
    assert item.beta is None  # by the exact law
    assert item.trials == 0
    assert item.limit_low > item.claimed
    # All variables equal: the probability is at most that of one variable at its mean.
    assert item.observed <= 1


def test_a_union_bound_needs_no_independence():
    X = iid(normal(0, 1), n)
    u = real("u", min=0, max=6)
    theorem = Theorem(claim=P(maximum(X) >= u) <= n * exp(-(u**2) / 2), name="union")
    seen = statuses(theorem)
    assert seen[CONTROL] is NOT_FOUND
    assert seen["independence"] is NOT_FOUND
    assert seen["the law beyond its variance"] is NEEDED


def test_variances_add_up_under_independence_only():
    X = iid(uniform(-1, 1), n)
    theorem = Theorem(claim=E(sum_of(X) ** 2) <= n / 3, name="variance")
    seen = statuses(theorem)
    assert seen == {
        CONTROL: NOT_FOUND,
        "independence": NEEDED,
        "symmetry": NEEDED,
        "symmetry and tails beyond variance": NOT_FOUND,
        "the law beyond its variance": NOT_FOUND,
    }


def test_a_bound_by_the_variance_needs_no_more():
    X = iid(bounded(0, 1), n)
    r = real("r", min=0, exclude_min=True)
    theorem = Theorem(claim=P(mean(X) - E(mean(X)) >= r) <= 1 / (4 * n * r**2), name="by_variance")
    seen = statuses(theorem)
    assert seen == {
        CONTROL: NOT_FOUND,
        "independence": NEEDED,
        "boundedness": NEEDED,
        "boundedness beyond variance": NOT_FOUND,
    }


def test_chebyshev_needs_the_variance_and_no_more():
    X = iid(centred(upper=1, variance=Rational(1, 4)), n)
    r = real("r", min=0, exclude_min=True)
    theorem = Theorem(claim=P(mean(X) >= r) <= 1 / (4 * n * r**2), name="chebyshev")
    seen = statuses(theorem)
    assert seen == {
        CONTROL: NOT_FOUND,
        "independence": NEEDED,
        "upper bound": NOT_FOUND,
        "bound on the variance": NEEDED,
        "mean 0": NEEDED,
    }


def test_norms_of_matrices():
    A = random_matrix(rademacher(1), 16, 16)
    theorem = Theorem(claim=E(spectral_norm(A)) <= sqrt(32 * log(32)), name="signs")
    seen = statuses(theorem)
    assert seen == {
        CONTROL: NOT_FOUND,
        "independence": NEEDED,
        "symmetry": NEEDED,
        "symmetry beyond mean 0": NOT_FOUND,
    }


def test_a_relation_is_dropped_where_it_fails():
    x = real("x", min=0, max=4)
    theorem = Theorem(claim=x**2 <= x, hypotheses=[x <= 1, "x is a length"], name="relation")
    seen = found(theorem)
    assert seen["x <= 1"].status is NEEDED
    assert seen["x <= 1"].alternative == "x > 1 instead"
    assert (seen["x is a length"].status, seen["x is a length"].note) == (NOT_TRIED, "it is stated in words")
    wide = Theorem(claim=sinh(x) >= x, hypotheses=[x <= 1], name="wide")
    assert statuses(wide) == {CONTROL: NOT_FOUND, "x <= 1": NOT_FOUND}


def test_what_cannot_be_dropped_says_so():
    assert ablate(Theorem(claim=sinh(t) >= t, name="numbers")) == ()
    f = bounded_differences(n, 1)
    [item] = ablate(Theorem(claim=P(f - E(f) >= t) <= exp(-2 * t**2 / n), name="differences"))
    assert (item.status, item.note) == (NOT_TRIED, "the members at which it is tested all satisfy it")
    X = without_replacement(bounded(0, 1), population=10, drawn=4)
    [item] = ablate(Theorem(claim=P(mean(X) - E(mean(X)) >= t) <= exp(-8 * t**2), name="serfling"))
    assert (item.status, item.note) == (NOT_TRIED, "there is no other sample with its laws here")
    Y = independent(bounded(0, 1), bounded(0, 2))
    u = real("u", min=0, max=3)
    seen = found(Theorem(claim=P(sum_of(Y) - E(sum_of(Y)) >= u) <= exp(-2 * u**2 / 5), name="two"))
    assert seen["independence"].status is NOT_TRIED
    for law in ("bounded(0, 1)", "bounded(0, 2)"):
        item = seen[f"boundedness ({law})"]
        assert item.status is NEEDED
        assert law not in item.law


def test_arguments():
    with pytest.raises(InvalidArgument, match="trials=0 is not a number of trials"):
        ablate(HOEFFDING, trials=0)
    with pytest.raises(InvalidArgument, match="theorem=3 is not a theorem"):
        ablate(3)


def test_true_claims_are_rarely_called_violated():
    """The control of a claim that is as tight as can be: a rate of δ, over 400 seeds.

    A limit fails with probability at most 0.05, so that more than 40 of 400 do with probability at most 4e-5.
    """
    rng = np.random.default_rng(11)
    counts = rng.binomial(100, 0.05, size=400)
    called = [
        ablation_of_counts(
            "h",
            "a",
            [Counted(parameters={}, law=None, claimed=0.05, trials=100, violations=int(k), largest=1.0)],
            0.05,
        ).status
        is NEEDED
        for k in counts
    ]
    assert sum(called) <= 40
