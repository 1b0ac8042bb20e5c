"""Forward passes in NumPy: against plain loops and the kernels; gradients against differences."""

import naive
import naive_network as oracle
import numpy as np
import pytest

from boundcheck.experiment.forward import forward, gaps, pulled_back
from boundcheck.kernels import network_cpu, steps, tables

SAME = ((1, 1), (1, 1))
ONE_SIDED = ((2, 0), (0, 1))
RELU, LEAKY, TANH = (oracle.Activation(code, -0.3) for code in (tables.RELU, tables.LEAKY_RELU, tables.TANH))


def conv(rng, m, n, kernel, stride=(1, 1), padding=((0, 0), (0, 0)), circular=False):
    return oracle.Linear(rng.normal(size=(m, n, *kernel)), stride, padding, circular)


def dense(rng, m, n):
    return oracle.Linear(rng.normal(size=(m, n, 1, 1)), flattens=True)


def networks(rng):
    """Name -> shape of an input and the oracle's steps."""
    return {
        "dense": ((6, 1, 1), [dense(rng, 5, 6), RELU, dense(rng, 7, 5), TANH, dense(rng, 2, 7)]),
        "circular": (
            (2, 4, 5),
            [conv(rng, 3, 2, (3, 3), padding=SAME, circular=True), LEAKY, conv(rng, 2, 3, (2, 2)), dense(rng, 3, 24)],
        ),
        "one-sided circular on a small grid": (
            (1, 2, 3),
            [conv(rng, 2, 1, (3, 2), padding=ONE_SIDED, circular=True), RELU, dense(rng, 2, 12)],
        ),
        "zeros and strides": (
            (3, 7, 6),
            [
                conv(rng, 4, 3, (3, 2), (2, 3), SAME),
                LEAKY,
                conv(rng, 2, 4, (2, 1), padding=ONE_SIDED),
                dense(rng, 2, 40),
            ],
        ),
        "pools": (
            (2, 6, 5),
            [
                conv(rng, 3, 2, (3, 3), padding=SAME),
                oracle.Pool("average", (2, 2), (2, 1), ((1, 0), (0, 1))),
                RELU,
                oracle.Pool("max", (2, 2), (1, 2), SAME),
                dense(rng, 4, 36),
            ],
        ),
        "a pool that divides by less at the border": (
            (1, 4, 4),
            [conv(rng, 2, 1, (1, 1)), oracle.Pool("average", (2, 2), (2, 2), SAME, whole_divisor=False)],
        ),
    }


NAMES = list(networks(np.random.default_rng(0)))


def table_of(grid, plain):
    channels, cells, table, slopes = grid[0], grid[1:], [], []
    for step in plain:
        if isinstance(step, oracle.Linear):
            if step.flattens:
                channels, cells = channels * cells[0] * cells[1], (1, 1)
            m, _, p, q = step.weights.shape
            table.append(
                steps.linear(
                    channels, m, (p, q), step.stride, step.padding, cells, cells, circular=step.circular, exact=False
                )
            )
        elif isinstance(step, oracle.Pool):
            kind = steps.MAX_POOL if step.kind == "max" else steps.AVERAGE_POOL
            table.append(steps.pool(kind, channels, step.kernel, step.stride, step.padding, cells, step.whole_divisor))
        else:
            table.append(steps.activate(step.code, channels, cells))
        slopes.append(getattr(step, "slope", 0.0))
        row = table[-1]
        channels, cells = row[steps.CHANNELS_OUT], (row[steps.ROWS_OUT], row[steps.COLUMNS_OUT])
    return np.array(table), np.array(slopes)


def tensors(plain):
    return [step.weights for step in plain if isinstance(step, oracle.Linear)]


def flat(plain):
    return [w.reshape(1, len(w), -1) for w in tensors(plain)]


@pytest.mark.parametrize("shift", [0.0, 0.7])
@pytest.mark.parametrize("name", NAMES)
def test_outputs_are_those_of_plain_loops(name, shift):
    rng = np.random.default_rng(5)
    grid, plain = networks(rng)[name]
    table, slopes = table_of(grid, plain)
    inputs = rng.normal(size=(4, int(np.prod(grid))))
    seen = forward(table, slopes, flat(plain), inputs.T[None], shift=shift)
    for x, column in zip(inputs, seen[0].T, strict=True):
        state = oracle.forward(
            plain,
            oracle.arranged([float(v) for v in x], *grid),
            activate=lambda z, code, slope: naive.activate(z, code, slope) + shift,
        )
        assert column == pytest.approx(oracle.flattened(state), rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_gaps_are_those_of_the_kernels(name):
    rng = np.random.default_rng(6)
    grid, plain = networks(rng)[name]
    table, slopes = table_of(grid, plain)
    inputs = rng.normal(size=(5, int(np.prod(grid))))
    masks = [rng.random(w.shape) < 0.3 for w in tensors(plain)]
    kernel = network_cpu.network_given(
        [w[None] for w in tensors(plain)], [mask[None] for mask in masks], table, slopes, inputs
    )
    kept = [np.where(mask, 0.0, w).reshape(1, len(w), -1) for w, mask in zip(tensors(plain), masks, strict=True)]
    outputs = (forward(table, slopes, weights, inputs.T[None]) for weights in (flat(plain), kept))
    distances = gaps(*outputs)[0]
    assert distances.max() == pytest.approx(kernel.gap[0], rel=1e-12)
    assert distances.argmax() == kernel.worst_input[0]


@pytest.mark.parametrize("name", NAMES)
def test_gradients_are_limits_of_differences(name):
    """Kinks are met with probability 0."""
    rng = np.random.default_rng(7)
    grid, plain = networks(rng)[name]
    table, slopes = table_of(grid, plain)
    x = rng.normal(size=(1, int(np.prod(grid)), 1))
    outputs = forward(table, slopes, flat(plain), x, shift=0.5)
    direction = rng.normal(size=outputs.shape)
    gradient = pulled_back(table, slopes, flat(plain), x, direction, shift=0.5)
    step = 1e-6
    for place in range(x.shape[1]):
        moved = x.copy()
        moved[0, place, 0] += step
        change = (forward(table, slopes, flat(plain), moved, shift=0.5) - outputs) / step
        assert gradient[0, place, 0] == pytest.approx(float((change * direction).sum()), rel=1e-4, abs=1e-4)


def test_several_networks_and_inputs_of_their_own():
    rng = np.random.default_rng(8)
    grid, plain = networks(rng)["dense"]
    table, slopes = table_of(grid, plain)
    many = [rng.normal(size=(3, *w.shape[1:])) for w in flat(plain)]
    inputs = rng.normal(size=(3, 6, 2))
    seen = forward(table, slopes, many, inputs)
    for trial in range(3):
        alone = forward(table, slopes, [w[trial : trial + 1] for w in many], inputs[trial : trial + 1])
        assert seen[trial] == pytest.approx(alone[0], rel=1e-14)


def test_gaps_do_not_underflow():
    assert gaps(np.full((1, 4, 1), 1e-200), np.zeros((1, 4, 1)))[0, 0] == pytest.approx(2e-200)
    assert gaps(np.zeros((1, 4, 1)), np.zeros((1, 4, 1)))[0, 0] == 0
