"""The strategies keep their promises, and reach the hard cases that they name."""

import itertools

import numpy as np
import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st
from statistics_helpers import caught, examples

from boundcheck import P, Status, Theorem, bounded, check, iid, integer, mean, real
from boundcheck.errors import InvalidArgument
from boundcheck.statement.domain import exact
from boundcheck.statement.laws import Law
from boundcheck.statement.network import Network
from boundcheck.statement.pruning import BERNOULLI
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


def smallest(strategy, wanted=lambda _: True):
    return find(strategy, wanted, settings=settings(derandomize=True, database=None, deadline=None))


def test_networks_shrink_to_the_smallest():
    assert str(smallest(strategies.networks(), lambda n: isinstance(n, Network))).startswith("fcn(1-1, uniform(")
    assert str(smallest(strategies.convolutional_networks())).startswith("fcn(1-1, uniform(")
    deep = smallest(strategies.networks(activation="relu"), lambda n: n.depth == 3)
    assert str(deep) == "fcn(1-1-1-1, uniform(-1/16, 1/16), relu)"


def test_pruned_and_drawn_networks_shrink_to_one_weight():
    loses = strategies.pruned_networks()
    found = smallest(loses, lambda p: any(p.removed(i) > 0 for i in range(p.target.depth)))
    assert str(found) == "prune(fcn(1-1, uniform(-1/16, 1/16)), magnitude(count=1))"
    drawn = smallest(strategies.drawn_networks(loses), lambda d: any(mask.any() for mask in d.masks))
    assert repr(drawn) == f"draw_network({found}, seed=0)"


def test_seeds_shrink_to_0():
    assert smallest(strategies.seeds()) == 0
    assert smallest(strategies.seeds(), lambda seed: seed > 1000) == 1001


@examples(60)
@given(strategies.drawn_networks(strategies.pruned_networks(3, 5)))
def test_drawn_networks_have_the_shapes_of_their_layers(drawn):
    for i, (layer, weights, mask) in enumerate(zip(drawn.target.layers, drawn.weights, drawn.masks, strict=True)):
        assert weights.shape == mask.shape
        assert weights.shape[:2] == (layer.outputs, layer.inputs)
        assert weights.size == layer.size
        rule = drawn.pruned.rules[i]
        if rule is not None and rule.kind == BERNOULLI and 0 < rule.amount < 1:
            continue  # as many as the draw says
        assert int(mask.sum()) == drawn.pruned.removed(i)


@examples(40)
@given(strategies.convolutional_networks().flatmap(lambda n: st.tuples(st.just(n), strategies.weights(n.layers[0]))))
def test_weights_have_the_shape_of_their_layer(case):
    network, weights = case
    layer = network.layers[0]
    assert weights.size == layer.size
    assert weights.shape[:2] == (layer.outputs, layer.inputs)


# Points ---------------------------------------------------------------------------------------------------------------

PARAMETERS = {
    "closed": real("t", min=0, max=1),
    "open": real("t", min=0, max=1, exclude_min=True, exclude_max=True),
    "irrational": real("t", min=exact("min", 2) ** exact("power", "1/2"), max=2, exclude_min=True),
    "narrow": real("t", min="1/1000000007", max="1/1000000005"),
    "above": real("t", min=2),
    "below": real("t", max=-2, exclude_max=True),
    "line": real("t"),
    "one": real("t", min=3, max=3),
    "integers": integer("n", min=1, max=9),
    "integers above": integer("n", min=5),
    "integers below": integer("n", max=-5),
    "all integers": integer("n"),
}


@pytest.mark.parametrize("name", PARAMETERS)
def test_values_are_exact_and_in_the_domain(name):
    parameter = PARAMETERS[name]

    @examples(60)
    @given(strategies.values(parameter))
    def check(value):
        assert value in parameter.domain
        assert not value.is_Float

    check()
    domain = parameter.domain
    for end in (domain.low, domain.high):
        if end in domain:
            assert caught(strategies.values(parameter), lambda value, end=end: value != end)
    if not domain.integer and domain.low.is_finite and domain.low != domain.high:
        near = (domain.high - domain.low if domain.high.is_finite else 1) * exact("near", "1e-6")
        assert caught(strategies.values(parameter), lambda v: not domain.low < v < domain.low + near)


