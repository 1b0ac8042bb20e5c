"""The search for worst inputs: what it finds is a gap, in the ball, and for linear networks the largest there is."""

from fractions import Fraction

import naive_network as oracle
import numpy as np
import pytest
from numba import njit

from boundcheck.kernels import ascent_bodies, steps, tables
from boundcheck.kernels.ascent_cpu import new_ascent_workspace, worst_inputs
from boundcheck.kernels.cpu import sphere_inputs

RNG = np.random.default_rng(8)
RADIUS = 2.5
POOLED = [
    steps.linear(2, 3, (3, 3), (1, 1), ((1, 1), (1, 1)), (5, 4), (5, 4), circular=True),
    steps.pool(steps.AVERAGE_POOL, 3, (2, 2), (2, 1), ((0, 1), (1, 0)), (5, 4), False),
    steps.linear(3, 2, (2, 2), (1, 2), ((0, 1), (1, 0)), (3, 4), (4, 5), exact=False),
    steps.linear(12, 4),
]
WINDOWED = [  # a kernel as large as the grid, beside padding: no dense layer
    steps.linear(2, 3, (2, 2), (2, 2), ((1, 0), (1, 0)), (2, 2), (3, 3), exact=False),
    steps.linear(3, 2),
]
LINEAR = {
    "one layer": steps.fully_connected([7, 5], []),
    "deep": steps.fully_connected([6, 9, 4, 8], [tables.IDENTITY] * 2),
    "wide": steps.fully_connected([64, 48, 40, 32], [tables.IDENTITY] * 2),
    "more outputs than inputs": steps.fully_connected([3, 20, 30], [tables.IDENTITY]),
    "convolutions and averages": POOLED,
    "padding that no window fills": WINDOWED,
}
BENT = {
    "relu": steps.fully_connected([5, 12, 9, 4], [tables.RELU] * 2),
    "leaky": steps.fully_connected([5, 12, 9, 4], [tables.LEAKY_RELU] * 2),
    "tanh": steps.fully_connected([5, 12, 9, 4], [tables.TANH] * 2),
    "maxima": [
        steps.linear(2, 3, (2, 2), (1, 1), ((0, 1), (0, 1)), (4, 4), (4, 4), circular=True),
        steps.activate(tables.LEAKY_RELU, 3, (4, 4)),
        steps.pool(steps.MAX_POOL, 3, (2, 3), (2, 1), ((0, 0), (1, 1)), (4, 4)),
        steps.linear(24, 3),
    ],
}
SLOPE = 0.3


def drawn(table, trials=3):
    """Weights and masks of all layers in a row."""
    linear = [step for step in table if step[steps.KIND] == steps.LINEAR]
    shapes = [
        (s[steps.CHANNELS_OUT], s[steps.CHANNELS_IN], s[steps.KERNEL_ROWS], s[steps.KERNEL_COLUMNS]) for s in linear
    ]
    sizes = [int(np.prod(shape)) for shape in shapes]
    weights = RNG.standard_normal((trials, sum(sizes)))
    return weights, (RNG.random(weights.shape) < 0.2).astype(np.uint8), shapes


def oracle_steps(table, weights, shapes, biases=()):
    """The network as the oracle takes it."""
    found, offset, place, unit = [], 0, 0, 0
    for step in np.array(table):
        if step[steps.KIND] == steps.LINEAR:
            size = int(np.prod(shapes[place]))
            matrix = weights[offset : offset + size].reshape(shapes[place]).tolist()
            top, bottom, left, right = map(int, step[steps.PAD_TOP : steps.PAD_RIGHT + 1])
            padding = ((top, bottom), (left, right))
            dense = tuple(step[steps.ROWS_IN : steps.COLUMNS_IN + 1]) == (1, 1)
            stride = tuple(map(int, step[steps.STRIDE_ROWS : steps.STRIDE_COLUMNS + 1]))
            own = list(biases[unit : unit + len(matrix)]) if len(biases) else None
            found.append(oracle.Linear(matrix, stride, padding, bool(step[steps.CIRCULAR]), dense, own))
            offset, place, unit = offset + size, place + 1, unit + len(matrix)
        elif step[steps.KIND] == steps.ACTIVATE:
            found.append(oracle.Activation(int(step[steps.DETAIL]), SLOPE))
        else:
            kind = "max" if step[steps.KIND] == steps.MAX_POOL else "average"
            kernel = tuple(map(int, step[steps.KERNEL_ROWS : steps.KERNEL_COLUMNS + 1]))
            stride = tuple(map(int, step[steps.STRIDE_ROWS : steps.STRIDE_COLUMNS + 1]))
            top, bottom, left, right = map(int, step[steps.PAD_TOP : steps.PAD_RIGHT + 1])
            found.append(oracle.Pool(kind, kernel, stride, ((top, bottom), (left, right)), bool(step[steps.DETAIL])))
    return found


