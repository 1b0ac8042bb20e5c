"""The strategies keep their promises, and reach the hard cases that they name."""

import numpy as np
import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st
from statistics_helpers import caught, examples

from boundcheck import Status, check
from boundcheck.statement.laws import Law
from boundcheck.statement.network import Network
from boundcheck.testing import strategies

SHAPES = st.tuples(st.integers(1, 6), st.integers(1, 6))


@examples(60)
@given(st.data(), st.integers(1, 8), strategies.radii())
def test_inputs_lie_in_the_ball(data, dimension, radius):
    along = np.arange(1.0, dimension + 1)
    points = data.draw(strategies.inputs(dimension, radius, 4, aligned=[along]))
    assert points.shape == (4, dimension)
    assert all(strategies.in_ball(point, radius) for point in points)
    assert np.linalg.norm(points[0]) == pytest.approx(radius, rel=1e-14)
    assert abs(points[0] @ along) == pytest.approx(radius * np.linalg.norm(along), rel=1e-12)


def test_the_ball_is_exact():
    """A point one rounding beyond the sphere is outside."""
    point = np.array([0.6, 0.8])  # 0.6 and 0.8 as floats: the exact norm exceeds 1
    assert not strategies.in_ball(point, 1.0)
    assert strategies.in_ball(np.nextafter(point, 0), 1.0)


@examples(60)
@given(SHAPES.flatmap(lambda s: st.tuples(st.just(s), strategies.weight_matrices(s), strategies.masks(s))))
def test_weights_are_finite_and_masks_binary(case):
    shape, weights, mask = case
    assert weights.shape == mask.shape == shape
    assert np.isfinite(weights).all()
    assert ((mask == 0) | (mask == 1)).all()


@pytest.mark.parametrize(
    "feature",
    [
        lambda w: not w.any(),
        lambda w: (w < 0).all(),
        lambda w: np.abs(w).max() > 1e99,
        lambda w: 0 < np.abs(w).max() < 1e-99,
        lambda w: (np.abs(w) > 1e99).sum() == 1 and (np.abs(w) > 0).sum() > 1,
        lambda w: np.abs(w).all() and np.unique(np.abs(w)).size < w.size,
        lambda w: np.linalg.matrix_rank(w) == 1 and np.abs(w).max() < 17 and w[0, 0] != w[1, 1],
    ],
    ids=["zero", "negative", "huge", "tiny", "one huge", "ties", "rank one"],
)
def test_hard_weights_are_reached(feature):
    assert caught(strategies.weight_matrices((3, 4)), lambda w: not feature(w))


@examples(60)
@given(strategies.pruned_networks(3, 5))
def test_rules_fit_their_layers(pruned):
    assert 1 <= pruned.target.depth <= 3
    for i, layer in enumerate(pruned.target.layers):
        assert layer.inputs >= 1
        assert layer.outputs >= 1
        assert 0 <= pruned.removed(i) <= layer.size


def test_networks_shrink_to_the_smallest():
    smallest = find(
        strategies.networks(), lambda n: isinstance(n, Network), settings=settings(derandomize=True, database=None)
    )
    assert str(smallest).startswith("fcn(1-1, uniform(")


@examples(60)
@given(st.data(), st.sampled_from([None, (0, 1), (-2, 3)]))
def test_scalar_laws_have_facts_and_lie_between_the_ends(data, ends):
    law = data.draw(strategies.scalar_laws(*(ends or (None, None))))
    assert isinstance(law, Law)
    assert not law.parameters
    assert law.variance >= 0
    assert law.at({}) == law
    if ends is not None:
        assert ends[0] <= law.support[0] <= law.mean <= law.support[1] <= ends[1]


@examples(60)
@given(strategies.samples(max_size=5))
def test_samples_are_small_and_concrete(sample):
    assert 1 <= sample.size <= 5
    assert len(sample.laws) in (1, sample.size)
    assert not sample.parameters


@pytest.mark.parametrize("label", ["bernoulli", "beta", "constant", "uniform", "discrete"])
def test_laws_on_the_unit_interval_are_reached(label):
    assert caught(strategies.scalar_laws(0, 1), lambda law: not str(law).startswith(label))


@pytest.mark.parametrize("label", ["normal", "exponential", "gamma", "poisson", "rademacher"])
def test_unbounded_laws_are_reached(label):
    assert caught(strategies.scalar_laws(), lambda law: not str(law).startswith(label))


@examples(40)
@given(strategies.true_tail_theorems(12))
def test_true_theorems_have_a_point_and_a_probability(theorem):
    [point] = theorem.points
    assert theorem.holds_at(point)
    assert theorem.tail.claimed.xreplace(dict(point)) >= 0


@examples(15)
@given(strategies.true_tail_theorems(4))
def test_true_theorems_are_not_refuted(theorem):
    assert check(theorem, trials=200).status is not Status.REFUTED
