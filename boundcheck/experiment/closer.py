"""A closer look at a few trials: their worst inputs, searched for, and the norms of products of their layers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from boundcheck.experiment.arrays import NetworkPlan
from boundcheck.experiment.device import load_kernels
from boundcheck.experiment.measure import NetworkMeasurement, norm_slack, starting_inputs
from boundcheck.kernels import steps, tables

Floats = NDArray[np.float64]
Span = tuple[int, int]
"""First and last layer, from 0, of layers one after the other."""

_ROUNDOFF = 2.0**-53
_OUTWARD = 1 + 2.0**-40
"""More than the roundings of the few operations on norms here."""
_GENEROUS = 1 + 2.0**-20
"""More than those of a sum of 2^32 squares, in any order."""
_SMALLEST = 2.0**-1000
"""More than all underflows of a product."""
_LEAST_POWER = -20


@dataclass(frozen=True)
class ProductNorms:
    """Upper bounds, shape (T,), of the spectral norms of products of consecutive layers.

    T_i and T'_i are diagonal matrices of powers of two, which tell the columns and rows of what is removed from layer i
    that matter from those that hardly do; identities where the layer beside it cannot be multiplied by it.

    Attributes
    ----------
    target, kept
        Of the product W_last … W_first of the target's layers, or of what is kept of them.
    mixed
        By i and span: of what is kept of the layers after layer i, times what is removed from it, times the target's
        layers before it; times T_i⁻¹ if the span begins with i, and T'_i⁻¹ times it if it ends with i.
    before, after
        Of T_i times a product of the target's layers that ends just before layer i, and of a product of what is kept of
        layers that begins just after it, times T'_i.
    whole
        Of the difference of the products of all layers, or None where they cannot all be multiplied.
    """

    target: Mapping[Span, Floats]
    kept: Mapping[Span, Floats]
    mixed: Mapping[tuple[int, Span], Floats]
    before: Mapping[Span, Floats]
    after: Mapping[Span, Floats]
    whole: Floats | None


@dataclass(frozen=True)
class CloserLook:
    """What a closer look at T trials shows.

    Attributes
    ----------
    gap
        The largest ‖f(x) - F(x)‖ that was found, shape (T,): a lower bound of the gap up to rounding.
    point
        An input with it, whose norm is at most the radius, shape (T, n).
    norms
        Of products of layers; None where biases, which these leave out, are between layers.
    """

    gap: Floats
    point: Floats
    norms: ProductNorms | None


def look_closer(
    plan: NetworkPlan, trials: Sequence[int], seen: NetworkMeasurement, *, device: str = "cpu"
) -> CloserLook:
    """Look closer at some trials.

    Weights are those that the device has drawn; the CPU does the rest.

    Parameters
    ----------
    plan, trials
        The network, and the numbers of the trials.
    seen
        What these trials have shown, with certified norms.
    """
    drawn = load_kernels(device, "network").network_draws(
        plan.key,
        trials,
        plan.steps,
        plan.laws,
        plan.law_parameters,
        plan.rules,
        plan.removed,
        precision=plan.precision,
        bias_laws=plan.bias_laws,
        bias_parameters=plan.bias_parameters,
    )
    found = load_kernels("cpu", "ascent").worst_inputs(
        drawn.weights, drawn.removed, plan.steps, plan.slopes, starting_inputs(plan, device), plan.radius, drawn.biases
    )
    norms = None if plan.has_biases else product_norms(plan, drawn.weights, drawn.removed, seen)
    return CloserLook(found.gap, found.point, norms)


def product_norms(
    plan: NetworkPlan, weights: Floats, removed: NDArray[np.uint8], seen: NetworkMeasurement
) -> ProductNorms:
    """Certified norms of all products of layers between which there are secants with a centre.

    Parameters
    ----------
    plan
        The network.
    weights, removed
        Of all layers, shape (T, D).
    seen
        The norms of single layers in these trials.
    """
    layers = _Layers(plan, weights, removed, seen)
    spans = layers.spans
    runs = [(i, (first, last)) for first, last in spans for i in range(first, last + 1)]
    with np.errstate(all="ignore"):  # what overflows is no bound
        return ProductNorms(
            {span: layers.norm(tables.TARGET, span) for span in spans},
            {span: layers.norm(tables.KEPT, span) for span in spans},
            {(i, span): layers.mixed(i, span) for i, span in runs},
            {span: layers.before(span) for span in spans if span[1] + 1 < layers.depth},
            {span: layers.after(span) for span in spans if span[0] > 0},
            # A single layer may be a convolution.
            layers.difference().norm if layers.depth > 1 and (0, layers.depth - 1) in spans else None,
        )


@dataclass(frozen=True)
class _Product:
    """Computed products [T, m, n], and how far each may be from the exact one in the spectral norm, shape (T,)."""

    matrix: Floats
    error: Floats

    @property
    def norm(self) -> Floats:
        """Upper bounds of the norms of the exact products."""
        _, high = load_kernels("cpu", "matrix").norm_trials(self.matrix)
        bound = (high + self.error) * _OUTWARD
        return np.where(np.isnan(bound), np.inf, bound)

    def after(self, before: _Product, norm: Floats) -> _Product:
        """Itself, with a norm of at most `norm`, times another.

        A computed product of matrices with inner dimension n is off by at most γ_n ‖A‖_F ‖B‖_F, in any order of
        summation (Higham, Accuracy and Stability, 2nd ed., (3.13)); an error E of B leads to ‖A‖ ‖E‖, and one of A to
        ‖E‖ ‖fl B‖.
        """
        terms = (self.matrix.shape[2] + 2) * _ROUNDOFF
        size = _frobenius(before.matrix)
        roundings = terms / (1 - terms) * _frobenius(self.matrix) * size
        error = norm * before.error + self.error * size + roundings + _SMALLEST
        return _Product(self.matrix @ before.matrix, error * _OUTWARD)


class _Layers:
    """The layers of T networks as matrices, and their products."""

    def __init__(
        self, plan: NetworkPlan, weights: Floats, removed: NDArray[np.uint8], seen: NetworkMeasurement
    ) -> None:
        self._roundoff = 2 * plan.weight_roundoff
        self._norms = seen.norm_high + norm_slack(plan, seen)
        self._parts = _parts(plan, weights, removed)
        self.depth = len(self._parts)
        merged = plan.secants[:, 0] > 0
        self.spans = {
            (first, last)
            for first in range(self.depth)
            for last in range(first, self.depth)
            if merged[first:last].all()
        }
        self._left: list[Floats | None] = []
        self._right: list[Floats | None] = []
        for i, (_, _, gone) in enumerate(self._parts):
            self._right.append(_powers(gone, axis=1) if i > 0 and merged[i - 1] else None)
            self._left.append(_powers(gone, axis=2) if i + 1 < self.depth and merged[i] else None)
        self._products: dict[tuple[int, Span], _Product] = {}

    def norm(self, part: int, span: Span) -> Floats:
        """Of a product of one part of all layers."""
        first, last = span
        return self._norms[:, first, part] * _OUTWARD if first == last else self._product(part, span).norm

    def mixed(self, i: int, span: Span) -> Floats:
        """Of a product with what is removed from layer i, scaled at the ends that it makes."""
        first, last = span
        gone = self._parts[i][tables.REMOVED]
        right, left = self._right[i], self._left[i]
        if first == i and right is not None:
            gone = gone / np.where(right > 0, right, 1.0)[:, np.newaxis, :]
        if last == i and left is not None:
            gone = gone / np.where(left > 0, left, 1.0)[:, :, np.newaxis]
        if first == last and right is left is None:
            return self.norm(tables.REMOVED, span)
        product = self._exact(gone)
        norm = _frobenius(gone)
        if first < i:
            product = product.after(self._product(tables.TARGET, (first, i - 1)), norm)
        for layer in range(i + 1, last + 1):
            product = self._factor(layer, tables.KEPT).after(product, self.norm(tables.KEPT, (layer, layer)))
        return product.norm

    def before(self, span: Span) -> Floats:
        """Of the target's layers before layer i, scaled as the columns of what is removed there are."""
        first, last = span
        scale = self._right[last + 1]
        if scale is None:
            return self.norm(tables.TARGET, span)
        scaled = self._exact(self._parts[last][tables.TARGET] * scale[:, :, np.newaxis])
        if first == last:
            return scaled.norm
        earlier = self._product(tables.TARGET, (first, last - 1))
        return scaled.after(earlier, self.norm(tables.TARGET, (last, last))).norm

    def after(self, span: Span) -> Floats:
        """Of what is kept of the layers after layer i, scaled as the rows of what is removed there are."""
        first, last = span
        scale = self._left[first - 1]
        if scale is None:
            return self.norm(tables.KEPT, span)
        product = self._exact(self._parts[first][tables.KEPT] * scale[:, np.newaxis, :])
        for layer in range(first + 1, last + 1):
            product = self._factor(layer, tables.KEPT).after(product, self.norm(tables.KEPT, (layer, layer)))
        return product.norm

    def difference(self) -> _Product:
        """Of the products of all layers."""
        ends = 0, self.depth - 1
        target, kept = (self._product(part, ends) for part in (tables.TARGET, tables.KEPT))
        error = target.error + kept.error + 4 * _ROUNDOFF * (_frobenius(target.matrix) + _frobenius(kept.matrix))
        return _Product(kept.matrix - target.matrix, error)

    def _factor(self, layer: int, part: int) -> _Product:
        return self._exact(self._parts[layer][part])

    def _exact(self, matrix: Floats) -> _Product:
        """Weights, which in single precision are rounded ones."""
        return _Product(matrix, self._roundoff * _frobenius(matrix) + _SMALLEST)

    def _product(self, part: int, span: Span) -> _Product:
        if (part, span) not in self._products:
            first, last = span
            product = self._factor(last, part)
            if first < last:
                earlier = self._product(part, (first, last - 1))
                product = product.after(earlier, self.norm(part, (last, last)))
            self._products[part, span] = product
        return self._products[part, span]


