"""A closer look at trials: the weights are theirs, and norms of products are bounds whatever rounding did."""

from dataclasses import replace

import numpy as np
import pytest

from boundcheck.experiment import closer
from boundcheck.experiment.closer import look_closer, product_norms
from boundcheck.experiment.measure import NetworkMeasurement, measure_network, starting_inputs
from boundcheck.experiment.plan import network_plan
from boundcheck.kernels import layer_cpu, network_cpu
from boundcheck.statement.laws import normal, uniform
from boundcheck.statement.layer import conv, dense
from boundcheck.statement.network import cnn, fcn, flatten
from boundcheck.statement.pruning import magnitude, prune, random
from boundcheck.statement.window import average_pool

WEIGHTS = uniform(-1, 1)
DEEP = fcn([6, 9, 7, 8, 5], weights=[WEIGHTS, normal(0, 1), WEIGHTS, WEIGHTS], activation="relu")
MIXED = cnn(
    (2, 4, 4),
    [
        conv(2, 3, 2, weights=WEIGHTS, padding="same", padding_mode="circular", activation="relu"),
        flatten(),
        dense(48, 6, weights=WEIGHTS),
        dense(6, 4, weights=WEIGHTS, activation="tanh"),
    ],
)
TRIALS = [3, 0, 17]


def planned(network, rule=magnitude, **options):
    return network_plan(prune(network, rule(fraction="1/4")), 1.5, key=11, **options)


def exact_parts(weights, removed, shapes):
    """Target, kept and removed weights of the layers of one trial."""
    found, offset = [], 0
    for m, n in shapes:
        w, gone = (array[offset : offset + m * n].reshape(m, n) for array in (weights, removed))
        found.append((w, np.where(gone, 0.0, w), np.where(gone, w, 0.0)))
        offset += m * n
    return found


def chain(matrices):
    found = matrices[0]
    for matrix in matrices[1:]:
        found = matrix @ found
    return found


@pytest.mark.parametrize("rule", [magnitude, random])
@pytest.mark.parametrize("precision", ["double", "single"])
def test_weights_are_those_of_the_trials(rule, precision):
    plan = planned(DEEP, rule, precision=precision)
    drawn = network_cpu.network_draws(
        plan.key,
        TRIALS,
        plan.steps,
        plan.laws,
        plan.law_parameters,
        plan.rules,
        plan.removed,
        precision=precision,
    )
    for row, trial in enumerate(TRIALS):
        layers = [
            layer_cpu.layer_draw(
                plan.key,
                trial,
                i,
                int(layer.outputs),
                int(layer.inputs),
                plan.laws[i],
                plan.law_parameters[i],
                plan.rules[i],
                plan.removed[i],
                precision=precision,
            )
            for i, layer in enumerate(DEEP.layers)
        ]
        assert np.array_equal(drawn.weights[row], np.concatenate([layer.weights.ravel() for layer in layers]))
        assert np.array_equal(drawn.removed[row], np.concatenate([layer.removed.ravel() for layer in layers]))


@pytest.mark.parametrize("network", [DEEP, MIXED], ids=["dense", "mixed"])
@pytest.mark.parametrize("precision", ["double", "single"])
def test_gaps_are_those_of_the_trials_at_the_points_found(network, precision):
    plan = planned(network, precision=precision)
    seen = measure_network(plan, 18)
    part = seen.rows(TRIALS)
    found = look_closer(plan, TRIALS, part)
    assert (found.gap >= part.gap * (1 - (1e-5 if precision == "single" else 1e-12))).all()
    assert (np.linalg.norm(found.point, axis=1) <= plan.radius).all()
    starts = starting_inputs(plan, "cpu")
    assert starts.shape == (64, plan.dimension)
    for gap, point, trial in zip(found.gap, found.point, TRIALS, strict=True):
        again = network_cpu.network_trials(
            plan.key,
            trial,
            1,
            plan.steps,
            plan.slopes,
            plan.laws,
            plan.law_parameters,
            plan.rules,
            plan.removed,
            [point],
            precision=precision,
        )
        assert again.gap[0] == pytest.approx(gap, rel=1e-4 if precision == "single" else 1e-10)


