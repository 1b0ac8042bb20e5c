"""Convolutions and pooling against plain loops, SciPy and PyTorch; masks of filters; independence of the splitting."""

import math

import naive
import naive_network as oracle
import numpy as np
import pytest
from scipy import signal

from boundcheck.kernels import launch, layer_cpu, network_cpu, steps, tables

RELU, LEAKY, TANH = (oracle.Activation(code, 0.3) for code in (tables.RELU, tables.LEAKY_RELU, tables.TANH))
SAME = ((1, 1), (1, 1))


def weights(rng, m, n, p=1, q=1):
    return rng.normal(size=(m, n, p, q))


def conv(shape, stride=(1, 1), padding=((0, 0), (0, 0)), circular=False):
    return ("conv", shape, stride, padding, circular)


def dense(m):
    return ("dense", m)


# (channels, rows, columns) of an input, then steps
NETWORKS = {
    "dense only": ((7, 1, 1), [dense(5), TANH, dense(3)]),
    "circular": ((2, 5, 4), [conv((3, 3, 3), padding=SAME, circular=True), RELU, dense(2)]),
    "circular, one-sided, small grid": (
        (1, 2, 3),
        [conv((2, 3, 2), padding=((2, 0), (0, 1)), circular=True), LEAKY, conv((9, 1, 1)), dense(2)],
    ),
    "zeros, stride, rectangular kernel": (
        (3, 7, 9),
        [conv((4, 3, 5), (2, 3), ((1, 0), (3, 2))), LEAKY, conv((5, 2, 2), (1, 2)), TANH, dense(4), RELU, dense(3)],
    ),
    "pools that overlap": (
        (1, 9, 8),
        [
            conv((5, 3, 3), padding=SAME),
            oracle.Pool("max", (3, 3), (2, 2), SAME),
            RELU,
            conv((3, 1, 1)),
            oracle.Pool("average", (3, 2), (1, 2), ((1, 1), (1, 1))),
            dense(2),
        ],
    ),
    "divisors that shrink, pooled output": (
        (2, 6, 7),
        [
            conv((6, 2, 3), padding=((0, 1), (1, 1)), circular=True),
            TANH,
            oracle.Pool("average", (3, 2), (3, 2), ((1, 1), (1, 1)), whole_divisor=False),
            conv((4, 2, 2), (1, 1), ((1, 1), (0, 0))),
            LEAKY,
            oracle.Pool("max", (2, 3), (1, 2), ((1, 1), (1, 1))),
            oracle.Pool("average", (2, 2), (2, 2)),
        ],
    ),
    "stride beyond the kernel": ((2, 11, 10), [conv((3, 2, 1), (3, 4)), RELU, conv((2, 2, 3))]),
}


def built(name, rng):
    """(table of steps, slopes, oracle's steps, shape of an input)."""
    grid, plan = NETWORKS[name]
    channels, cells = grid[0], grid[1:]
    table, slopes, plain = [], [], []
    for step in plan:
        if step[0] == "conv":
            _, (m, p, q), stride, padding, circular = step
            plain.append(oracle.Linear(weights(rng, m, channels, p, q), stride, padding, circular))
            whole = [length + sum(pad) for length, pad in zip(cells, padding, strict=True)]
            frequencies = (1, 1) if p * q == 1 else cells if circular else whole
            table.append(steps.linear(channels, m, (p, q), stride, padding, cells, frequencies, circular, exact=False))
        elif step[0] == "dense":
            n = channels * cells[0] * cells[1]
            plain.append(oracle.Linear(weights(rng, step[1], n), flattens=True))
            table.append(steps.linear(n, step[1]))
        elif isinstance(step, oracle.Pool):
            plain.append(step)
            kind = steps.MAX_POOL if step.kind == "max" else steps.AVERAGE_POOL
            table.append(steps.pool(kind, channels, step.kernel, step.stride, step.padding, cells, step.whole_divisor))
        else:
            plain.append(step)
            table.append(steps.activate(step.code, channels, cells))
        slopes.append(step.slope if isinstance(step, oracle.Activation) else 0.0)
        row = table[-1]
        channels, cells = row[steps.CHANNELS_OUT], (row[steps.ROWS_OUT], row[steps.COLUMNS_OUT])
    return table, slopes, plain, grid


