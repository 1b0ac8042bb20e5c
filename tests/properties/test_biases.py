"""Networks with biases: measured gaps are exact up to the allowance, and at most T1, for any weights and biases."""

from typing import NamedTuple

import mpmath
import naive_network as oracle
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statistics_helpers import caught, examples

from boundcheck.check.closer import climbed_allowance
from boundcheck.check.gaps import allowance_of, certified_gap
from boundcheck.derivation.recursion import layer_recursion, layer_recursion_with_biases
from boundcheck.experiment.forward import forward, gaps, pulled_back
from boundcheck.experiment.measure import NetworkMeasurement
from boundcheck.experiment.plan import network_plan
from boundcheck.kernels import network_cpu, steps, tables
from boundcheck.kernels.ascent_cpu import worst_inputs
from boundcheck.statement.layer import Activation
from boundcheck.statement.pruning import Pruned
from boundcheck.testing import strategies

CODES = {"identity": tables.IDENTITY, "relu": tables.RELU, "leaky_relu": tables.LEAKY_RELU, "tanh": tables.TANH}
DIGITS = 60


class Case(NamedTuple):
    network: object
    weights: list  # [m, n, p, q] each
    masks: list
    biases: list  # [m] each
    radius: float
    inputs: np.ndarray
    precision: str


@st.composite
def cases(draw):
    """Networks of all kinds with hard weights and hard biases."""
    convolutional = strategies.convolutional_networks(max_channels=3, max_side=4)
    network = draw(st.one_of(strategies.networks(max_width=5), convolutional))
    weights, masks, biases = [], [], []
    for layer in network.layers:
        shape = (int(layer.outputs), int(layer.inputs), *layer.window.kernel)
        matrix = draw(strategies.weight_matrices((shape[0], int(layer.inputs * layer.taps))))
        weights.append(matrix.reshape(shape))
        masks.append(draw(strategies.masks(matrix.shape)).reshape(shape))
        biases.append(draw(strategies.weight_matrices((shape[0], 1))).ravel())
    first = network.layers[0]
    rows, columns = first.window.grid
    radius = draw(strategies.radii())
    inputs = draw(strategies.inputs(int(first.inputs) * rows * columns, radius, 2))
    if not (1e-30 < radius < 1e30 and draw(st.booleans())):
        return Case(network, weights, masks, biases, radius, inputs, tables.DOUBLE)
    with np.errstate(over="ignore", under="ignore"):
        inputs = single(inputs * (1 - 2.0**-22))  # rounded, they stay in the ball
        rounded = [single(w) for w in weights]
        return Case(network, rounded, masks, biases, radius, inputs, tables.SINGLE)


def single(values):
    return values.astype(np.float32).astype(np.float64)


def planned(case):
    nothing = (None,) * case.network.depth
    return network_plan(Pruned(case.network, nothing), case.radius, key=0, precision=case.precision)


def measured(case):
    plan = planned(case)
    with np.errstate(over="ignore", invalid="ignore"):
        return plan, NetworkMeasurement(
            *network_cpu.network_given(
                [w[None] for w in case.weights],
                [m[None] for m in case.masks],
                plan.steps,
                plan.slopes,
                case.inputs,
                precision=case.precision,
                biases=np.concatenate(case.biases)[None],
            )
        )


def exact_steps(case):
    found = []
    for layer, weights, bias in zip(case.network.layers, case.weights, case.biases, strict=True):
        window = layer.window
        exact = [[[[mpmath.mpf(float(w)) for w in row] for row in tap] for tap in filters] for filters in weights]
        added = [mpmath.mpf(float(b)) for b in bias]
        dense = window.grid == (1, 1)
        found.append(oracle.Linear(exact, window.stride, window.padding, window.circular, dense, added))
        for step in layer.after:
            if isinstance(step, Activation):
                found.append(oracle.Activation(CODES[step.name], mpmath.mpf(step.slope.p) / step.slope.q))
            else:
                seen = step.window
                found.append(oracle.Pool(step.kind, seen.kernel, seen.stride, seen.padding, step.whole_divisor))
    return found


def activate(x, code, slope):
    if code == tables.RELU:
        return max(x, mpmath.mpf(0))
    if code == tables.LEAKY_RELU:
        return x if x >= 0 else slope * x
    return mpmath.tanh(x) if code == tables.TANH else x


def exact_gap(case, x):
    """The gap at one input to 60 digits."""
    first = case.network.layers[0]
    target = exact_steps(case)
    state = oracle.arranged([mpmath.mpf(float(v)) for v in x], int(first.inputs), *first.window.grid)
    kept = oracle.pruned(target, [mask.ravel() for mask in case.masks])
    outputs = [oracle.flattened(oracle.forward(s, state, mpmath.fsum, activate)) for s in (kept, target)]
    return mpmath.sqrt(mpmath.fsum((p - q) ** 2 for p, q in zip(*outputs, strict=True)))


def off(case, gap, x):
    with mpmath.workdps(DIGITS):
        return abs(mpmath.mpf(float(gap)) - exact_gap(case, x))


@examples(60)
@given(cases())
def test_measured_gaps_are_exact_up_to_the_allowance(case):
    plan, seen = measured(case)
    allowance = allowance_of(plan, seen, case.radius)[0]
    if not np.isfinite(seen.gap[0]) or not np.isfinite(allowance):
        assert not allowance < np.inf
    else:
        assert off(case, seen.gap[0], case.inputs[seen.worst_input[0]]) <= allowance