def difference(table, weights, removed, shapes, point, biases=()):
    """f(x) - F(x) by the oracle, flat; biases of all layers in a row, or none."""
    grid = tuple(int(table[0][i]) for i in (steps.CHANNELS_IN, steps.ROWS_IN, steps.COLUMNS_IN))
    state = oracle.arranged(point.tolist(), *grid)
    outputs = [
        np.array(oracle.flattened(oracle.forward(oracle_steps(table, w, shapes, biases), state)))
        for w in (weights, np.where(removed, 0.0, weights))
    ]
    return outputs[1] - outputs[0]


def searched(table, weights, removed, inputs=16):
    step = table[0]
    n = step[steps.CHANNELS_IN] * step[steps.ROWS_IN] * step[steps.COLUMNS_IN]
    starts = sphere_inputs(3, inputs, n, RADIUS)
    return starts, worst_inputs(weights, removed, table, [SLOPE] * len(table), starts, RADIUS)


@pytest.mark.parametrize("name", LINEAR)
def test_of_a_linear_network_the_exact_gap_is_found(name):
    table = LINEAR[name]
    weights, removed, shapes = drawn(table)
    _, found = searched(table, weights, removed)
    for i, gap in enumerate(found.gap):
        columns = [difference(table, weights[i], removed[i], shapes, e) for e in np.eye(found.point.shape[1])]
        exact = RADIUS * np.linalg.norm(np.array(columns), 2)
        assert exact * (1 - 1e-6) <= gap <= exact * (1 + 1e-12)


@pytest.mark.parametrize("name", {**LINEAR, **BENT})
def test_what_is_found_is_a_gap_in_the_ball_and_no_less_than_where_it_began(name):
    table = {**LINEAR, **BENT}[name]
    weights, removed, shapes = drawn(table)
    starts, found = searched(table, weights, removed)
    for i, (gap, point) in enumerate(zip(*found, strict=True)):
        assert gap == pytest.approx(np.linalg.norm(difference(table, weights[i], removed[i], shapes, point)), rel=1e-12)
        assert sum(Fraction(x) ** 2 for x in point.tolist()) <= Fraction(RADIUS) ** 2
        sampled = max(np.linalg.norm(difference(table, weights[i], removed[i], shapes, x)) for x in starts)
        assert gap >= sampled * (1 - 1e-12)


@njit
def compiled_derivative(table, slopes, target, kept, biases, point):
    """J, [outputs, n]."""
    workspace = new_ascent_workspace(table, len(target), 1)
    workspace.point[:] = point
    pair = ascent_bodies.Pair(table, slopes, target, kept, biases)
    ascent_bodies.both_passes(pair, workspace.point, 1, True, workspace)
    ascent_bodies.derivative(pair, point, workspace.jacobian.shape[1], workspace)
    return workspace.jacobian.T


@pytest.mark.parametrize("name", {**LINEAR, **BENT})
def test_the_derivative_is_that_of_the_oracle(name):
    table = {**LINEAR, **BENT}[name]
    weights, removed, shapes = drawn(table, trials=1)
    n = int(np.prod([table[0][i] for i in (steps.CHANNELS_IN, steps.ROWS_IN, steps.COLUMNS_IN)]))
    point = np.random.default_rng(1).standard_normal(n)
    kept = np.where(removed[0], 0.0, weights[0])
    slopes = np.full(len(table), SLOPE)
    biases = np.random.default_rng(2).standard_normal(sum(shape[0] for shape in shapes))
    for added in (np.zeros(0), biases):
        found = compiled_derivative(np.array(table), slopes, weights[0], kept, added, point)
        _is_derivative(found, lambda x, added=added: difference(table, weights[0], removed[0], shapes, x, added), point)