def inputs_of(grid, rng, count=5):
    x = rng.normal(size=(count, math.prod(grid)))
    return x / np.linalg.norm(x, axis=1, keepdims=True)


def masks_of(plain, rng):
    return [(rng.random(step.weights.size) < 0.3) * 1 for step in plain if isinstance(step, oracle.Linear)]


def measured(table, slopes, plain, masks, inputs):
    tensors = [step.weights for step in plain if isinstance(step, oracle.Linear)]
    removed = [mask.reshape(w.shape) for mask, w in zip(masks, tensors, strict=True)]
    return network_cpu.network_given([w[None] for w in tensors], [r[None] for r in removed], table, slopes, inputs)


def agrees(table, slopes, plain, grid, rng, change=lambda step: step):
    """Whether the kernels see the gap that the oracle sees, whose steps are changed."""
    masks, inputs = masks_of(plain, rng), inputs_of(grid, rng)
    seen = measured(table, slopes, plain, masks, inputs)
    target, kept = ([change(step) for step in network] for network in (plain, oracle.pruned(plain, masks)))
    gap, worst = oracle.gap(target, kept, grid, inputs)
    return seen.gap[0] == pytest.approx(gap, rel=1e-12) and seen.worst_input[0] == worst


@pytest.mark.parametrize("name", NETWORKS)
def test_mixed_networks_match_the_oracle(name):
    rng = np.random.default_rng(11)
    for _ in range(3):
        assert agrees(*built(name, rng), rng)


def flipped(step):
    return step._replace(weights=np.array(step.weights)[:, :, ::-1, ::-1]) if isinstance(step, oracle.Linear) else step


def swapped(step):
    return step._replace(weights=np.array(step.weights).swapaxes(2, 3)) if isinstance(step, oracle.Linear) else step


FAULTS = {
    "a convolution for a cross-correlation": ("circular", flipped),
    "taps column by column": ("circular", swapped),
    "zeros for circular padding": (
        "circular",
        lambda step: step._replace(circular=False) if isinstance(step, oracle.Linear) else step,
    ),
    "the padding on the other side": (
        "circular, one-sided, small grid",
        lambda step: (
            step._replace(padding=tuple(pair[::-1] for pair in step.padding))
            if isinstance(step, oracle.Linear)
            else step
        ),
    ),
    "a divisor of all cells": (
        "divisors that shrink, pooled output",
        lambda step: step._replace(whole_divisor=True) if isinstance(step, oracle.Pool) else step,
    ),
    "a divisor of the cells inside": (
        "pools that overlap",
        lambda step: step._replace(whole_divisor=False) if isinstance(step, oracle.Pool) else step,
    ),
    "the largest for the average": (
        "pools that overlap",
        lambda step: step._replace(kind="max") if isinstance(step, oracle.Pool) else step,
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_planted_faults_are_told_apart(fault):
    name, change = FAULTS[fault]
    rng = np.random.default_rng(5)
    assert not agrees(*built(name, rng), rng, change)


def test_flattening_rows_first_is_told_apart():
    rng = np.random.default_rng(5)
    order = np.arange(60).reshape(3, 5, 4).transpose(0, 2, 1).ravel()

    def change(step):
        reorder = isinstance(step, oracle.Linear) and step.flattens
        return step._replace(weights=np.array(step.weights)[:, order]) if reorder else step

    assert not agrees(*built("circular", rng), rng, change)


# One step, seen through the gap of a network that loses all its weights: the norm of its output -----------------------


def outputs(table, tensors, inputs, slopes=None):
    """Every output [B, entries] of a network, one input at a time, through a last dense layer that picks an entry."""
    last = table[-1]
    n = last[steps.CHANNELS_OUT] * last[steps.ROWS_OUT] * last[steps.COLUMNS_OUT]
    table = [*table, steps.linear(n, 1)]
    picks = np.eye(n).reshape(n, 1, n)
    given = [*(np.broadcast_to(w, (n, *w.shape)) for w in tensors), picks]
    masks = [*(np.zeros(w.shape) for w in given[:-1]), np.ones(picks.shape)]
    columns = []
    for x in inputs:
        seen = network_cpu.network_given(given, masks, table, slopes or [0.0] * len(table), x[None])
        columns.append(seen.gap)
    return np.array(columns)


@pytest.mark.parametrize("circular", [False, True])
def test_single_convolutions_are_scipys_correlation(circular):
    rng = np.random.default_rng(2)
    x, w = rng.normal(size=(2, 3, 6, 5)), weights(rng, 4, 3, 3, 3)
    padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)), mode="wrap" if circular else "constant")
    expected = np.array([[signal.correlate(image, filters, mode="valid")[0] for filters in w] for image in padded])
    table = [steps.linear(3, 4, (3, 3), padding=SAME, grid=(6, 5), frequency_grid=(8, 7), circular=circular)]
    seen = outputs(table, [w], x.reshape(2, -1))
    assert seen == pytest.approx(np.abs(expected).reshape(2, -1), rel=1e-12, abs=1e-14)


