"""Networks with biases, from their draws to verdicts: true bounds are confirmed, those that forget biases refuted."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from sympy import Rational

from boundcheck import (
    P,
    Theorem,
    average_pool,
    check,
    cnn,
    conv,
    dense,
    fcn,
    flatten,
    gap,
    gap_bound,
    magnitude,
    normal,
    prune,
    random,
    real,
    scaled,
    uniform,
)
from boundcheck.check.ablation.run import ablate
from boundcheck.check.draw import draw_network
from boundcheck.experiment.measure import measure_network
from boundcheck.experiment.plan import network_plan
from boundcheck.kernels import network_cpu
from boundcheck.statement.spec import parse_rule
from boundcheck.verdict.ablation import Finding
from boundcheck.verdict.decide import Status

DELTA = real("delta", min=0, max=1, exclude_min=True, exclude_max=True)
W = scaled(uniform(-1, 1))
MASKS = parse_rule("bernoulli:fraction=0.2")
NETWORKS = {
    "fcn": fcn(
        [12, 16, 16, 5], weights=W, biases=[normal(0, 2), uniform(0, 1), normal(0, 1)], activation="leaky_relu:-2"
    ),
    "cnn": cnn(
        (2, 5, 5),
        [
            conv(2, 4, 3, weights=W, bias=normal(0, 1), padding="same", activation="relu"),
            average_pool(2, stride=1, padding=1),
            conv(4, 3, 2, weights=W, bias=uniform(-2, 2), stride=2, activation="tanh"),
            flatten(),
            dense(27, 4, weights=W),
        ],
    ),
}


def verdict(target, rule, bound=None, factor=1, **options):
    pruned = prune(target, rule)
    bound = gap_bound(target, pruned, delta=DELTA) if bound is None else bound
    return check(Theorem(claim=P(gap(target, pruned) > factor * bound) <= DELTA, points=[{"delta": "1/4"}]), **options)


@pytest.mark.long
@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("rule", [magnitude(fraction="1/5"), random(fraction="1/5"), MASKS], ids=str)
@pytest.mark.parametrize("precision", ["double", "single"])
def test_derived_bounds_are_confirmed(name, rule, precision):
    """Wrong with probability at most 0.01 over the seed, which is fixed."""
    found = verdict(NETWORKS[name], rule, precision=precision)
    assert found.status is Status.CONFIRMED
    ladder = found.points[0].evidence.ladder
    assert 0 < ladder.observed <= ladder.certificate <= ladder.bound
    assert rule.independent or not found.points[0].evidence.vacuous


def test_bounds_that_forget_biases_are_refuted():
    """The same network without biases has a far smaller bound; so has one with a hundredth of them."""
    target = fcn([12, 16, 5], weights=W, biases=normal(0, 10))
    rule = [None, random(fraction="1/5")]
    for less in (None, normal(0, "1/10")):
        other = fcn([12, 16, 5], weights=W, biases=less)
        found = verdict(target, rule, gap_bound(other, prune(other, rule), delta=DELTA))
        assert found.status is Status.REFUTED


def test_biases_after_the_last_pruned_layer_cancel():
    """The gap of one layer is the norm of what is removed, which is known from both sides."""
    target = fcn([9, 7], weights=uniform(-1, 1), biases=normal(0, 1000))
    assert verdict(target, random(fraction="1/3")).status is Status.CONFIRMED
    assert verdict(target, random(fraction="1/3"), factor=Rational(1, 10)).status is Status.REFUTED


def test_draws_are_those_of_trials():
    pruned = prune(NETWORKS["fcn"], random(fraction="1/5"))
    plan = network_plan(pruned, 1.0, key=5)
    seen = measure_network(plan, 3)
    drawn = network_cpu.network_draws(
        plan.key, [0, 1, 2], plan.steps, plan.laws, plan.law_parameters, plan.rules, plan.removed,
        bias_laws=plan.bias_laws, bias_parameters=plan.bias_parameters,
    )  # fmt: skip
    parts = np.split(drawn.biases, [16, 32], axis=1)
    norms = np.stack([np.linalg.norm(part, axis=1) for part in parts], axis=1)
    assert (norms <= seen.biases).all()
    assert norms == pytest.approx(seen.biases, rel=1e-12)
    # A longer run has the same first trials.
    assert np.array_equal(measure_network(plan, 2).gap, seen.gap[:2])
    assert np.array_equal(measure_network(plan, 2).biases, seen.biases[:2])


def test_draws_have_the_laws_of_biases():
    """Kolmogorov–Smirnov at level 1e-6, the seed fixed: a sound generator would fail with probability 2e-6."""
    target = fcn([1, 3000, 3000, 1], weights=W, biases=[normal(0, 2), uniform(0, 1), None])
    drawn = draw_network(target, seed=1)
    assert [None if b is None else b.shape for b in drawn.biases] == [(3000,), (3000,), None]
    assert stats.kstest(drawn.biases[0], stats.norm(0, 2).cdf).pvalue > 1e-6
    assert stats.kstest(drawn.biases[1], stats.uniform(0, 1).cdf).pvalue > 1e-6
    assert abs(np.corrcoef(drawn.biases[0], drawn.weights[0].ravel())[0, 1]) < 6 / np.sqrt(3000)


def test_hypotheses_of_networks_with_biases_are_dropped():
    """The control keeps them all and shows no violation; larger tails of weights do."""
    target = fcn([16, 16, 16], weights=W, biases=normal(0, 1))
    pruned = prune(target, random(fraction="1/10"))
    claim = P(gap(target, pruned) > gap_bound(target, pruned, delta=DELTA)) <= DELTA
    control, *others = ablate(Theorem(claim=claim, name="biased", points=[{"delta": "1/20"}]))
    assert control.status is not Finding.NEEDED
    assert {a.hypothesis: a.status for a in others}["bounded weights"] is Finding.NEEDED


def test_gaps_at_inputs_that_were_searched_for_exceed_those_of_samples():
    target = NETWORKS["fcn"]
    closer = verdict(target, random(fraction="1/5")).points[0].evidence.closer
    assert closer.climbed > closer.sampled
    assert closer.certificate == closer.recursion  # the sharper certificates leave biases out
