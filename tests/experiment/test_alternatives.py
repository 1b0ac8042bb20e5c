"""Each alternative breaks what it says and keeps the rest: laws, masks, magnitudes.

False alarms: comparisons with laws are those of `statistics_helpers`, at most 1e-10 each; the others are exact.
"""

import math

import naive
import numpy as np
import pytest
from scipy import stats
from statistics_helpers import follows
from sympy import Rational

from boundcheck import (
    bernoulli,
    fcn,
    filters,
    leaky_relu,
    magnitude,
    normal,
    prune,
    rademacher,
    random,
    random_filters,
    truncated_normal,
    two_point,
    uniform,
)
from boundcheck.experiment import alternatives as a
from boundcheck.statement.laws import exponential

LAWS = {
    "uniform": (uniform(-2, 2), stats.uniform(-2, 4).cdf),
    "normal": (normal(0, 3), stats.norm(0, 3).cdf),
    "truncated": (truncated_normal(1, "3/2"), stats.truncnorm(-1.5, 1.5).cdf),
    "exponential": (exponential(2), stats.expon(scale=0.5).cdf),
}


def draws(law=None, rule=None, removed=0, trials=200, widths=(6, 4)):
    layer = fcn(list(widths), weights=law or uniform(-2, 2)).layers[0]
    return a.LayerDraws(12, range(trials), 0, layer, removed, rule)


@pytest.mark.parametrize("name", LAWS)
def test_weights_have_their_law(name):
    law, distribution = LAWS[name]
    assert follows(draws(law).weights, distribution)


def test_two_values_have_their_probability():
    """Six standard deviations: wrong with probability at most 1e-8."""
    weights = draws(two_point(-1, 3, Rational(1, 4))).weights
    assert set(np.unique(weights)) == {-1.0, 3.0}
    n = weights.size
    assert abs((weights == 3).sum() - n / 4) < 6 * math.sqrt(n * 3 / 16)


@pytest.mark.parametrize("name", LAWS)
def test_dependent_weights_have_the_same_law_each(name):
    law, distribution = LAWS[name]
    weights = a.dependent(draws(law, trials=3000))
    for place in (0, 7, 23):
        assert follows(weights[:, place], distribution)
    assert len(np.unique(np.abs(weights[0]))) == 1
    signs = np.sign(weights[0].reshape(4, 6) / weights[0, 0])
    expected = [1, -1, 1, -1] if law.symmetric else [1, 1, 1, 1]
    assert (signs == np.array(expected)[:, None]).all()


@pytest.mark.parametrize("name", ["uniform", "normal", "truncated"])
def test_skewed_weights_have_mean_0_and_the_same_moduli(name):
    law, distribution = LAWS[name]
    drawn = draws(law, trials=4000)
    skewed = a.skewed(drawn)
    assert np.array_equal(np.abs(skewed), np.abs(drawn.weights))
    level = a.balance(law)
    # Six standard deviations of the mean: wrong with probability at most 1e-8.
    assert abs(skewed.mean()) < 6 * skewed.std() / math.sqrt(skewed.size)
    assert (skewed[np.abs(skewed) > level] > 0).all()
    assert (skewed[np.abs(skewed) < level] < 0).all()
    assert follows(np.abs(skewed), lambda x: distribution(x) - distribution(-x))


def test_laws_with_atoms_have_no_balance():
    assert a.balance(rademacher(2)) is None
    assert a.balance(uniform(0, 1)) is None
    assert np.array_equal(a.moduli(draws(rademacher(2))), np.full((200, 24), 2.0))


def test_large_weights():
    """Six standard deviations: wrong with probability at most 1e-8 each."""
    drawn = draws(trials=2000)
    factor = a.spiked(drawn, bounded=True) / drawn.weights
    share = (factor > 2).mean()
    assert ((factor == 1) | np.isclose(factor, a.SPIKE)).all()
    assert abs(share - 1 / a.SPIKES) < 6 * math.sqrt(0.09 / factor.size)
    squares = (a.spiked_with_variance(drawn) / drawn.weights) ** 2
    values = np.unique(squares.round(9))
    assert values[0] == 0.5
    q = 1 / 12  # two for each of the six channels on the larger side
    assert values[1] == pytest.approx((1 + q) / (2 * q))
    assert abs((squares > 1).mean() - q) < 6 * math.sqrt(q / squares.size)
    assert (1 - q) * values[0] + q * values[1] == pytest.approx(1, rel=1e-8)


