"""Allowances cover what float64 forward passes really lose, against passes at 60 digits."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import NamedTuple

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boundcheck.formula.rounding import UNIT_ROUNDOFF, gamma, gap_allowance, statistic_allowance

SLOPE = 0.3
STEEP = -2.5


def relu(z):
    return np.maximum(z, 0.0)


class Activation(NamedTuple):
    floats: object
    exact: object
    lipschitz: float


ACTIVATIONS = {
    "identity": Activation(lambda z: z, lambda z: z, 1.0),
    "relu": Activation(relu, lambda z: max(z, mpmath.mpf(0)), 1.0),
    "tanh": Activation(np.tanh, mpmath.tanh, 1.0),
    "leaky": Activation(lambda z: np.where(z < 0, SLOPE * z, z), lambda z: SLOPE * z if z < 0 else z, 1.0),
    "steep": Activation(lambda z: np.where(z < 0, STEEP * z, z), lambda z: STEEP * z if z < 0 else z, abs(STEEP)),
}


def float_pass(weights, activation, x, order):
    hidden = x
    for i, w in enumerate(weights):
        # One term after the other, in any order: what compiled loops and BLAS may do.
        z = np.zeros(len(w))
        for k in order(len(hidden)):
            z = z + w[:, k] * hidden[k]
        hidden = activation.floats(z) if i < len(weights) - 1 else z
    return hidden


def exact_pass(weights, activation, x):
    hidden = [mpmath.mpf(float(v)) for v in x]
    for i, w in enumerate(weights):
        z = [mpmath.fsum(mpmath.mpf(float(c)) * h for c, h in zip(row, hidden, strict=True)) for row in w]
        hidden = [activation.exact(v) for v in z] if i < len(weights) - 1 else z
    return hidden


def norm_above(matrix):
    """An upper bound of the spectral norm that is next to sharp also for huge and tiny entries."""
    largest = float(np.abs(matrix).max())
    return 0.0 if largest == 0 else largest * float(np.linalg.norm(matrix / largest, 2)) * (1 + 1e-10)


def frobenius_above(matrix):
    largest = float(np.abs(matrix).max())
    return 0.0 if largest == 0 else largest * float(np.linalg.norm(matrix / largest)) * (1 + 1e-10)


def error_and_allowance(weights, masks, name, x, order=range):
    """|measured - exact| gap at one input, and what is allowed for it."""
    activation = ACTIVATIONS[name]
    kept = [np.where(mask, 0.0, w) for w, mask in zip(weights, masks, strict=True)]
    with np.errstate(all="ignore"):
        difference = float_pass(kept, activation, x, order) - float_pass(weights, activation, x, order)
        # Scaled, as the kernels do.
        largest = np.abs(difference).max()
        gap = largest * np.sqrt(np.sum((difference / largest) ** 2)) if largest > 0 else largest
    with mpmath.workdps(60):
        exact = [
            p - q for p, q in zip(exact_pass(kept, activation, x), exact_pass(weights, activation, x), strict=True)
        ]
        exact_gap = mpmath.sqrt(mpmath.fsum(v * v for v in exact))
        radius = float(mpmath.sqrt(mpmath.fsum(mpmath.mpf(float(v)) ** 2 for v in x))) * (1 + 1e-15)
        allowance = gap_allowance(
            np.array([gap]),
            np.array([[[norm_above(w), norm_above(k)] for w, k in zip(weights, kept, strict=True)]]),
            np.array([[frobenius_above(w) for w in weights]]),
            lipschitz=np.array([activation.lipschitz] * (len(weights) - 1) + [1.0]),
            terms=np.array([w.shape[1] for w in weights]),
            outputs=np.array([*(len(w) for w in weights), len(weights[-1])]),
            roundings=np.array([4] * (len(weights) - 1) + [0]),
            underflows=np.array([float(len(w)) for w in weights[:-1]] + [0.0]),
            radius=radius,
        )[0]
        if not math.isfinite(gap):
            return mpmath.inf, allowance, gap
        return abs(mpmath.mpf(float(gap)) - exact_gap), allowance, gap


def random_case(rng, name):
    depth = int(rng.integers(1, 4))
    widths = rng.integers(1, 7, depth + 1)
    weights = [rng.normal(size=(m, n)) * 10.0 ** rng.integers(-3, 4) for n, m in pairwise(widths)]
    masks = [rng.random(w.shape) < 0.4 for w in weights]
    return weights, masks, name, rng.normal(size=widths[0])


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_random_networks(name):
    rng = np.random.default_rng(17)
    for _ in range(40):
        error, allowance, _ = error_and_allowance(*random_case(rng, name), order=lambda n: rng.permutation(n))
        assert error <= allowance


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("scale", [1.0, 1e8, 1e150, 1e-8, 1e-150, 1e-300])
def test_cancellation_at_every_scale(name, scale):
    # Rows that cancel to the last bits, so that what is left is all rounding.
    first = np.array([[1.0, 1e-16, -1.0], [1 / 3, -1 / 3, 1e-9], [0.1, 0.2, -0.3]]) * scale
    second = np.array([[3.0, -3.0, 1.0], [1e9, 1.0, -1e9]])
    masks = [np.array([[0, 1, 0], [0, 0, 1], [1, 0, 0]], dtype=bool), np.array([[1, 0, 0], [0, 1, 0]], dtype=bool)]
    for x in (np.array([1.0, 1.0, 1.0]), np.array([1.0, 1 + 2**-52, 1 - 2**-53]), np.array([0.1, 0.7, 1e-8])):
        error, allowance, gap = error_and_allowance([first, second], masks, name, x)
        assert error <= allowance or not math.isfinite(gap)


entries = st.sampled_from([0.0, 1.0, -1.0, 0.1, -0.3, 1 / 3, 1e-16, 1e16, -1e16, 1e-160, 1e100, -1e-308, 5e-324])


@st.composite
def nasty(draw):
    depth = draw(st.integers(1, 3))
    widths = draw(st.lists(st.integers(1, 3), min_size=depth + 1, max_size=depth + 1))
    weights, masks = [], []
    for n, m in pairwise(widths):
        row = st.lists(entries, min_size=n, max_size=n)
        weights.append(np.array(draw(st.lists(row, min_size=m, max_size=m))))
        flags = st.lists(st.booleans(), min_size=n, max_size=n)
        masks.append(np.array(draw(st.lists(flags, min_size=m, max_size=m))))
    x = draw(st.lists(entries.filter(lambda v: abs(v) < 1e17), min_size=widths[0], max_size=widths[0]))
    return weights, masks, draw(st.sampled_from(sorted(ACTIVATIONS))), np.array(x)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(nasty())
def test_nasty_networks(case):
    error, allowance, gap = error_and_allowance(*case)
    # A gap beyond the floats gets an allowance that decides nothing.
    assert error <= allowance if math.isfinite(gap) else not allowance < math.inf


def test_the_allowance_is_far_below_the_gaps_that_it_goes_with():
    rng = np.random.default_rng(3)
    weights = [rng.uniform(-1, 1, (64, 64)) / 8 for _ in range(3)]
    masks = [np.abs(w) < np.quantile(np.abs(w), 0.1) for w in weights]
    error, allowance, gap = error_and_allowance(weights, masks, "relu", rng.normal(size=64) / 8)
    assert error <= allowance < 1e-10 * gap


def test_the_allowance_grows_with_everything_that_makes_errors():
    base = {
        "gap": np.array([0.1]),
        "norms": np.array([[[2.0, 1.9], [3.0, 2.8]]]),
        "absolute": np.array([[4.0, 5.0]]),
        "lipschitz": np.array([1.0, 1.0]),
        "terms": np.array([10, 20]),
        "outputs": np.array([20, 30, 30]),
        "roundings": np.array([4, 9]),
        "radius": 1.0,
    }
    underflows = np.array([20.0, 0.0])
    allowance = gap_allowance(**base, underflows=underflows)
    for name, value in base.items():
        assert gap_allowance(**{**base, name: value * 2}, underflows=underflows) > allowance, name
    for name, value in {"roundoff": 2.0**-24, "smallest": 1e-3}.items():
        assert gap_allowance(**base, underflows=underflows, **{name: value}) > allowance, name
    nothing = {**base, "gap": np.zeros(1), "radius": 0.0}
    assert gap_allowance(**nothing, underflows=underflows * 2) > gap_allowance(**nothing, underflows=underflows) > 0


def test_gamma_is_highams():
    for k in (1, 3, 1000, 10**8):
        with mpmath.workdps(60):
            u = mpmath.mpf(2) ** -53
            exact = k * u / (1 - k * u)
            assert mpmath.almosteq(exact, gamma(k), rel_eps=1e-15)
    assert gamma(1) > UNIT_ROUNDOFF == np.finfo(float).eps / 2


VALUES = {
    "cancelling": [1.0, 1e16, -1e16, 1.0, -1.0, 0.1] * 40,
    "growing": [3.0**k for k in range(-30, 30)],
    "tenths": [0.1] * 1000,
    "subnormal": [5e-324],
    "subnormals": [5e-324, 0.0, 0.0],
    "huge and tiny": [1e300, 1e-300, -1e300, 5e-324],
}


@pytest.mark.parametrize("kind", ["sum", "mean"])
@pytest.mark.parametrize("name", VALUES)
def test_statistics(kind, name):
    values = np.array(VALUES[name])
    for order in (np.arange(len(values)), np.random.default_rng(1).permutation(len(values))):
        total = absolute = 0.0
        for v in values[order]:
            total, absolute = total + v, absolute + abs(v)
        computed = total if kind == "sum" else total / len(values)
        with mpmath.workdps(700):
            exact = mpmath.fsum(mpmath.mpf(float(v)) for v in values)
            exact = exact if kind == "sum" else exact / len(values)
            allowed = statistic_allowance(np.array([computed]), np.array([absolute]), len(values), kind)[0]
            assert abs(mpmath.mpf(float(computed)) - exact) <= mpmath.mpf(float(allowed))
            assert allowed <= 1e-12 * absolute + 1e-300


def test_a_maximum_is_exact():
    assert statistic_allowance(np.array([3.0]), np.array([1e300]), 50, "maximum").tolist() == [0]


def test_sums_beyond_the_largest_float_are_allowed_anything():
    # What overflows in single precision tells nothing, however small the errors would be without that.
    base = {
        "gap": np.array([0.1]),
        "norms": np.array([[[1.0, 1.0], [1.0, 1.0]]]),
        "lipschitz": np.array([1.0, 1.0]),
        "terms": np.array([10, 20]),
        "outputs": np.array([20, 30, 30]),
        "roundings": np.array([0, 0]),
        "underflows": np.zeros(2),
        "radius": 1.0,
        "roundoff": 2.0**-24,
        "smallest": 2.0**-149,
    }
    largest = float(np.finfo(np.float32).max)
    for place in range(2):
        absolute = np.array([[1.0, 1.0]])
        absolute[0, place] = largest
        assert gap_allowance(**base, absolute=absolute, largest=largest)[0] == np.inf
        assert gap_allowance(**base, absolute=absolute)[0] < np.inf  # but of double precision
        absolute[0, place] = largest / 4
        assert gap_allowance(**base, absolute=absolute, largest=largest)[0] < np.inf


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_allowance_covers_activations_to_which_a_constant_is_added(name):
    rng = np.random.default_rng(17)
    shift = 1000.0
    plain = ACTIVATIONS[name]
    moved = Activation(lambda z: plain.floats(z) + shift, lambda z: plain.exact(z) + mpmath.mpf(shift), plain.lipschitz)
    lost = 0.0
    for _ in range(5):
        weights = [rng.normal(size=(5, 4)), rng.normal(size=(6, 5)), rng.normal(size=(3, 6))]
        kept = [np.where(rng.random(w.shape) < 0.5, 0.0, w) for w in weights]
        x = rng.normal(size=4)
        x /= 2 * np.linalg.norm(x)
        outputs = [float_pass(ws, moved, x, range) for ws in (weights, kept)]
        with mpmath.workdps(60):
            sure = [exact_pass(ws, moved, x) for ws in (weights, kept)]
            exact = mpmath.sqrt(mpmath.fsum((a - b) ** 2 for a, b in zip(*sure, strict=True)))
            measured = float(np.linalg.norm(outputs[0] - outputs[1]))
            error = float(abs(mpmath.mpf(measured) - exact))
        norms = np.array([[[norm_above(w), norm_above(k)] for w, k in zip(weights, kept, strict=True)]])
        numbers = {
            "lipschitz": np.array([plain.lipschitz, plain.lipschitz, 1.0]),
            "terms": np.array([4, 5, 6]),
            "outputs": np.array([5, 6, 3, 3]),
            "roundings": np.array([8, 8, 0]),
            "underflows": np.array([5.0, 6.0, 0.0]),
            "radius": 0.5,
        }
        absolute = np.array([[np.linalg.norm(w) * (1 + 1e-12) for w in weights]])
        offsets = shift * np.sqrt(np.array([5.0, 6.0, 0.0])) * (1 + 1e-12)
        allowed = gap_allowance(np.array([measured]), norms, absolute, offsets=offsets, **numbers)[0]
        without = gap_allowance(np.array([0.0]), norms, absolute, **numbers)[0]
        assert error <= allowed < 1e-8
        lost = max(lost, error / without)
    assert lost > 1  # the constant counts: without it the allowance is too small