@examples(60)
@given(cases())
def test_gap_is_at_most_the_recursion(case):
    plan, seen = measured(case)
    certificate = certified_gap(seen.norm_high, plan.lipschitz, case.radius, seen.biases)[0]
    if np.isfinite(seen.gap[0]):
        with mpmath.workdps(DIGITS):
            assert exact_gap(case, case.inputs[seen.worst_input[0]]) <= certificate


@examples(40)
@given(cases())
def test_what_a_search_finds_is_a_gap(case):
    plan, seen = measured(case)
    weights, masks = (np.concatenate([part.ravel() for part in parts])[None] for parts in (case.weights, case.masks))
    biases = np.concatenate(case.biases)[None]
    with np.errstate(all="ignore"):
        found = worst_inputs(weights, masks, plan.steps, plan.slopes, case.inputs, plan.radius, biases)
        allowance = climbed_allowance(plan, seen, case.radius, found.gap)[0]
    if np.isfinite(found.gap[0]) and np.isfinite(allowance):
        assert off(case, found.gap[0], found.point[0]) <= allowance
        assert strategies.in_ball(found.point[0], case.radius) or case.precision == tables.SINGLE


def without(case, *, allowed=False):
    """A checker that forgets biases, in the allowance or in T1."""
    plan, seen = measured(case)
    forgotten = NetworkMeasurement(**(vars(seen) | {"biases": np.zeros_like(seen.biases)}))
    with np.errstate(all="ignore"):
        if not np.isfinite(seen.gap[0]):
            return True
        x = case.inputs[seen.worst_input[0]]
        if allowed:
            allowance = allowance_of(plan, forgotten, case.radius)[0]
            return not np.isfinite(allowance) or off(case, seen.gap[0], x) <= allowance
        with mpmath.workdps(DIGITS):
            return exact_gap(case, x) <= certified_gap(seen.norm_high, plan.lipschitz, case.radius)[0]


@pytest.mark.parametrize("allowed", [False, True], ids=["T1", "allowance"])
def test_forgotten_biases_are_caught(allowed):
    assert caught(cases(), lambda case: without(case, allowed=allowed))


def test_the_recursion_is_attained_and_needs_biases():
    """One number through two layers: h = 3·2 + 4, and 1/2 of the second weight is removed."""
    exact = layer_recursion_with_biases([3, 2], [3, 1.5], [0, 0.5], [4, 7], [1, 1], radius=2)
    assert exact == 0.5 * (3 * 2 + 4)
    assert layer_recursion([3, 2], [3, 1.5], [0, 0.5], radius=2) < exact


@pytest.mark.parametrize("seed", range(20))
def test_both_orders_bound_random_networks(seed):
    rng = np.random.default_rng(seed)
    weights = [rng.standard_normal((4, 4)) for _ in range(3)]
    removed = [w * (rng.random(w.shape) < 0.3) for w in weights]
    biases = [rng.standard_normal(4) for _ in range(3)]
    x = rng.standard_normal((4, 200))
    x /= np.linalg.norm(x, axis=0)
    f = g = x
    for w, r, c in zip(weights, removed, biases, strict=True):
        f, g = (np.maximum(m @ h + c[:, None], 0) for m, h in ((w, f), (w - r, g)))
    gap = np.linalg.norm(f - g, axis=0).max()
    kept = [w - r for w, r in zip(weights, removed, strict=True)]
    a, b, rho = ([np.linalg.norm(m, 2) for m in part] for part in (weights, kept, removed))
    added = [np.linalg.norm(c) for c in biases]
    for first, second in ((a, b), (b, a)):
        assert gap <= layer_recursion_with_biases(first, second, rho, added, [1, 1, 1])


@examples(30)
@given(cases())
def test_passes_in_numpy_are_those_of_the_kernels(case):
    if case.precision == tables.SINGLE:
        return
    plan, seen = measured(case)
    with np.errstate(all="ignore"):
        shapes = [(1, len(c), -1) for c in case.biases]
        target = [w.reshape(s) for w, s in zip(case.weights, shapes, strict=True)]
        kept = [np.where(m, 0.0, w).reshape(s) for w, m, s in zip(case.weights, case.masks, shapes, strict=True)]
        biases = [c[None] for c in case.biases]
        outputs = [
            forward(plan.steps, plan.slopes, part, case.inputs.T[None], biases=biases) for part in (target, kept)
        ]
        gap = gaps(*outputs).max()
        allowance = allowance_of(plan, seen, case.radius)[0]
    if np.isfinite(allowance) and np.isfinite(gap):
        assert abs(gap - seen.gap[0]) <= 2 * allowance


def test_gradients_are_those_of_differences():
    rng = np.random.default_rng(3)
    table = np.array(steps.fully_connected([3, 5, 2], [tables.TANH]))
    weights = [rng.standard_normal((1, 5, 3)), rng.standard_normal((1, 2, 5))]
    biases = [rng.standard_normal((1, 5)), None]
    x, direction, step = rng.standard_normal((1, 3, 1)), rng.standard_normal((1, 2, 1)), 1e-6
    gradient = pulled_back(table, np.zeros(3), weights, x, direction, biases=biases)
    for k in range(3):
        moved = x.copy()
        moved[0, k] += step
        ends = [forward(table, np.zeros(3), weights, p, biases=biases) for p in (moved, x)]
        assert (direction * (ends[0] - ends[1])).sum() / step == pytest.approx(gradient[0, k, 0], rel=1e-4, abs=1e-6)