def _is_derivative(found, function, point):
    step = 1e-6
    for j, e in enumerate(np.eye(len(point))):
        ahead, behind = (function(point + s * e) for s in (step, -step))
        assert found[:, j] == pytest.approx((ahead - behind) / (2 * step), rel=1e-5, abs=1e-7)


@pytest.mark.parametrize("name", BENT)
def test_a_climb_ends_where_no_direction_on_the_sphere_leads_up(name):
    """But for what little there is along the edges at which cells change their side."""
    table = BENT[name]
    weights, removed, shapes = drawn(table)
    _, found = searched(table, weights, removed)
    for i, (gap, point) in enumerate(zip(*found, strict=True)):
        best = 0.0
        for direction in np.random.default_rng(i).standard_normal((40, len(point))):
            moved = point + 1e-3 * RADIUS * direction / np.linalg.norm(direction)
            moved *= RADIUS / np.linalg.norm(moved)
            best = max(best, np.linalg.norm(difference(table, weights[i], removed[i], shapes, moved)))
        assert best <= gap * (1 + 1e-3)


def test_searching_gains_much_over_sampling():
    table = steps.fully_connected([64, 256, 256, 32], [tables.RELU] * 2)
    weights, removed, _ = drawn(table)
    starts, found = searched(table, weights, removed, inputs=64)
    measured = [
        np.linalg.norm(dense_difference(weights[i], removed[i], starts.T), axis=0).max() for i in range(len(weights))
    ]
    assert (found.gap > 1.5 * np.array(measured)).all()


def dense_difference(weights, removed, x):
    outputs = []
    for w in (weights, np.where(removed, 0.0, weights)):
        h, offset = x, 0
        for m, n in ((256, 64), (256, 256), (32, 256)):
            h = w[offset : offset + m * n].reshape(m, n) @ (h if n == 64 else np.maximum(h, 0))
            offset += m * n
        outputs.append(h)
    return outputs[1] - outputs[0]


def test_results_do_not_depend_on_how_trials_are_shared_out():
    table = BENT["relu"]
    weights, removed, _ = drawn(table, trials=5)
    _, together = searched(table, weights, removed)
    for i in range(5):
        _, alone = searched(table, weights[i : i + 1], removed[i : i + 1])
        assert np.array_equal(alone.gap, together.gap[i : i + 1])
        assert np.array_equal(alone.point, together.point[i : i + 1])


def test_nothing_removed_and_nothing_finite():
    table = BENT["relu"]
    weights, removed, _ = drawn(table)
    assert (searched(table, weights, np.zeros_like(removed))[1].gap == 0).all()
    assert (searched(table, np.zeros_like(weights), removed)[1].gap == 0).all()
    weights[1] = np.inf
    assert np.isnan(searched(table, weights, removed)[1].gap).tolist() == [False, True, False]


@pytest.mark.parametrize("size", [1e-140, 1e90])
def test_weights_of_any_size(size):
    table = LINEAR["deep"]
    weights, removed, _ = drawn(table, trials=1)
    found, scaled = (searched(table, w, removed)[1].gap[0] for w in (weights, weights * np.array([size])))
    with np.errstate(all="ignore"):
        expected = found * size**3
    assert scaled == pytest.approx(expected, rel=1e-6) or not 1e-300 < expected < 1e300


def test_where_the_derivative_costs_too_much_a_gradient_is_followed(monkeypatch):
    """A search that has only one seed is a gradient ascent: it gains, if less."""
    assert ascent_bodies.seeds_of(np.array(steps.fully_connected([8, 8, 8], [tables.RELU]))) == 8
    monkeypatch.setattr(ascent_bodies, "MOST_JACOBIAN", 1000)
    assert ascent_bodies.seeds_of(np.array(steps.fully_connected([8, 8, 8], [tables.RELU]))) == 1
