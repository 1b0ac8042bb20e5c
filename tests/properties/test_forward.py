"""Convolutional networks of any shape: measured gaps are exact up to the allowance, and at most what T1 certifies."""

from typing import NamedTuple

import mpmath
import naive_network as oracle
import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from statistics_helpers import caught, examples

from boundcheck.check.closer import climbed_allowance, sharper_certificate
from boundcheck.check.gaps import allowance_of, certified_gap
from boundcheck.experiment.closer import CloserLook, product_norms
from boundcheck.experiment.measure import NetworkMeasurement
from boundcheck.experiment.plan import network_plan
from boundcheck.kernels import network_cpu, tables
from boundcheck.kernels.ascent_cpu import worst_inputs
from boundcheck.statement.layer import Activation
from boundcheck.statement.pruning import Pruned
from boundcheck.testing import assert_bound, strategies

CODES = {"identity": tables.IDENTITY, "relu": tables.RELU, "leaky_relu": tables.LEAKY_RELU, "tanh": tables.TANH}
DIGITS = 60


class Case(NamedTuple):
    network: object
    weights: list  # [m, n, p, q] each
    masks: list
    radius: float
    inputs: np.ndarray
    precision: str


@st.composite
def cases(draw, layered=False):
    """Convolutional networks with hard weights; if `layered` also fully-connected ones."""
    convolutional = strategies.convolutional_networks(max_channels=3, max_side=4)
    network = draw(st.one_of(strategies.networks(max_width=5), convolutional) if layered else convolutional)
    weights, masks = [], []
    for layer in network.layers:
        shape = (int(layer.outputs), int(layer.inputs), *layer.window.kernel)
        matrix = draw(strategies.weight_matrices((shape[0], int(layer.inputs * layer.taps))))
        weights.append(matrix.reshape(shape))
        masks.append(draw(strategies.masks(matrix.shape)).reshape(shape))
    first = network.layers[0]
    rows, columns = first.window.grid
    radius = draw(strategies.radii())
    inputs = draw(strategies.inputs(int(first.inputs) * rows * columns, radius, 2))
    if not (1e-30 < radius < 1e30 and draw(st.booleans())):
        return Case(network, weights, masks, radius, inputs, tables.DOUBLE)
    with np.errstate(over="ignore", under="ignore"):
        inputs = single(inputs * (1 - 2.0**-22))  # rounded, they stay in the ball
        return Case(network, [single(w) for w in weights], masks, radius, inputs, tables.SINGLE)


def single(values):
    return values.astype(np.float32).astype(np.float64)


def measured(case):
    """The measured gap at the worst input, that input, the allowance and T1 at realised norms."""
    plan = network_plan(
        Pruned(case.network, (None,) * case.network.depth), case.radius, key=0, precision=case.precision
    )
    with np.errstate(over="ignore", invalid="ignore"):
        seen = network_cpu.network_given(
            [w[None] for w in case.weights],
            [m[None] for m in case.masks],
            plan.steps,
            plan.slopes,
            case.inputs,
            precision=case.precision,
        )
        allowance = allowance_of(plan, seen, case.radius)[0]
        certificate = certified_gap(seen.norm_high, plan.lipschitz, case.radius)[0]
    return seen.gap[0], case.inputs[seen.worst_input[0]], allowance, certificate


def exact_steps(case, change):
    steps = []
    for layer, weights in zip(case.network.layers, case.weights, strict=True):
        window = layer.window
        exact = [[[[mpmath.mpf(float(w)) for w in row] for row in tap] for tap in filters] for filters in weights]
        dense = window.grid == (1, 1)
        steps.append(oracle.Linear(exact, window.stride, window.padding, window.circular, flattens=dense))
        for step in layer.after:
            if isinstance(step, Activation):
                steps.append(oracle.Activation(CODES[step.name], mpmath.mpf(step.slope.p) / step.slope.q))
            else:
                seen = step.window
                steps.append(oracle.Pool(step.kind, seen.kernel, seen.stride, seen.padding, step.whole_divisor))
    return [change(step) for step in steps]


def activate(x, code, slope):
    if code == tables.RELU:
        return max(x, mpmath.mpf(0))
    if code == tables.LEAKY_RELU:
        return x if x >= 0 else slope * x
    return mpmath.tanh(x) if code == tables.TANH else x


def exact_gap(case, x, change=lambda step: step):
    """The gap at one input to 60 digits."""
    first = case.network.layers[0]
    steps = exact_steps(case, change)
    state = oracle.arranged([mpmath.mpf(float(v)) for v in x], int(first.inputs), *first.window.grid)
    kept = oracle.pruned(steps, [mask.ravel() for mask in case.masks])
    outputs = [oracle.flattened(oracle.forward(s, state, mpmath.fsum, activate)) for s in (kept, steps)]
    return mpmath.sqrt(mpmath.fsum((p - q) ** 2 for p, q in zip(*outputs, strict=True)))