@pytest.mark.parametrize(("stride", "padding"), [((1, 1), (0, 0)), ((2, 1), (1, 2)), ((3, 2), (2, 0))])
def test_convolutions_are_pytorchs(stride, padding):
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(3)
    x, w = rng.normal(size=(2, 2, 7, 8)), weights(rng, 3, 2, 3, 4)
    expected = torch.nn.functional.conv2d(torch.tensor(x), torch.tensor(w), stride=stride, padding=padding)
    both = tuple((pad, pad) for pad in padding)
    table = [steps.linear(2, 3, (3, 4), stride, both, (7, 8), (11, 12))]
    seen = outputs(table, [w], x.reshape(2, -1))
    assert seen == pytest.approx(np.abs(expected.numpy()).reshape(2, -1), rel=1e-12, abs=1e-14)


@pytest.mark.parametrize(("kernel", "stride", "padding"), [((2, 2), (2, 2), (0, 0)), ((3, 2), (1, 3), (1, 1))])
@pytest.mark.parametrize("kind", ["max", "average", "average inside"])
def test_pools_are_pytorchs(kind, kernel, stride, padding):
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(4)
    x = rng.normal(size=(2, 3, 6, 7))
    if kind == "max":
        expected = torch.nn.functional.max_pool2d(torch.tensor(x), kernel, stride, padding)
    else:
        whole = kind == "average"
        expected = torch.nn.functional.avg_pool2d(torch.tensor(x), kernel, stride, padding, count_include_pad=whole)
    both = tuple((pad, pad) for pad in padding)
    code = steps.MAX_POOL if kind == "max" else steps.AVERAGE_POOL
    table = [
        steps.linear(3, 3, grid=(6, 7)),
        steps.pool(code, 3, kernel, stride, both, (6, 7), whole_divisor=kind == "average"),
    ]
    seen = outputs(table, [np.eye(3).reshape(3, 3, 1, 1)], x.reshape(2, -1))
    assert seen == pytest.approx(np.abs(expected.numpy()).reshape(2, -1), rel=1e-12, abs=1e-14)


@pytest.mark.parametrize("channels", [1, 3, 4, 9])
@pytest.mark.parametrize("count", [1, 8, 13])
def test_tiles_of_every_size(channels, count):
    """More rows than stay in a cache at once, and outputs and columns that no tile divides."""
    rng = np.random.default_rng(6)
    x, w = rng.normal(size=(count, 7 * 2 * 3)), weights(rng, channels, 7, 2, 3)
    table = [steps.linear(7, channels, (2, 3), padding=((1, 1), (1, 1)), grid=(2, 3), frequency_grid=(3, 5))]
    seen = network_cpu.network_given([w[None]], [np.ones(w.shape)[None]], table, [0.0], x)
    norms = [
        math.hypot(*oracle.forward([oracle.Linear(w, padding=SAME)], oracle.arranged(row, 7, 2, 3)).values())
        for row in x
    ]
    assert seen.gap[0] == pytest.approx(max(norms), rel=1e-12)


def test_what_is_not_a_number_passes_through_max_pooling():
    table = [steps.linear(1, 1, grid=(1, 3)), steps.pool(steps.MAX_POOL, 1, (1, 3), (1, 3), ((0, 0), (0, 0)), (1, 3))]
    big = np.full((1, 1, 1, 1, 1), 1e308)
    for place in range(3):
        x = np.zeros((1, 3))
        x[0, place] = math.nan
        assert math.isnan(network_cpu.network_given([big], [np.ones_like(big)], table, [0.0, 0.0], x).gap[0])


# Norms ----------------------------------------------------------------------------------------------------------------