def _powers(matrices: Floats, axis: int) -> Floats:
    """Powers of two near the square roots of the lengths of rows (axis 2) or columns (axis 1), the largest being 1.

    By powers of two weights are scaled without rounding. Where there is nothing, 0.
    """
    largest = np.maximum(np.abs(matrices).max(axis=(1, 2), keepdims=True), _SMALLEST)
    lengths = np.sqrt(np.square(matrices / largest).sum(axis=axis))
    longest = lengths.max(axis=1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        exponents = np.rint(np.log2(lengths / longest) / 2)
    return np.where((matrices != 0).any(axis=axis), np.exp2(np.fmax(exponents, _LEAST_POWER)), 0.0)


def _frobenius(matrices: Floats) -> Floats:
    """From above; squares of scaled numbers neither overflow nor underflow."""
    largest = np.maximum(np.abs(matrices).max(axis=(1, 2)), _SMALLEST)
    scaled = np.square(matrices / largest[:, np.newaxis, np.newaxis])
    return np.asarray(largest * np.sqrt(scaled.sum(axis=(1, 2))) * _GENEROUS + _SMALLEST)


def _parts(plan: NetworkPlan, weights: Floats, removed: NDArray[np.uint8]) -> list[tuple[Floats, Floats, Floats]]:
    """Target, kept and removed weights [T, m, n] of each layer, a convolution's filters as rows."""
    found: list[tuple[Floats, Floats, Floats]] = []
    offset = 0
    for step in plan.steps[plan.steps[:, steps.KIND] == steps.LINEAR]:
        m = int(step[steps.CHANNELS_OUT])
        n = int(step[steps.CHANNELS_IN] * step[steps.KERNEL_ROWS] * step[steps.KERNEL_COLUMNS])
        part = slice(offset, offset + m * n)
        whole, gone = weights[:, part].reshape(-1, m, n), removed[:, part].reshape(-1, m, n)
        found.append((whole, np.where(gone, 0.0, whole), np.where(gone, whole, 0.0)))
        offset += m * n
    return found