RULES = {
    "magnitude": magnitude(count=7),
    "random": random(count=7),
    "filters": filters(count=2),
    "random filters": random_filters(count=2),
}


@pytest.mark.parametrize("name", RULES)
def test_masks_remove_what_the_rule_says(name):
    rule = RULES[name]
    layer = fcn([6, 4], weights=uniform(-2, 2)).layers[0]
    drawn = draws(rule=rule, removed=int(rule.count(layer)))
    weights = drawn.weights
    for mask in (drawn.removes(weights), drawn.removes_worst(weights)):
        assert (mask.sum(axis=1) == drawn.removed).all()
    mask, worst = drawn.removes(weights), drawn.removes_worst(weights)
    for w, flags in zip(weights[:20], mask, strict=False):
        if name == "magnitude":
            assert flags.tolist() == [bool(f) for f in naive.remove_smallest([abs(v) for v in w], 7)]
        if name == "filters":
            squares = [(w[i * 6 : i * 6 + 6] ** 2).sum() for i in range(4)]
            assert flags.reshape(4, 6)[:, 0].tolist() == [bool(f) for f in naive.remove_smallest(squares, 2)]
    if name.startswith("random"):
        # The same masks whatever the weights are.
        assert np.array_equal(mask, drawn.removes(-weights[::-1]))
    if rule.structured:
        kept = weights.reshape(200, 4, 6).sum(axis=2)
        gone = worst.reshape(200, 4, 6)[:, :, 0]
        assert (np.where(gone, kept, np.inf).min(axis=1) >= np.where(gone, -np.inf, kept).max(axis=1)).all()
    else:
        assert np.where(worst, weights, np.inf).min(axis=1).mean() > 0.3


def test_masks_of_independent_bits():
    """Six standard deviations: wrong with probability at most 1e-8."""
    rule = prune(fcn([6, 4], weights=uniform(-2, 2)), bernoulli("1/4")).rules[0]
    drawn = draws(trials=2000, rule=rule, removed=6)
    mask, worst = drawn.removes(drawn.weights), drawn.removes_worst(drawn.weights)
    assert np.array_equal(mask, drawn.removes(-drawn.weights))
    assert abs(mask.mean() - 0.25) < 6 * math.sqrt(3 / 16 / mask.size)
    assert len(set(mask.sum(axis=1))) > 5
    assert (worst.sum(axis=1) == 6).all()


def test_ties_go_by_index():
    assert a.smallest(np.array([[1.0, 1.0, 0.0, 1.0]]), 3).tolist() == [[True, True, True, False]]


def test_the_draws_of_a_trial_do_not_depend_on_the_others(monkeypatch):
    target = fcn(
        [5, 8, 8, 3], weights=[uniform(-1, 1), normal(0, 1), rademacher(1)], activation=["relu", leaky_relu(2)]
    )
    pruned = prune(target, magnitude(fraction=Rational(1, 3)))
    [whole] = a.altered_trials(pruned, a.World(), 30, radius=2.0, key=9)
    assert len(np.unique(whole.gap)) == 30
    monkeypatch.setattr(a, "_BATCH", 700)
    parts = list(a.altered_trials(pruned, a.World(), 30, radius=2.0, key=9))
    assert [part.first for part in parts] == [0, 3, 6, 9, 12, 15, 18, 21, 24, 27]
    for name in ("gap", "absolute"):
        joined = np.concatenate([getattr(part, name) for part in parts])
        assert joined == pytest.approx(getattr(whole, name), rel=1e-9)


def test_inputs_lie_in_the_ball_and_ascents_reach_the_norm_of_one_layer():
    target = fcn([12, 9], weights=uniform(-1, 1))
    pruned = prune(target, random(count=40))
    [seen] = a.altered_trials(pruned, a.World(), 5, radius=3.0, key=1)
    for trial in range(5):
        drawn = a.LayerDraws(1, range(trial, trial + 1), 0, target.layers[0], 40, pruned.rules[0])
        removed = np.where(drawn.removes(drawn.weights), drawn.weights, 0.0).reshape(9, 12)
        norm = np.linalg.norm(removed, 2)
        assert 0.9 * norm < seen.gap[trial] / 3 < norm