def operator(w, grid, padding, stride, circular):
    """The matrix of a convolution, column by column."""
    columns = []
    for e in np.eye(w.shape[1] * grid[0] * grid[1]):
        state = oracle.linear(oracle.arranged(e, w.shape[1], *grid), oracle.Linear(w, stride, padding, circular))
        columns.append(oracle.flattened(state))
    return np.array(columns).T


@pytest.mark.parametrize(
    ("padding", "stride", "circular", "frequencies"),
    [(SAME, (1, 1), True, (4, 5)), (SAME, (1, 1), False, (6, 7)), (((0, 2), (1, 0)), (2, 1), False, (6, 6))],
)
def test_norms_are_those_of_the_operator(padding, stride, circular, frequencies):
    rng = np.random.default_rng(8)
    w = weights(rng, 3, 2, 3, 3)
    mask = (rng.random(w.shape) < 0.3) * 1
    exact = circular and stride == (1, 1)
    table = [steps.linear(2, 3, (3, 3), stride, padding, (4, 5), frequencies, circular, exact)]
    seen = network_cpu.network_given([w[None]], [mask[None]], table, [0.0], np.zeros((1, 40)))
    for part, values in enumerate((w, w * (1 - mask), w * mask)):
        norm = np.linalg.norm(operator(values, (4, 5), padding, stride, circular), 2)
        low, high = seen.norm_low[0, 0, part], seen.norm_high[0, 0, part]
        assert low <= norm * (1 + 1e-12)
        assert norm <= high * (1 + 1e-12)
        if exact:
            assert high <= norm * (1 + 1e-5)
        if exact or part == tables.REMOVED:
            assert low >= norm * (1 - 1e-5)
    absolute = np.linalg.norm(np.abs(w).sum(axis=(2, 3)))
    assert absolute <= seen.absolute[0, 0] * (1 + 1e-14) <= absolute * (1 + 1e-12)
    moduli = np.linalg.norm(operator(np.abs(w), (4, 5), padding, stride, circular), 2)
    assert moduli <= seen.absolute[0, 0]


# Draws ----------------------------------------------------------------------------------------------------------------

DRAWN = {
    "laws": [tables.UNIFORM, tables.NORMAL, tables.UNIFORM],
    "law_parameters": [[-1.0, 1.0, 0.0], [0.0, 0.5, 0.0], [-1.0, 1.0, 0.0]],
    "rules": [tables.MAGNITUDE, tables.FILTERS, tables.RANDOM_FILTERS],
    "removed_counts": [20, 2 * 5 * 4, 2 * 20],
}
TABLE = [
    steps.linear(2, 5, (3, 3), padding=SAME, grid=(4, 6), frequency_grid=(4, 6), circular=True),
    steps.activate(tables.RELU, 5, (4, 6)),
    steps.pool(steps.MAX_POOL, 5, (2, 2), (2, 2), ((0, 0), (0, 0)), (4, 6)),
    steps.linear(5, 10, (2, 2), (1, 1), ((0, 0), (0, 0)), (2, 3), (2, 3), exact=False),
    steps.linear(20, 6),
]


def trials(first, count):
    inputs = inputs_of((2, 4, 6), np.random.default_rng(1))
    return network_cpu.network_trials(7, first, count, TABLE, [0.0] * len(TABLE), inputs=inputs, **DRAWN)


def assert_same(a, b):
    for name, x, y in zip(a._fields, a, b, strict=True):
        assert np.array_equal(x, y), name


def test_splitting_trials_changes_no_bit():
    whole = trials(2**33 - 3, 7)
    parts = [trials(2**33 - 3, 3), trials(2**33, 4)]
    assert_same(whole, network_cpu.NetworkTrials(*(np.concatenate(pair) for pair in zip(*parts, strict=True))))


def test_threads_change_no_bit():
    try:
        launch.set_thread_count(1)
        alone = trials(0, 7)
        launch.set_thread_count(2)
        together = trials(0, 7)
    finally:
        launch.set_thread_count(None)
    assert_same(alone, together)