def test_points_keep_to_the_hypotheses():
    n, t = integer("n", min=1, max=20), real("t", min=0, max=1)
    theorem = Theorem(claim=P(mean(iid(bounded(0, 1), n)) >= t) <= 1, hypotheses=[t <= 1 / n])

    @examples(60)
    @given(strategies.points(theorem), strategies.points(n, t))
    def check(point, free):
        assert set(point) == set(free) == {n, t}
        assert theorem.holds_at(point)
        assert theorem.point(point) == point

    check()
    assert caught(strategies.points(n, t), theorem.holds_at)
    assert caught(strategies.points(theorem), lambda point: point[n] * point[t] != 1)
    assert smallest(strategies.points(theorem)) == {n: 1, t: 0}
    for wrong in ((), (theorem, n), ("t",)):
        with pytest.raises(InvalidArgument, match=r"^about="):
            strategies.points(*wrong)


# Inputs at the worst directions ---------------------------------------------------------------------------------------


@st.composite
def layers(draw):
    widths = draw(st.lists(st.integers(1, 4), min_size=2, max_size=4))
    shapes = [(m, n) for n, m in itertools.pairwise(widths)]
    return [draw(strategies.weight_matrices(s)) for s in shapes], [draw(strategies.masks(s)) for s in shapes]


@examples(60)
@given(layers())
def test_directions_are_unit_vectors(case):
    weights, masks = case
    directions = strategies.worst_directions(weights, masks)
    assert bool(directions) == bool(weights[0].any())
    for direction in directions:
        assert direction.shape == (weights[0].shape[1],)
        assert np.linalg.norm(direction) == pytest.approx(1)


def test_the_first_direction_attains_the_gap_of_a_linear_network():
    """Also where a product of the weights is beyond the range of floats, and where the rest is at a kink."""
    rng = np.random.default_rng(0)
    weights = [rng.normal(size=shape) * 1e200 for shape in ((5, 4), (3, 5))]
    masks = [(rng.random(w.shape) < 0.3).astype(np.uint8) for w in weights]
    small = [w / 1e200 for w in weights]
    kept = [np.where(mask, 0, w) for w, mask in zip(small, masks, strict=True)]
    gap = small[1] @ small[0] - kept[1] @ kept[0]
    found = strategies.worst_directions(weights, masks)
    assert np.linalg.norm(gap @ found[0]) == pytest.approx(np.linalg.norm(gap, 2))
    assert np.linalg.norm(small[1] @ small[0] @ found[1]) == pytest.approx(np.linalg.norm(small[1] @ small[0], 2))
    assert np.abs([row @ x for row, x in zip(small[0], found[4:], strict=True)]).max() < 1e-14


def test_adversarial_inputs_lie_in_the_ball_and_along_the_directions():
    weights = [np.diag([1.0, 2.0, 3.0])]

    @examples(40)
    @given(strategies.adversarial_inputs(weights, radius=7.5, count=3))
    def check(points):
        assert points.shape == (3, 3)
        assert all(strategies.in_ball(point, 7.5) for point in points)
        assert abs(points[0, 2]) == pytest.approx(7.5)

    check()
    assert caught(strategies.adversarial_inputs(weights), lambda points: not (points[1:, 1] == 0).all())


@pytest.mark.parametrize("weights", [[], [np.zeros((2, 2, 1, 1))], [np.zeros((2, 3)), np.zeros((2, 3))]])
def test_directions_are_of_dense_networks(weights):
    with pytest.raises(InvalidArgument, match=r"^weights="):
        strategies.worst_directions(weights)


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
