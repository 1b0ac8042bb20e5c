"""The largest eigenvalue of a symmetric positive semidefinite matrix: an estimate and its vector.

Source: C. C. Paige, J. Inst. Maths Applics 10 (1972), 373-381, for the recurrence in this order, which
needs no reorthogonalisation to find extreme eigenvalues. Nothing here is a certificate.
"""

from __future__ import annotations

import math

from .jit import FloatArray, body
from .linear_bodies import add_row, symmetric_times, team_dot
from .team import lane, lanes, sync
from .tridiagonal_bodies import has_eigenvalue_above, largest_ritz_value, ritz_coefficients

LANCZOS_STEPS = 128
_CHECKED_EVERY = 3
_INCREMENT = 1e-9
_BREAKDOWN = 1e-15


@body
def fill_start(x: FloatArray) -> None:
    """A fixed vector without structure: positive, so not orthogonal to a nonnegative matrix's top vector."""
    golden = 0.6180339887498949
    for i in range(lane(), x.shape[0], lanes()):
        turns = (i + 1) * golden
        x[i] = 0.25 + (turns - math.floor(turns))
    sync()


@body
def largest_eigenvalue(
    a: FloatArray,
    x: FloatArray,
    basis: FloatArray,
    diagonal: FloatArray,
    off_diagonal: FloatArray,
    coefficients: FloatArray,
    pivots: FloatArray,
) -> float:
    """Lanczos estimate for a[p, p] from the start vector x[p]; x becomes the unit Ritz vector.

    basis[steps + 1, p] and the other workspaces, [steps] each, bound the number of steps. Stops when the
    Ritz value grows by less than 1e-9 of itself over three steps, or at an invariant subspace.
    Returns 0, with x unchanged up to scale, if A x = 0. What is so short that all lanes work it out alike, they all
    write down.
    """
    p = a.shape[0]
    steps = min(p + 8, basis.shape[0] - 1)
    length = math.sqrt(team_dot(x, x))
    for i in range(lane(), p, lanes()):
        basis[0, i] = x[i] / length
    sync()
    ritz = 0.0
    scale = 0.0
    order = 0
    for step in range(steps):
        current = basis[step]
        following = basis[step + 1]
        symmetric_times(following, a, current)
        if step > 0:
            add_row(following, basis[step - 1], -off_diagonal[step - 1])
        sync()
        diagonal[step] = team_dot(following, current)
        add_row(following, current, -diagonal[step])
        sync()
        off_diagonal[step] = math.sqrt(team_dot(following, following))
        order = step + 1
        scale = max(scale, abs(diagonal[step]) + off_diagonal[step])
        invariant = not off_diagonal[step] > _BREAKDOWN * scale
        if invariant or order == steps or order % _CHECKED_EVERY == 0:
            grown = ritz * (1.0 + _INCREMENT)
            if ritz > 0.0 and not has_eigenvalue_above(diagonal, off_diagonal, order, grown):
                break
            if diagonal[0] > 0.0:
                ritz = largest_ritz_value(diagonal, off_diagonal, order, max(ritz * (1.0 - _INCREMENT), 0.0), 0.0)
        if invariant:
            break
        for i in range(lane(), p, lanes()):
            following[i] /= off_diagonal[step]
        sync()
    if ritz == 0.0:
        for i in range(lane(), p, lanes()):
            x[i] = basis[0, i]
        sync()
        return 0.0
    ritz = largest_ritz_value(diagonal, off_diagonal, order, ritz * (1.0 - _INCREMENT), 0.0)
    if lane() == 0:
        ritz_coefficients(coefficients, pivots, diagonal, off_diagonal, order, ritz)
    for i in range(lane(), p, lanes()):
        x[i] = 0.0
    sync()
    for step in range(order):
        add_row(x, basis[step], coefficients[step])
    sync()
    length = math.sqrt(team_dot(x, x))
    for i in range(lane(), p, lanes()):
        x[i] /= length
    sync()
    return ritz