def within_the_allowance(change=lambda step: step):
    def holds(case):
        gap, x, allowance, _ = measured(case)
        if not np.isfinite(gap) or not np.isfinite(allowance):
            return not allowance < np.inf
        with mpmath.workdps(DIGITS):
            return abs(mpmath.mpf(float(gap)) - exact_gap(case, x, change)) <= allowance

    return holds


@examples(60)
@given(cases())
def test_measured_gaps_are_exact_up_to_the_allowance(case):
    assert within_the_allowance()(case)


@examples(60)
@given(cases())
def test_gap_is_at_most_the_recursion(case):
    gap, _, allowance, certificate = measured(case)
    if np.isfinite(certificate + allowance):
        assert_bound(gap - allowance, certificate)


class Look(NamedTuple):
    gap: float
    point: np.ndarray
    allowance: float
    certificate: float


def looked(case):
    """What a closer look finds: a gap that was searched for, where, its allowance, and the sharper certificate."""
    plan = network_plan(
        Pruned(case.network, (None,) * case.network.depth), case.radius, key=0, precision=case.precision
    )
    weights, masks = (np.concatenate([part.ravel() for part in parts])[None] for parts in (case.weights, case.masks))
    with np.errstate(all="ignore"):
        seen = NetworkMeasurement(
            *network_cpu.network_given(
                [w[None] for w in case.weights],
                [m[None] for m in case.masks],
                plan.steps,
                plan.slopes,
                case.inputs,
                precision=case.precision,
            )
        )
        found = worst_inputs(weights, masks, plan.steps, plan.slopes, case.inputs, plan.radius)
        look = CloserLook(found.gap, found.point, product_norms(plan, weights, masks, seen))
        return Look(
            found.gap[0],
            found.point[0],
            climbed_allowance(plan, seen, case.radius, found.gap)[0],
            sharper_certificate(plan, look, case.radius)[0],
        )


@examples(60)
@given(cases(layered=True))
def test_gaps_that_are_searched_for_are_exact_up_to_their_allowance_and_below_the_sharper_certificate(case):
    """Weights of the plan's precision count as exact, so the allowance for their rounding is to spare."""
    look = looked(case)
    if not np.isfinite(look.gap) or not np.isfinite(look.allowance):
        assert not look.allowance < np.inf
        return
    with mpmath.workdps(DIGITS):
        exact = exact_gap(case, look.point)
        assert abs(mpmath.mpf(float(look.gap)) - exact) <= look.allowance
        assert exact <= look.certificate


def test_half_of_a_sharper_certificate_is_caught():
    def holds(case):
        look = looked(case)
        return not np.isfinite(look.allowance) or look.gap - look.allowance <= look.certificate / 2

    assert caught(cases(layered=True), holds, count=2000)


def shifted(step):
    """A padding that is one row lower."""
    if isinstance(step, oracle.Linear) and step.padding[0][0] > 0:
        (top, bottom), columns = step.padding
        return step._replace(padding=((top - 1, bottom + 1), columns))
    return step


def one_more(step):
    if isinstance(step, oracle.Pool) and step.kind == "average":
        return step._replace(kernel=(step.kernel[0] + 1, step.kernel[1]), padding=_lengthened(step.padding))
    return step


def _lengthened(padding):
    (top, bottom), columns = padding
    return (top, bottom + 1), columns


FAULTS = {
    "zeros for circular padding": lambda step: (
        step._replace(circular=False) if isinstance(step, oracle.Linear) else step
    ),
    "padding on the other side": shifted,
    "one more row in averages": one_more,
    "relative errors of 1e-9": lambda step: (
        step._replace(
            weights=[[[[w * (1 + mpmath.mpf("1e-9")) for w in r] for r in t] for t in f] for f in step.weights]
        )
        if isinstance(step, oracle.Linear)
        else step
    ),
}


def test_faults_exceed_the_allowance():
    """A seed's examples change with the modules that are loaded, whose constants Hypothesis draws: 400 were too few."""
    for name, change in FAULTS.items():
        assert caught(cases(), within_the_allowance(change), count=2000), name


def test_the_allowance_of_double_precision_is_too_small_for_single():
    def holds(case):
        gap, x, _, _ = measured(case)
        allowance = measured(case._replace(precision=tables.DOUBLE))[2]
        if not (np.isfinite(gap) and np.isfinite(allowance)):
            return True
        with mpmath.workdps(DIGITS):
            return abs(mpmath.mpf(float(gap)) - exact_gap(case, x)) <= allowance

    assert caught(cases(), holds, count=400)


def test_a_recursion_with_half_the_norms_is_caught():
    def holds(case):
        gap, _, allowance, certificate = measured(case)
        return gap - allowance <= certificate / 2 or not np.isfinite(certificate + allowance)

    assert caught(cases(), holds, count=400)
