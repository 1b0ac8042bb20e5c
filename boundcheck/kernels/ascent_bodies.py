"""A search for the inputs of a ball at which a network and its pruned twin are farthest apart, on the CPU alone.

From the best of the inputs that were tried, alternating power iterations climb: with J the derivative of
x -> f(x) - F(x), where ReLU and pooling keep the side that they are on, the direction is Jᵀ (f(x) - F(x)), and the next
point is the best of several on the great circles from x to both ends of it. Where none is better, the direction is
the first right singular vector of J, in which all such iterations would end if nothing changed its side; for a
network that is linear that is the worst input of all. Biases change none of this but that derivatives are those of an
affine map. Every point is on the sphere, and every gap is that of a forward pass: whatever the directions, what is
found is a lower bound of the gap up to rounding.

Source of the iteration, for one layer: D. Boyd, The power method for ℓp norms, Linear Algebra Appl. 9 (1974), 95-101.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from .backward_bodies import backward, record_largest, record_slopes
from .jit import FloatArray, IntArray, body
from .lanczos_bodies import fill_start, largest_eigenvalue
from .linear_bodies import dot, gram
from .network_bodies import activate, add_biases, cells_after, cells_before, term_count, worst_gap
from .norm_bodies import SpectralWorkspace
from .pooling_bodies import pool
from .sampling_bodies import project_to_sphere
from .steps import ACTIVATE, CHANNELS_OUT, DETAIL, KIND, LINEAR, MAX_POOL
from .trial_bodies import run_linear

ANGLES = 10
_NARROWER = 0.5
"""On each side of a point there are points at the angles π/2 · 0.5^i, i < ANGLES."""
STARTS = 8
"""Climbs, from so many of the inputs."""
MOST_CLIMBS = 60
_GAINED = 1e-6
"""A climb goes on while the gap grows by this much of itself."""
MOST_JACOBIAN = 4_000_000_000
"""No singular vector is taken where the derivative costs more multiplications."""


class AscentWorkspace(NamedTuple):
    """Scratch arrays for B points at a time, an input of n numbers, and q seeds."""

    kept: FloatArray  # [D of all layers]
    offsets: IntArray  # [K]
    padded: FloatArray  # [grid and padding]
    hidden: FloatArray  # [2·state·B]
    following: FloatArray  # [2·state·B]
    largest: FloatArray  # [B]
    totals: FloatArray  # [B]
    batch: FloatArray  # [n·B]
    point: FloatArray  # [n]
    direction: FloatArray  # [n]
    tried: FloatArray  # [n]
    slopes: FloatArray  # [2, cells of all steps that are not linear]
    chosen: IntArray  # [2, the same]
    seeds: FloatArray  # [state·q]
    other: FloatArray  # [state·q]
    transposed: FloatArray  # [D of the largest layer]
    places: IntArray  # [state]
    jacobian: FloatArray  # [n, q]
    spectral: SpectralWorkspace  # for n × q
    gaps: FloatArray  # [B]


class Pair(NamedTuple):
    """A network and its pruned twin, which differ in their weights, and not in their biases."""

    steps: IntArray  # [s, COLUMNS]
    slopes: FloatArray  # [s], of leaky ReLU
    target: FloatArray  # [D of all layers]
    kept: FloatArray  # [D of all layers]
    biases: FloatArray  # [outputs of all layers], or [0] where there are none


@body
def products_of(steps: IntArray) -> int:
    """Multiplications by weights in one forward pass."""
    total = 0
    for s in range(steps.shape[0]):
        step = steps[s]
        if step[KIND] == LINEAR:
            total += cells_after(step) * term_count(step)
    return total


@body
def seeds_of(steps: IntArray) -> int:
    """Columns of the derivative that are computed at a time: all, or a single one where all cost too much."""
    outputs = cells_after(steps[steps.shape[0] - 1])
    return outputs if outputs * products_of(steps) <= MOST_JACOBIAN else 1


@body
def recorded_cells(steps: IntArray) -> int:
    """Cells of all steps that are not linear."""
    total = 0
    for s in range(steps.shape[0]):
        if steps[s, KIND] != LINEAR:
            total += cells_after(steps[s])
    return total


@body
def both_passes(pair: Pair, inputs: FloatArray, count: int, recording: bool, w: AscentWorkspace) -> FloatArray:
    """Both networks' outputs, the target's first, of flat inputs[n, count]; with a single one, also what J takes."""
    steps, slopes = pair.steps, pair.slopes
    hidden, following = w.hidden, w.following
    hidden[: inputs.shape[0]] = inputs
    offset = recorded = unit = 0
    for s in range(steps.shape[0]):
        step = steps[s]
        before, after = cells_before(step) * count, cells_after(step) * count
        if step[KIND] == LINEAR:
            size = step[CHANNELS_OUT] * term_count(step)
            part = slice(offset, offset + size)
            run_linear(hidden, following, pair.target[part], step, count, w.offsets, w.padded)
            beside = hidden[0 if offset == 0 else before :]
            run_linear(beside, following[after:], pair.kept[part], step, count, w.offsets, w.padded)
            offset += size
            m = step[CHANNELS_OUT]
            if pair.biases.shape[0] > 0:
                for twin in range(2):
                    add_biases(following[twin * after :], pair.biases[unit : unit + m], step, count)
            unit += m
        elif step[KIND] == ACTIVATE:
            activate(following, hidden[: 2 * after], step[DETAIL], slopes[s])
        else:
            for twin in range(2):
                pool(following[twin * after :], hidden[twin * before :], step, count)
        if step[KIND] != LINEAR:
            for twin in range(2 if recording else 0):
                own, result = hidden[twin * before : (twin + 1) * before], following[twin * after : (twin + 1) * after]
                if step[KIND] == ACTIVATE:
                    record_slopes(w.slopes[twin, recorded : recorded + after], own, result, step[DETAIL], slopes[s])
                elif step[KIND] == MAX_POOL:
                    record_largest(w.chosen[twin, recorded : recorded + after], own, step)
            recorded += after // count
        hidden, following = following, hidden
    return hidden


@body
def derivative(pair: Pair, seed: FloatArray, count: int, w: AscentWorkspace) -> None:
    """w.jacobian[n, count] = Jᵀ, or Jᵀ seed where there is a single column, at the point that was recorded last."""
    outputs = cells_after(pair.steps[pair.steps.shape[0] - 1])
    n = w.point.shape[0]
    for twin in range(2):
        if count == 1:
            w.seeds[:outputs] = seed
        else:
            w.seeds[: outputs * count] = 0.0
            for e in range(outputs):
                w.seeds[e * count + e] = 1.0
        weights = pair.kept if twin else pair.target
        seen = backward(
            w.seeds, w.other, pair.steps, weights, w.slopes[twin], w.chosen[twin], count, w.transposed, w.places
        )
        for j in range(n):
            for c in range(count):
                value = seen[j * count + c]
                w.jacobian[j, c] = w.jacobian[j, c] + value if twin else -value


@body
def _singular_vector(count: int, w: AscentWorkspace) -> None:
    """w.direction[n] = the first left singular vector of w.jacobian[n, count], if there is one."""
    n = w.direction.shape[0]
    spectral = w.spectral
    matrix = spectral.scaled
    largest = 0.0
    for j in range(n):
        for c in range(count):
            largest = max(largest, abs(w.jacobian[j, c]))
    if not 0.0 < largest < np.inf:
        w.direction[:] = 0.0
        return
    for j in range(n):
        for c in range(count):
            value = w.jacobian[j, c] / largest
            if n >= count:
                matrix[j, c] = value
            else:
                matrix[c, j] = value
    gram(spectral.gram, matrix)
    x = spectral.vector
    fill_start(x)
    largest_eigenvalue(
        spectral.gram,
        x,
        spectral.basis,
        spectral.diagonal,
        spectral.off_diagonal,
        spectral.coefficients,
        spectral.pivots,
    )
    for j in range(n):
        w.direction[j] = dot(matrix[j], x) if n >= count else x[j]


@body
def _scaled(x: FloatArray, length: float) -> bool:
    """Give x a length; false if it has none, or one out of the range of floats."""
    largest = np.abs(x).max()
    if not 0.0 < largest < np.inf:
        return False
    x /= largest
    x *= length / math.sqrt(dot(x, x))
    return True


@body
def _best_around(pair: Pair, radius: float, gap: float, w: AscentWorkspace) -> float:
    """Move w.point to the best point towards either end of w.direction if its gap exceeds `gap`; the gap there."""
    n = w.point.shape[0]
    count = 2 * ANGLES
    if not _scaled(w.direction, radius):
        return gap
    for c in range(count):
        angle = 0.5 * math.pi * _NARROWER ** (c // 2)
        along = math.cos(angle) if c > 1 else 0.0
        across = math.sin(angle) if c % 2 == 0 else -math.sin(angle)
        for j in range(n):
            w.tried[j] = along * w.point[j] + across * w.direction[j]
        project_to_sphere(w.tried, radius)
        for j in range(n):
            w.batch[j * count + c] = w.tried[j]
    found, best = _worst(pair, w.batch[: n * count], count, w)
    if found > gap:
        for j in range(n):
            w.point[j] = w.batch[j * count + best]
        return found
    return gap


@body
def _worst(pair: Pair, inputs: FloatArray, count: int, w: AscentWorkspace) -> tuple[float, int]:
    """The largest gap of flat inputs[n, count] and the first of them with it."""
    outputs = cells_after(pair.steps[pair.steps.shape[0] - 1])
    hidden = both_passes(pair, inputs, count, False, w)
    return worst_gap(hidden, hidden[outputs * count :], outputs, count, w.largest, w.totals)


@body
def _climb(pair: Pair, radius: float, gap: float, w: AscentWorkspace) -> float:
    """Climb from w.point, where the gap is `gap`; the gap where w.point is then."""
    outputs = cells_after(pair.steps[pair.steps.shape[0] - 1])
    all_seeds = w.jacobian.shape[1]
    for _ in range(MOST_CLIMBS):
        before = gap
        hidden = both_passes(pair, w.point, 1, True, w)
        seed = hidden[outputs : 2 * outputs] - hidden[:outputs]
        if _scaled(seed, 1.0):
            derivative(pair, seed, 1, w)
            w.direction[:] = w.jacobian[:, 0]
            gap = _best_around(pair, radius, gap, w)
        if gap <= before * (1.0 + _GAINED) and all_seeds > 1:
            derivative(pair, seed, all_seeds, w)
            _singular_vector(all_seeds, w)
            gap = _best_around(pair, radius, gap, w)
        if not gap > before * (1.0 + _GAINED):
            break
    return gap


@body
def ascend(
    pair: Pair, inputs: FloatArray, count: int, radius: float, best_point: FloatArray, w: AscentWorkspace
) -> float:
    """The largest gap that climbs from flat inputs[n, count] find, and the point with it; its norm is at most `radius`.

    A gap that is not a number is found at once.
    """
    n = best_point.shape[0]
    best, where = _worst(pair, inputs, count, w)
    for j in range(n):
        best_point[j] = inputs[j * count + where]
    if not best < np.inf:
        return best
    for b in range(count):
        w.gaps[b] = w.largest[b] * math.sqrt(w.totals[b]) if w.largest[b] > 0.0 else 0.0
    starts = min(STARTS, count) if recorded_cells(pair.steps) > 0 else 1  # of a linear network all climbs end alike
    for _ in range(starts):
        start = np.argmax(w.gaps[:count])
        for j in range(n):
            w.point[j] = inputs[j * count + start]
        found = _climb(pair, radius, w.gaps[start], w)
        w.gaps[start] = -1.0
        if found > best:
            best = found
            best_point[:] = w.point
    return best