def test_drawn_networks_match_the_oracle():
    seen = trials(3, 2)
    shapes = [(5, 2, 3, 3), (10, 5, 2, 2), (6, 20, 1, 1)]
    inputs = inputs_of((2, 4, 6), np.random.default_rng(1))
    for i in range(2):
        drawn = [
            layer_cpu.layer_draw(
                7, 3 + i, layer, m, math.prod(rest), *(DRAWN[name][layer] for name in DRAWN)
            )
            for layer, (m, *rest) in enumerate(shapes)
        ]  # fmt: skip
        w = [layer.weights.reshape(shape) for layer, shape in zip(drawn, shapes, strict=True)]
        plain = [
            oracle.Linear(w[0], padding=SAME, circular=True),
            RELU,
            oracle.Pool("max", (2, 2), (2, 2)),
            oracle.Linear(w[1]),
            oracle.Linear(w[2], flattens=True),
        ]
        kept = oracle.pruned(plain, [layer.removed.ravel() for layer in drawn])
        gap, worst = oracle.gap(plain, kept, (2, 4, 6), inputs)
        assert seen.gap[i] == pytest.approx(gap, rel=1e-12)
        assert seen.worst_input[i] == worst
        assert seen.tau[i].tolist() == [layer.tau for layer in drawn]
        assert seen.tau[i, 1] == seen.tau[i, 2] == math.inf


@pytest.mark.parametrize("amount", [0, 1, 4, 6])
@pytest.mark.parametrize(
    "law", [(tables.UNIFORM, (-1, 1, 0)), (tables.NORMAL, (0, 1e-200, 0)), (tables.TWO_POINT, (-1, 1, 0.5))]
)
def test_filter_masks_match_the_oracle(law, amount):
    """Two-point weights: all norms are equal. Squares of 1e-200 underflow unless scaled."""
    code, parameters = law
    drawn = layer_cpu.layer_draw(3, 8, 1, 6, 12, code, parameters, tables.FILTERS, 12 * amount)
    flat = drawn.weights.ravel().tolist()
    exact = [w * 1e200 if code == tables.NORMAL else w for w in flat]
    assert drawn.removed.ravel().tolist() == oracle.filter_mask(exact, 6, amount)
    assert drawn.tau == math.inf
    other = layer_cpu.layer_draw(3, 8, 1, 6, 12, code, parameters, tables.RANDOM_FILTERS, 12 * amount)
    assert np.array_equal(other.weights, drawn.weights)
    assert other.removed.ravel().tolist() == oracle.random_filter_mask(6, 12, amount, 3, 1, 8)
    if amount == 4 and code != tables.TWO_POINT:  # the comparison sees a rule that takes the largest
        assert drawn.removed.ravel().tolist() != oracle.filter_mask([1 / w for w in exact], 6, amount)


def test_random_filters_are_uniform():
    """Chi-square over the 6 pairs of 4 filters in 3 000 trials: P(chi-square(5) > 40) < 2e-7."""
    counts = np.zeros((4, 4))
    for trial in range(3000):
        removed = layer_cpu.layer_draw(1, trial, 0, 4, 2, tables.UNIFORM, (-1, 1, 0), tables.RANDOM_FILTERS, 4).removed
        counts[tuple(np.flatnonzero(removed.all(axis=1)))] += 1
    seen = counts[np.triu_indices(4, 1)]
    assert seen.sum() == 3000
    assert np.sum((seen - 500) ** 2 / 500) < 40


def test_naive_codes_are_the_kernels():
    assert (naive.RELU, naive.LEAKY_RELU, naive.TANH) == (tables.RELU, tables.LEAKY_RELU, tables.TANH)


def test_a_kept_part_that_lacks_hardly_anything_lies_within_its_bounds():
    rng = np.random.default_rng(4)
    w = weights(rng, 3, 2, 3, 3)
    w[0, 0, 0, 0] = 1e-6
    mask = np.zeros(w.shape)
    mask[0, 0, 0, 0] = 1
    table = [steps.linear(2, 3, (3, 3), padding=SAME, grid=(4, 5), frequency_grid=(4, 5), circular=True)]
    seen = network_cpu.network_given([w[None]], [mask[None]], table, [0.0], np.zeros((1, 40)))
    norm = np.linalg.norm(operator(w * (1 - mask), (4, 5), SAME, (1, 1), True), 2)
    low, high = seen.norm_low[0, 0, tables.KEPT], seen.norm_high[0, 0, tables.KEPT]
    assert low <= norm * (1 + 1e-12) <= high * (1 + 2e-12) <= norm * (1 + 1e-5)
    assert low >= norm * (1 - 1e-5)
