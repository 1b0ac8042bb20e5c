"""Weights, masks and inputs that are hard on pruning, norms and forward passes; and seeds."""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from boundcheck.check.draw import weight_shape
from boundcheck.errors import InvalidArgument
from boundcheck.statement.layer import Layer

FloatArray = NDArray[np.float64]

HUGE, TINY = 1e100, 1e-100
RADII = (1.0, 0.125, 7.5, 1e-20, 1e20)


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


def weights(layer: Layer) -> st.SearchStrategy[FloatArray]:
    """Weights of a layer of any kind: :func:`weight_matrices` as [m, n], or as [m, n, p, q] of a convolution."""
    shape = weight_shape(layer)
    return weight_matrices((shape[0], math.prod(shape[1:]))).map(lambda matrix: matrix.reshape(shape))


def masks(shape: tuple[int, ...]) -> st.SearchStrategy[NDArray[np.uint8]]:
    """Any 0/1 array of a shape, 1 where a weight is removed; none and all removed among the likely ones."""
    return st.one_of(
        st.sampled_from([0, 1]).map(lambda value: np.full(shape, value, np.uint8)),
        hnp.arrays(np.uint8, shape, elements=st.integers(0, 1), fill=st.nothing()),
    )


def seeds() -> st.SearchStrategy[int]:
    """Seeds of what a test draws itself: with :func:`boundcheck.testing.generator` an example is the same each time."""
    return st.integers(0, 2**32 - 1)


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


@st.composite
def adversarial_inputs(
    draw: st.DrawFn,
    weights: Sequence[FloatArray],
    removed: Sequence[NDArray[np.uint8]] = (),
    radius: float = 1.0,
    count: int = 6,
) -> FloatArray:
    """Points [count, dimension] of the ball, as :func:`inputs` has them, many at :func:`worst_directions` of a network.

    The first point lies along the first of these.

    Parameters
    ----------
    weights, removed
        One matrix [m, n] a layer, and one mask a layer, as for :func:`worst_directions`.
    radius, count
        As for :func:`inputs`.
    """
    directions = worst_directions(weights, removed)
    others = draw(st.lists(st.sampled_from(directions), max_size=count - 1)) if directions else []
    return draw(inputs(weights[0].shape[1], radius, count, aligned=[*directions[:1], *others]))


def worst_directions(weights: Sequence[FloatArray], removed: Sequence[NDArray[np.uint8]] = ()) -> list[FloatArray]:
    """Unit vectors [n] along which a dense network, or its gap to the pruned one, is likely to be largest.

    First singular vectors of the difference of the two products of all layers, of their product, of what is removed
    from the first layer, and of the first layer; then the part of the first of these at each kink of the first layer,
    which is orthogonal to a row up to rounding.

    Parameters
    ----------
    weights
        One matrix [m, n] a layer, finite.
    removed
        One mask a layer, 1 where a weight is removed; left out, nothing is.

    Raises
    ------
    InvalidArgument
        When there is no matrix, or one is no matrix or does not take the outputs of the one before.
    """
    if not weights or any(np.ndim(matrix) != 2 for matrix in weights):
        shapes = [np.shape(matrix) for matrix in weights]
        raise InvalidArgument("weights", shapes, "are not one matrix a layer", "pass those of a dense network")
    for before, after in itertools.pairwise(weights):
        if before.shape[0] != after.shape[1]:
            remedy = "pass [outputs, inputs] of each layer"
            raise InvalidArgument("weights", [w.shape for w in weights], "do not follow each other", remedy)
    scaled = [matrix / (np.abs(matrix).max() or 1.0) for matrix in weights]  # products are not to overflow
    masks = removed or [np.zeros(matrix.shape, np.uint8) for matrix in weights]
    kept = [np.where(mask, 0.0, matrix) for matrix, mask in zip(scaled, masks, strict=True)]
    whole, pruned = (functools.reduce(lambda product, matrix: matrix @ product, layers) for layers in (scaled, kept))
    found = [np.linalg.svd(m)[2][0] for m in (whole - pruned, whole, scaled[0] - kept[0], scaled[0]) if m.any()]
    for row in scaled[0] if found else ():
        square = row @ row
        if square > 0:
            found.append(_on_sphere(found[0] - row * (row @ found[0] / square)))
    return [direction for direction in found if direction.any()]


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
