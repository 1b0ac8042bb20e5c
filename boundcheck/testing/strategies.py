"""Hypothesis strategies for laws, samples, true tail claims, networks, pruning rules, weights, masks and inputs."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from boundcheck.statement.claim import E, P
from boundcheck.statement.domain import exact, integer, real
from boundcheck.statement.families import bounded
from boundcheck.statement.laws import (
    Law,
    bernoulli,
    beta,
    discrete,
    exponential,
    gamma,
    normal,
    poisson,
    rademacher,
    two_point,
    uniform,
)
from boundcheck.statement.layer import Activation, Convolution, conv, dense, leaky_relu, named_activation
from boundcheck.statement.network import Network, chain_of, fcn, flatten
from boundcheck.statement.pruning import Pruned, Rule, filters, magnitude, prune, random, random_filters
from boundcheck.statement.randomness import Sample, iid, independent, sum_of
from boundcheck.statement.theorem import Theorem
from boundcheck.statement.window import Pooling, average_pool, max_pool

FloatArray = NDArray[np.float64]

SCALES = ("1/16", "1/4", "1", "4")
"""Half-widths of uniform laws and standard deviations of normal laws."""
SLOPES = ("1/100", "1/2", "-1/2", "3")
"""Negative slopes of leaky ReLU; the last makes the Lipschitz constant exceed 1."""
HUGE, TINY = 1e100, 1e-100
RADII = (1.0, 0.125, 7.5, 1e-20, 1e20)


def laws() -> st.SearchStrategy[Law]:
    """Symmetric weight laws: uniform(-a, a) or normal(0, a), a in `SCALES`."""
    return st.one_of(
        st.sampled_from(SCALES).map(lambda a: uniform(f"-{a}", a)),
        st.sampled_from(SCALES).map(lambda a: normal(0, a)),
    )


def _rationals(low: int, high: int) -> st.SearchStrategy[Any]:
    return st.fractions(low, high, max_denominator=8).map(lambda f: exact("value", f))


@st.composite
def _discrete(draw: st.DrawFn, low: int, high: int) -> Law:
    values = draw(st.lists(_rationals(low, high), min_size=1, max_size=4, unique=True))
    weights = draw(st.lists(st.integers(1, 5), min_size=len(values), max_size=len(values)))
    return discrete({v: Fraction(w, sum(weights)) for v, w in zip(values, weights, strict=True)})


def scalar_laws(low: int | None = None, high: int | None = None) -> st.SearchStrategy[Law]:
    """Laws of one variable with rational parameters.

    With both ends, low < high, laws on [low, high]: two-point (constants among them), uniform, discrete and, on
    [0, 1], beta ones. Without ends also Rademacher, normal, exponential, gamma and Poisson laws.

    Parameters
    ----------
    low, high
        Ends of the interval that is to hold all values; give both or none.
    """
    left, right = (-4, 4) if low is None or high is None else (low, high)
    shares = st.fractions(0, 1, max_denominator=8).map(lambda f: exact("p", f))
    ends = st.lists(_rationals(left, right), min_size=2, max_size=2, unique=True).map(sorted)
    found: list[st.SearchStrategy[Law]] = [
        st.builds(lambda e, p: two_point(e[0], e[1], p), ends, shares),
        ends.map(lambda e: uniform(e[0], e[1])),
        _discrete(left, right),
    ]
    positive = _rationals(0, 4).filter(bool)
    if (left, right) == (0, 1):
        found += [shares.map(bernoulli), st.builds(beta, positive, positive)]
    if low is None or high is None:
        found += [
            positive.map(rademacher),
            st.builds(normal, _rationals(-4, 4), positive),
            positive.map(exponential),
            st.builds(gamma, positive, positive),
            positive.map(poisson),
        ]
    return st.one_of(found)


@st.composite
def samples(draw: st.DrawFn, law: st.SearchStrategy[Law] | None = None, max_size: int = 8) -> Sample:
    """Samples of 1 to `max_size` independent variables, of one law or of one law each.

    Parameters
    ----------
    law
        Laws of the variables; :func:`scalar_laws` by default.
    """
    one = scalar_laws() if law is None else law
    size = draw(st.integers(1, max_size))
    if size == 1 or draw(st.booleans()):
        return iid(draw(one), size)
    return independent(*draw(st.lists(one, min_size=size, max_size=size)))


@st.composite
def true_tail_theorems(draw: st.DrawFn, max_size: int = 20) -> Theorem:
    """Theorems about tails that hold, with a point to test them at: a checker that refutes one is wrong.

    Cantelli's inequality P(X - E X ≥ t) ≤ v / (v + t²) for sums of independent variables, with v their variance, or
    (high - low)²/4 for each variable on [low, high] (T. Popoviciu 1935), and for the whole family of those; times a
    factor of at least 1.
    """
    low = draw(st.integers(-3, 2))
    high = low + draw(st.integers(1, 3))
    n, t = integer("n", min=1, max=max_size), real("t", min=0, max=4, exclude_min=True)
    point: dict[Any, Any] = {t: draw(_rationals(0, 4).filter(bool))}
    kind = draw(st.sampled_from(["family", "on an interval", "any"]))
    if kind == "family":
        X = iid(bounded(low, high), n)
        point[n] = draw(st.integers(1, max_size))
    else:
        X = draw(samples(scalar_laws(low, high) if kind == "on an interval" else None, max_size))
    if kind == "any":
        variances = [exact("variance", law.variance) for law in X.laws]
        v = X.size * variances[0] if X.identical else sum(variances)
    else:
        v = X.size * (high - low) ** 2 / 4
    factor = draw(st.sampled_from([1, 2, 5]))
    return Theorem(claim=P(sum_of(X) - E(sum_of(X)) >= t) <= factor * v / (v + t**2), points=[point], name="true")


def activations() -> st.SearchStrategy[Activation]:
    """identity, relu, tanh, or leaky_relu with a slope in `SLOPES`."""
    return st.one_of(
        st.sampled_from(["identity", "relu", "tanh"]).map(named_activation),
        st.sampled_from(SLOPES).map(leaky_relu),
    )


@st.composite
def networks(draw: st.DrawFn, max_depth: int = 4, max_width: int = 12) -> Network:
    """Fully-connected networks of 1 to `max_depth` layers and widths 1 to `max_width`.

    Each layer has a law of its own out of :func:`laws` and each hidden layer an activation of its own.
    """
    depth = draw(st.integers(1, max_depth))
    widths = draw(st.lists(st.integers(1, max_width), min_size=depth + 1, max_size=depth + 1))
    between = draw(st.lists(activations(), min_size=depth - 1, max_size=depth - 1))
    weights = draw(st.lists(laws(), min_size=depth, max_size=depth))
    return fcn(widths, weights=weights, activation=between)


@st.composite
def _poolings(draw: st.DrawFn, grid: tuple[int, int]) -> Pooling:
    kernel = tuple(draw(st.integers(1, min(3, side))) for side in grid)
    stride = draw(st.one_of(st.none(), st.tuples(st.integers(1, 3), st.integers(1, 3))))
    padding = tuple(draw(st.integers(0, size // 2)) for size in kernel)
    if draw(st.booleans()):
        return max_pool(kernel, stride=stride, padding=padding)
    tiles = stride is None or all(step >= size for step, size in zip(stride, kernel, strict=True))
    return average_pool(kernel, stride=stride, padding=padding, count_include_pad=not tiles or draw(st.booleans()))


@st.composite
def _convolutions(draw: st.DrawFn, channels: Any, grid: tuple[int, int], max_channels: int) -> Convolution:
    circular = draw(st.booleans())
    kernel = tuple(draw(st.integers(1, min(3, side) if circular else 3)) for side in grid)
    # Enough padding for the kernel to fit; circular padding is at most p - 1 in all.
    padding = []
    for size, side in zip(kernel, grid, strict=True):
        total = draw(st.integers(max(0, size - side), size - 1 if circular else size + 1))
        before = draw(st.integers(0, total))
        padding.append((before, total - before))
    return conv(
        channels,
        draw(st.integers(1, max_channels)),
        kernel,
        weights=draw(laws()),
        stride=(draw(st.integers(1, 2)), draw(st.integers(1, 2))),
        padding=tuple(padding),
        padding_mode="circular" if circular else "zeros",
        activation=draw(activations()),
    )


@st.composite
def convolutional_networks(draw: st.DrawFn, max_depth: int = 3, max_channels: int = 4, max_side: int = 5) -> Network:
    """Networks of 1 to `max_depth` layers: convolutions of any padding and stride, pooling, perhaps a dense layer.

    Parameters
    ----------
    max_channels, max_side
        Channels are 1 to `max_channels`, height and width of the input 1 to `max_side`.
    """
    chain = chain_of([draw(st.integers(1, max_channels)), *(draw(st.integers(1, max_side)) for _ in range(2))])
    depth = draw(st.integers(1, max_depth))
    for place in range(depth):
        if place and draw(st.integers(0, 2)) == 0:
            chain.take(draw(_poolings(chain.grid)))
        if place + 1 == depth > 1 and draw(st.booleans()):
            chain.take(flatten())
            chain.take(dense(chain.channels, draw(st.integers(1, 6)), weights=draw(laws())))
        else:
            chain.take(draw(_convolutions(chain.channels, chain.grid, max_channels)))
    if chain.grid != (1, 1) and draw(st.booleans()):
        chain.take(draw(_poolings(chain.grid)))
    return chain.network()


@st.composite
def rules(draw: st.DrawFn, size: int = 1, filters_in: int = 0) -> Rule:
    """Magnitude or random pruning of a layer of `size` weights or more, and `filters_in` filters or more.

    The amount is a count from 0 to `size` (or `filters_in`), a fraction out of 0, 1/16, …, 1, or alpha out of
    1/16, …, 15/16. Without filters, weights are pruned.
    """
    kind = draw(st.sampled_from([magnitude, random, *([filters, random_filters] if filters_in else [])]))
    unit = draw(st.sampled_from(["count", "fraction", "alpha"]))
    amount: Any = draw(
        {
            "count": st.integers(0, size if kind in (magnitude, random) else filters_in),
            "fraction": st.integers(0, 16).map(lambda i: f"{i}/16"),
            "alpha": st.integers(1, 15).map(lambda i: f"{i}/16"),
        }[unit]
    )
    return kind(**{unit: amount})


@st.composite
def pruned_networks(draw: st.DrawFn, max_depth: int = 4, max_width: int = 12) -> Pruned:
    """Networks of :func:`networks` and :func:`convolutional_networks`, each layer pruned by its own rule or left alone.

    Parameters
    ----------
    max_depth, max_width
        Of fully-connected networks.
    """
    target = draw(st.one_of(networks(max_depth, max_width), convolutional_networks()))
    own = [st.one_of(st.none(), rules(int(layer.size), int(layer.outputs))) for layer in target.layers]
    return prune(target, [draw(rule) for rule in own])


@st.composite
def weight_matrices(draw: st.DrawFn, shape: tuple[int, int]) -> FloatArray:
    """Finite float64 matrices [m, n] that are hard on pruning and on norms.

    Ordinary entries lie in [-4, 4]; besides there are matrices of zeros, of few magnitudes (ties), of rank one, of
    negative entries only, with one entry ±1e100, and ordinary ones times 1e100 or 1e-100.
    """
    kind = draw(st.sampled_from(["ordinary", "zero", "ties", "rank one", "negative", "huge", "tiny", "one huge"]))
    if kind == "zero":
        return np.zeros(shape)
    entries = st.sampled_from([1.0, -1.0, 2.0, -2.0]) if kind == "ties" else st.floats(-4, 4)
    if kind == "rank one":
        left, right = (draw(hnp.arrays(np.float64, length, elements=entries)) for length in shape)
        return np.outer(left, right)
    matrix: FloatArray = draw(hnp.arrays(np.float64, shape, elements=entries))
    if kind == "negative":
        matrix = -np.abs(matrix)
    elif kind == "huge":
        matrix = matrix * HUGE
    elif kind == "tiny":
        matrix = matrix * TINY
    elif kind == "one huge":
        matrix.flat[draw(st.integers(0, matrix.size - 1))] = draw(st.sampled_from([HUGE, -HUGE]))
    return matrix


def masks(shape: tuple[int, int]) -> st.SearchStrategy[NDArray[np.uint8]]:
    """Any 0/1 matrix [m, n], 1 where a weight is removed; none and all removed among the likely ones."""
    return st.one_of(
        st.sampled_from([0, 1]).map(lambda value: np.full(shape, value, np.uint8)),
        hnp.arrays(np.uint8, shape, elements=st.integers(0, 1), fill=st.nothing()),
    )


def radii() -> st.SearchStrategy[float]:
    """Radii of input balls, from 1e-20 to 1e20; see `RADII`."""
    return st.sampled_from(RADII)


@st.composite
def inputs(
    draw: st.DrawFn, dimension: int, radius: float = 1.0, count: int = 6, aligned: Sequence[FloatArray] = ()
) -> FloatArray:
    """Points [count, dimension] of the ball of this radius, certified in rational arithmetic to lie in it.

    Parameters
    ----------
    dimension, count
        Shape of the result, both at least 1.
    radius
        From 1e-100 to 1e100.
    aligned
        Directions [dimension] that a worst case might have, such as singular vectors: points of the sphere along
        them, or against them, come first, as far as `count` allows.
    """
    points = [draw(st.sampled_from([1.0, -1.0])) * _on_sphere(direction) for direction in aligned[:count]]
    coordinates = st.floats(-1, 1, allow_subnormal=False)
    for _ in range(count - len(points)):
        kind = draw(st.sampled_from(["axis", "zero", "sphere", "interior"]))
        point = np.zeros(dimension)
        if kind == "axis":
            point[draw(st.integers(0, dimension - 1))] = draw(st.sampled_from([1.0, -1.0]))
        elif kind != "zero":
            point = draw(hnp.arrays(np.float64, dimension, elements=coordinates))
        points.append(_on_sphere(point) * (draw(st.floats(0, 1)) if kind == "interior" else 1.0))
    return np.array([_into_ball(point * radius, radius) for point in points])


def _on_sphere(point: FloatArray) -> FloatArray:
    largest = np.abs(point).max()
    if not largest > 0:
        return np.zeros_like(point)
    scaled = point / largest
    return scaled / np.linalg.norm(scaled)


def in_ball(point: FloatArray, radius: float) -> bool:
    """Whether the exact norm of a point is at most the radius."""
    return sum(Fraction(float(x)) ** 2 for x in point) <= Fraction(radius) ** 2


def _into_ball(point: FloatArray, radius: float) -> FloatArray:
    while not in_ball(point, radius):
        point = point * (1 - 2.0**-52)
    return point