@pytest.mark.parametrize("precision", ["double", "single"])
def test_norms_of_products_are_close_upper_bounds(precision):
    plan = planned(DEEP, precision=precision)
    part = measure_network(plan, 18).rows(TRIALS)
    norms = look_closer(plan, TRIALS, part).norms
    drawn = network_cpu.network_draws(
        plan.key, TRIALS, plan.steps, plan.laws, plan.law_parameters, plan.rules, plan.removed, precision="double"
    )
    shapes = [(int(layer.outputs), int(layer.inputs)) for layer in DEEP.layers]
    slack = 1e-5 if precision == "double" else 1e-4
    spans = [(first, last) for first in range(4) for last in range(first, 4)]
    assert set(norms.target) == set(norms.kept) == set(spans)
    for row in range(len(TRIALS)):
        layers = exact_parts(drawn.weights[row], drawn.removed[row], shapes)
        target, kept, gone = zip(*layers, strict=True)

        def close(bound, matrices, row=row):
            exact = np.linalg.norm(chain(matrices), 2)
            assert exact * (1 - 1e-12) <= bound[row] <= exact * (1 + slack) + slack

        for first, last in spans:
            close(norms.target[first, last], target[first : last + 1])
            close(norms.kept[first, last], kept[first : last + 1])
            for i in range(first + 1, last):  # with neighbours on both sides, so that it is not scaled
                close(norms.mixed[i, (first, last)], [*target[first:i], gone[i], *kept[i + 1 : last + 1]])
        exact = np.linalg.norm(chain(kept) - chain(target), 2)
        assert exact * (1 - 1e-12) <= norms.whole[row] <= exact * (1 + slack) + slack
        # However a removed part and its neighbour are scaled, their norms multiply to a bound of the product.
        for i in range(1, 4):
            both = norms.mixed[i, (i, i)] * norms.before[0, i - 1]
            if i == 3:
                assert np.linalg.norm(chain([*target[:i], gone[i]]), 2) <= both[row] * (1 + 1e-12)


def powers(gone, axis):
    """Powers of two nearest to the square roots of lengths, the largest being 1; 0 where there is nothing."""
    lengths = np.linalg.norm(gone, axis=axis)
    return np.array([2.0 ** round(np.log2(x / lengths.max()) / 2) if x else 0.0 for x in lengths])


def test_products_beside_what_is_removed_are_scaled_as_it_is():
    plan = planned(DEEP)
    part = measure_network(plan, 18).rows(TRIALS)
    norms = look_closer(plan, TRIALS, part).norms
    drawn = network_cpu.network_draws(
        plan.key, TRIALS, plan.steps, plan.laws, plan.law_parameters, plan.rules, plan.removed
    )
    shapes = [(int(layer.outputs), int(layer.inputs)) for layer in DEEP.layers]
    for row in range(len(TRIALS)):
        target, kept, gone = zip(*exact_parts(drawn.weights[row], drawn.removed[row], shapes), strict=True)
        right = [powers(g, 0) if i > 0 else np.ones(g.shape[1]) for i, g in enumerate(gone)]
        left = [powers(g, 1) if i < 3 else np.ones(g.shape[0]) for i, g in enumerate(gone)]
        inverse = [[np.divide(1, t, out=np.zeros_like(t), where=t > 0) for t in side] for side in (right, left)]
        for first in range(4):
            for last in range(first, 4):
                if last < 3:
                    exact = np.linalg.norm(right[last + 1][:, None] * chain(target[first : last + 1]), 2)
                    assert norms.before[first, last][row] == pytest.approx(exact, rel=1e-6)
                if first > 0:
                    exact = np.linalg.norm(chain(kept[first : last + 1]) * left[first - 1], 2)
                    assert norms.after[first, last][row] == pytest.approx(exact, rel=1e-6)
                for i in range(first, last + 1):
                    scaled = gone[i] * (inverse[0][i] if i == first else 1)
                    scaled = scaled * (inverse[1][i][:, None] if i == last else 1)
                    exact = np.linalg.norm(chain([*target[first:i], scaled, *kept[i + 1 : last + 1]]), 2)
                    assert norms.mixed[i, (first, last)][row] == pytest.approx(exact, rel=1e-6)


def test_products_of_rounded_weights_bound_those_of_the_weights():
    """Eight weights, each rounded to single precision, make more than what a certificate has to spare."""
    line = fcn([1] * 9, weights=WEIGHTS, activation="identity")
    plan = network_plan(prune(line, random(count=0)), 1.0, key=3, precision="single")
    trials = range(60)
    seen = measure_network(plan, 60)
    bound = look_closer(plan, trials, seen).norms.target[0, 7]
    drawn = network_cpu.network_draws(
        plan.key, trials, plan.steps, plan.laws, plan.law_parameters, plan.rules, plan.removed
    )
    assert (bound >= np.abs(drawn.weights.prod(axis=1))).all()
    forgetful = replace(plan, passes=replace(plan.passes, roundoff=0.0))
    rounded = network_cpu.network_draws(
        plan.key, trials, plan.steps, plan.laws, plan.law_parameters, plan.rules, plan.removed, precision="single"
    )
    short = product_norms(forgetful, rounded.weights, rounded.removed, seen).target[0, 7]
    assert not (short >= np.abs(drawn.weights.prod(axis=1))).all()


