"""Estimates of spectral norms in the precision of the weights: a Lanczos run on AᵀA in one pass over A a step.

An estimate is the square root of a Ritz value: it approaches ‖A‖ from below, whatever the start, up to the rounding of
the run, and it is no certificate of either side (`norm_bodies` has those). A run ends when the Ritz value grows by less
than 1e-9 of itself over three steps: a coarser test would now and then stop on the plateau of the second singular
value. Relative errors are within -1e-7 and 1e-12; in single precision, where rounding remains, within 1e-5 (and mostly
1e-7): so much is tested on matrices of many kinds, and not proved.

A is used as it is if its largest entry lies in [2⁻²⁰, 2²⁰], else scaled by a power of two, so that no square overflows
and none underflows that matters.

Source of the recurrence: C. C. Paige, J. Inst. Maths Applics 10 (1972), 373-381.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from .jit import FloatArray, IndexArray, body
from .lanczos_bodies import fill_start
from .row_bodies import gram_times, inner
from .team import lane, lanes, sync, team_count, team_max
from .tridiagonal_bodies import has_eigenvalue_above, largest_ritz_value

ESTIMATE_STEPS = 200
_FIRST_CHECK = 9
_CHECKED_EVERY = 3
_INCREMENT = 1e-9
_BREAKDOWN = (1e-7, 4e-6)  # in double and single precision: what is left of a vector is mostly rounding
_HIGHEST = 2.0**20
_LOWEST = 2.0**-20
_ZERO = 10_000
_NOT_FINITE = 10_001


class EstimateWorkspace(NamedTuple):
    """Scratch arrays for matrices of up to n columns, and the places of the entries of a sparse one."""

    vectors: FloatArray  # [3·n], in the precision of the weights
    scaled: FloatArray  # [D] of the matrix, if it has to be scaled
    diagonal: FloatArray  # [ESTIMATE_STEPS]
    off_diagonal: FloatArray  # [ESTIMATE_STEPS]
    columns: IndexArray  # [c] of the entries of a sparse matrix, row by row
    ends: IndexArray  # [r] where among them each row that has any ends


@body
def estimate_workspace_of(all_teams: EstimateWorkspace, team: int) -> EstimateWorkspace:
    """The scratch arrays of one team, out of arrays with one row a team."""
    return EstimateWorkspace(
        all_teams.vectors[team],
        all_teams.scaled[team],
        all_teams.diagonal[team],
        all_teams.off_diagonal[team],
        all_teams.columns[team],
        all_teams.ends[team],
    )


@body
def sparse_gram_times(
    out: FloatArray, values: FloatArray, rows: int, n: int, x: FloatArray, workspace: EstimateWorkspace
) -> None:
    """out[n] = AᵀA x, of a matrix whose `rows` nonzero rows the workspace tells. A team of one does it."""
    columns = workspace.columns
    for j in range(n):
        out[j] = 0
    start = 0
    for i in range(rows):
        stop = workspace.ends[i]
        total = out.dtype.type(0)
        for e in range(start, stop):
            total += values[e] * x[columns[e]]
        for e in range(start, stop):
            out[columns[e]] += total * values[e]
        start = stop


@body
def by_rows(workspace: EstimateWorkspace, where: IndexArray, count: int, n: int) -> int:
    """Enter the increasing places where[count] of a sparse [·, n] into the workspace; return the number of its rows.

    A team of one does it, unless there is no place.
    """
    rows = 0
    current = -1
    for e in range(count):
        row = where[e] // n
        workspace.columns[e] = where[e] - row * n
        if row != current:
            rows += 1
            current = row
        workspace.ends[rows - 1] = e + 1
    return rows


@body
def largest_exponent(values: FloatArray) -> int:
    """0 if the largest magnitude lies in [2⁻²⁰, 2²⁰], else the exponent of the power of two above it."""
    highest, lowest = values.dtype.type(_HIGHEST), values.dtype.type(_LOWEST)
    outside = np.int32(0)
    ordinary = np.int32(0)
    for e in range(lane(), values.shape[0], lanes()):
        outside |= np.int32(not abs(values[e]) <= highest)
        ordinary |= np.int32(abs(values[e]) >= lowest)
    if team_count(outside != 0) == 0 and team_count(ordinary != 0) > 0:
        return 0
    part = 0.0
    for e in range(lane(), values.shape[0], lanes()):
        magnitude = np.float64(abs(values[e]))
        part = max(part, magnitude if magnitude < np.inf else np.inf)
    largest = team_max(part)
    if largest == 0.0:
        return _ZERO
    return math.frexp(largest)[1] if largest < np.inf else _NOT_FINITE


@body
def spectral_estimate(values: FloatArray, sparse: bool, rows: int, n: int, workspace: EstimateWorkspace) -> float:
    """About ‖A‖ of values[rows·n], or of a sparse A[·, n] with entries values[c] in `rows` of its rows.

    0 for a zero matrix, infinity for one with an entry that is not finite.
    """
    exponent = largest_exponent(values)
    if exponent == _ZERO:
        return 0.0
    if exponent == _NOT_FINITE:
        return np.inf
    if exponent == 0:
        return math.sqrt(_largest_ritz_of_gram(values, sparse, rows, n, workspace))
    scaled = workspace.scaled[: values.shape[0]]
    for e in range(lane(), values.shape[0], lanes()):
        scaled[e] = math.ldexp(np.float64(values[e]), -exponent)
    sync()
    return math.ldexp(math.sqrt(_largest_ritz_of_gram(scaled, sparse, rows, n, workspace)), exponent)


@body
def _largest_ritz_of_gram(values: FloatArray, sparse: bool, rows: int, n: int, workspace: EstimateWorkspace) -> float:
    before = workspace.vectors[:n]
    now = workspace.vectors[n : 2 * n]
    after = workspace.vectors[2 * n : 3 * n]
    diagonal, off_diagonal = workspace.diagonal, workspace.off_diagonal
    steps = min(n + 8, diagonal.shape[0])
    breakdown = _BREAKDOWN[1] if values.itemsize == 4 else _BREAKDOWN[0]
    fill_start(now)
    to_unit = now.dtype.type(1.0 / math.sqrt(inner(now, now, n)))
    for j in range(lane(), n, lanes()):
        now[j] *= to_unit
        before[j] = 0
    sync()
    ritz = growth = largest = length = 0.0
    for step in range(steps):
        if sparse:
            sparse_gram_times(after, values, rows, n, now, workspace)
        else:
            gram_times(after, values, rows, n, now)
        diagonal[step] = inner(after, now, n)
        along, back = now.dtype.type(diagonal[step]), now.dtype.type(length)
        for j in range(lane(), n, lanes()):
            value = after[j]
            value -= along * now[j]
            value -= back * before[j]
            after[j] = value
        sync()
        length = math.sqrt(inner(after, after, n))
        off_diagonal[step] = length
        order = step + 1
        largest = max(largest, diagonal[step] + length)
        last = order == steps or not length > breakdown * largest
        if last or (order >= _FIRST_CHECK and (order - _FIRST_CHECK) % _CHECKED_EVERY == 0):
            if ritz > 0.0 and not has_eigenvalue_above(diagonal, off_diagonal, order, ritz * (1.0 + _INCREMENT)):
                break
            if largest > 0.0:
                grown = largest_ritz_value(diagonal, off_diagonal, order, ritz, growth)
                growth = grown - ritz
                ritz = grown
        if last:
            break
        inverse = now.dtype.type(1.0 / length)
        for j in range(lane(), n, lanes()):
            after[j] *= inverse
        sync()
        before, now, after = now, after, before
    return ritz