SECANTS = {
    "identity": (1.0, 0.0),
    "relu": (0.5, 0.5),
    "tanh": (0.5, 0.5),
    "leaky_relu:0.5": (0.75, 0.25),
    "leaky_relu:-0.5": (0.25, 0.75),
    "leaky_relu:3": (2.0, 1.0),
    "leaky_relu:-3": (1.0, 2.0),
}


@pytest.mark.parametrize("activation", SECANTS)
def test_secants_of_each_activation(activation):
    plan = network_plan(prune(fcn([2, 2, 2], weights=WEIGHTS, activation=activation), magnitude(count=1)), 1.0, key=0)
    assert plan.secants.tolist() == [list(SECANTS[activation])]


def test_secants_where_more_happens_than_an_activation():
    """Pooling after it, a convolution before or behind it: what is left is the Lipschitz constant."""
    network = cnn(
        (1, 4, 4),
        [
            conv(1, 2, 1, weights=WEIGHTS, activation="leaky_relu:2"),
            average_pool(2),
            conv(2, 2, 2, weights=WEIGHTS, activation="relu"),
            flatten(),
            dense(2, 3, weights=WEIGHTS),
            dense(3, 2, weights=WEIGHTS),
        ],
    )
    plan = network_plan(prune(network, magnitude(count=1)), 1.0, key=0)
    assert plan.secants[0].tolist() == [0.0, 1.0]  # 2 · 1/2
    assert plan.secants[1].tolist() == [0.0, 1.0]
    assert plan.secants[2].tolist() == [0.5, 0.5]


def test_only_dense_layers_are_multiplied():
    plan = planned(MIXED)
    assert plan.secants[0].tolist() == [0.0, 1.0]
    assert plan.secants[1].tolist() == [0.5, 0.5]
    norms = look_closer(plan, [0], measure_network(plan, 1)).norms
    assert (0, 1) not in norms.target
    assert (1, 2) in norms.target
    assert norms.whole is None


CANCELLING = fcn([1, 3, 1], weights=WEIGHTS, activation="identity")
TERMS = np.array([[1.0, 1.0, 1.0, 2.0**53, 1.0, -(2.0**53)]])


def norms_where_products_cancel():
    """Of the target, whose product is exactly 1 and 0 if it is added up from the left, and of what that loses.

    What is kept has the product 0: the difference is 1, too.
    """
    plan = planned(CANCELLING)
    removed = np.array([[0, 0, 0, 0, 1, 0]], np.uint8)
    seen = network_cpu.network_given(
        [TERMS[:, :3].reshape(1, 3, 1), TERMS[:, 3:].reshape(1, 1, 3)],
        [removed[:, :3].reshape(1, 3, 1), removed[:, 3:].reshape(1, 1, 3)],
        plan.steps,
        plan.slopes,
        [[1.0]],
    )
    norms = product_norms(plan, TERMS, removed, NetworkMeasurement(*seen))
    return norms.target[0, 1][0], norms.whole[0]


def test_products_that_cancel_are_bounded():
    assert min(norms_where_products_cancel()) >= 1


def test_without_their_rounding_they_are_not(monkeypatch):
    monkeypatch.setattr(closer, "_ROUNDOFF", 0.0)
    assert max(norms_where_products_cancel()) < 1


@pytest.mark.parametrize("size", [1e-200, 1e-160, 1e150])
def test_weights_of_any_size(size):
    """Products that overflow or underflow are bounded by infinity, or by more than what is lost."""
    plan = planned(DEEP)
    seen = measure_network(plan, 1)
    drawn = network_cpu.network_draws(
        plan.key, [0], plan.steps, plan.laws, plan.law_parameters, plan.rules, plan.removed
    )
    scaled = NetworkMeasurement(**(vars(seen) | {"norm_high": seen.norm_high * size, "absolute": seen.absolute * size}))
    norms = product_norms(plan, drawn.weights * size, drawn.removed, scaled)
    plain = product_norms(plan, drawn.weights, drawn.removed, seen)
    for span, bound in norms.target.items():
        layers = span[1] - span[0] + 1
        with np.errstate(all="ignore"):
            assert bound[0] >= plain.target[span][0] * (1 - 1e-5) * np.power(size, float(layers))
    assert not np.isnan([bound[0] for bound in norms.target.values()]).any()
