"""Certified two-sided bounds of a spectral norm ‖A‖, and of the Frobenius norm.

Notation: u = 2⁻⁵³ and γ_k = k u / (1 - k u). A is scaled by an exact power of two so that its largest
entry lies in [1/2, 1), and transposed if need be, to A[q, p] with q >= p.

Lower bound. For the Ritz vector x of a Lanczos run on AᵀA, fl(Ax) is off by at most γ_p ‖A‖_F ‖x‖
(Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., (3.12)), so

    ‖A‖ >= ‖Ax‖ / ‖x‖ >= ‖fl(Ax)‖ / ‖x‖ - γ_p ‖A‖_F.

Upper bound. Let G = fl(AᵀA), so that |G - AᵀA| <= γ_q |A|ᵀ|A| and ‖G - AᵀA‖ <= γ_q ‖A‖_F². Take s a
little above the Lanczos estimate of ‖A‖² and M = fl(s I - G): off the diagonal M is exact, on it off by
at most u s, or 2u s should the compiler fuse the last product of s into the subtraction. Suppose that
floating-point Cholesky of M runs to completion with positive pivots. Then RᵀR = M + E with
|E| <= γ_{p+1} |R|ᵀ|R| (Higham, Theorem 10.3), and as the squared column norms of R are at most
M_ii / (1 - γ_{p+1}), Demmel's observation gives ‖E‖ <= γ_{p+1} / (1 - γ_{p+1}) · trace M, with
trace M <= p s (fl is monotone). Since RᵀR is positive semidefinite, M >= -‖E‖, and therefore

    ‖A‖² <= s (1 + 2u + p γ_{p+1} / (1 - γ_{p+1})) + γ_q ‖A‖_F².

(S. M. Rump, Verification of positive definiteness, BIT 46 (2006), 433-452, uses the same argument.)
All of this holds for any order of summation and with fused multiply-adds. Underflow, including entries
that scaling flushes, contributes less than 2⁻⁹⁰⁰ for any p, q < 2³¹. If Cholesky fails, its pivot gives a
vector on which AᵀA exceeds s: Lanczos restarts from it, so a bad start vector costs time, not soundness.
The last resort is ‖A‖ <= ‖A‖_F.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from .jit import ByteArray, FloatArray, body
from .lanczos_bodies import fill_start, largest_eigenvalue
from .linear_bodies import cholesky, dot, gram, negative_direction, team_dot
from .tables import KEPT, REMOVED, TARGET
from .team import lane, lanes, rank, ranks, squad, squads, sync, team_count, team_max, team_sum

_ROUNDOFF = 2.0**-53
_OUTWARD = 2.0**-49  # sixteen roundings: more than any final formula here performs
_UNDERFLOW = 2.0**-900
_SMALLEST = 5e-324
_LARGEST = 1.7976931348623157e308
_FIRST_EXCESS = 1e-7
_ATTEMPTS = 12


class SpectralWorkspace(NamedTuple):
    """Scratch arrays for matrices of larger side q and smaller side p, and n Lanczos steps."""

    scaled: FloatArray  # [q, p]
    gram: FloatArray  # [p, p]
    factor: FloatArray  # [p, p]
    vector: FloatArray  # [p]
    basis: FloatArray  # [n + 1, p]
    diagonal: FloatArray  # [n]
    off_diagonal: FloatArray  # [n]
    coefficients: FloatArray  # [n]
    pivots: FloatArray  # [n]


@body
def spectral_workspace_of(all_teams: SpectralWorkspace, team: int) -> SpectralWorkspace:
    """The scratch arrays of one team, out of arrays with one row a team."""
    return SpectralWorkspace(
        all_teams.scaled[team],
        all_teams.gram[team],
        all_teams.factor[team],
        all_teams.vector[team],
        all_teams.basis[team],
        all_teams.diagonal[team],
        all_teams.off_diagonal[team],
        all_teams.coefficients[team],
        all_teams.pivots[team],
    )


@body
def rounded_up(x: float) -> float:
    """Above every real whose computed value, sixteen roundings or fewer, is x >= 0."""
    return x * (1.0 + _OUTWARD) + _SMALLEST


@body
def rounded_down(x: float) -> float:
    """Below every real whose computed value, sixteen roundings or fewer, is x; at least 0."""
    return max(x * (1.0 - _OUTWARD) - _SMALLEST, 0.0)


@body
def gamma(k: int) -> float:
    """γ_k, from above."""
    return rounded_up(k * _ROUNDOFF / (1.0 - k * _ROUNDOFF))


@body
def in_part(removed: int, part: int) -> bool:
    """Whether an entry belongs to the target, to its kept or to its removed part."""
    if part == KEPT:
        return removed == 0
    if part == REMOVED:
        return removed != 0
    return True


@body
def load_scaled(
    out: FloatArray, matrix: FloatArray, removed: ByteArray, m: int, n: int, part: int
) -> tuple[float, float]:
    """Copy a part of flat matrix[m·n], scaled, into out[max(m, n), min(m, n)]; return the factors that undo it.

    The factors are powers of two, applied one after the other since their product may overflow.
    (0, 0) means a zero matrix and (inf, inf) one with an entry that is not finite; `out` is then unset.
    """
    largest = 0.0
    finite = True
    for e in range(lane(), m * n, lanes()):
        magnitude = abs(matrix[e]) if in_part(removed[e], part) else 0.0
        largest = max(largest, magnitude)
        finite = finite and magnitude <= _LARGEST
    largest = team_max(largest if finite else np.inf)
    if largest == np.inf:
        return np.inf, np.inf
    if largest == 0.0:
        return 0.0, 0.0
    exponent = math.frexp(largest)[1]
    half = exponent // 2
    down_1 = math.ldexp(1.0, -half)
    down_2 = math.ldexp(1.0, half - exponent)
    for i in range(squad(), m, squads()):
        for j in range(rank(), n, ranks()):
            e = i * n + j
            value = matrix[e] * down_1 * down_2 if in_part(removed[e], part) else 0.0
            if m >= n:
                out[i, j] = value
            else:
                out[j, i] = value
    sync()
    return math.ldexp(1.0, half), math.ldexp(1.0, exponent - half)


@body
def unscaled_up(x: float, up_1: float, up_2: float) -> float:
    """X · up_1 · up_2 rounded up; at most an infinity."""
    return rounded_up(x * up_1 * up_2)


@body
def unscaled_down(x: float, up_1: float, up_2: float) -> float:
    """X · up_1 · up_2 rounded down; at most the largest finite number."""
    return min(rounded_down(x * up_1 * up_2), _LARGEST)


@body
def frobenius_square(a: FloatArray) -> float:
    """‖A‖_F² from above, for a scaled a[q, p]."""
    q, p = a.shape
    part = 0.0
    for i in range(lane(), q, lanes()):
        part += dot(a[i], a[i])
    total = team_sum(part)
    return rounded_up(total * (1.0 + gamma(p + q + 2)) + _UNDERFLOW)


@body
def norm_along(a: FloatArray, x: FloatArray, square: float) -> float:
    """‖Ax‖ / ‖x‖ from below; `square` bounds ‖A‖_F²."""
    q, p = a.shape
    part = 0.0
    for i in range(lane(), q, lanes()):
        product = dot(a[i], x)
        part += product * product
    total = team_sum(part)
    along = math.sqrt(total) * (1.0 - gamma(q + 2)) / (math.sqrt(team_dot(x, x)) * (1.0 + gamma(p + 2)))
    low = rounded_down(along) - rounded_up(gamma(p) * math.sqrt(square)) - _UNDERFLOW
    return rounded_down(low) if low > 0.0 else 0.0  # a NaN is no bound


@body
def certified_square(s: float, p: int, q: int, square: float) -> float:
    """The upper bound of ‖A‖² that a completed Cholesky factorisation of s I - G proves."""
    g = gamma(p + 1)
    return rounded_up(s * (1.0 + 2.0 * _ROUNDOFF + p * g / (1.0 - g)) + gamma(q) * square + _UNDERFLOW)


@body
def spectral_bounds(
    matrix: FloatArray, removed: ByteArray, m: int, n: int, part: int, workspace: SpectralWorkspace
) -> tuple[float, float, float]:
    """(low, high, frobenius) with low <= ‖A‖ <= high and ‖A‖_F <= frobenius.

    A is the `part` of a flat matrix[m·n] that removed[m·n] selects; the workspace is for just that shape. A zero matrix
    gives exact zeros, and one that is not finite (0, inf, inf).
    """
    q = max(m, n)
    p = min(m, n)
    if p == 0:
        return 0.0, 0.0, 0.0
    a = workspace.scaled
    up_1, up_2 = load_scaled(a, matrix, removed, m, n, part)
    if up_1 == 0.0:
        return 0.0, 0.0, 0.0
    if up_1 == np.inf:
        return 0.0, np.inf, np.inf
    square = frobenius_square(a)
    frobenius = rounded_up(math.sqrt(square))
    g = workspace.gram
    factor = workspace.factor
    x = workspace.vector
    gram(g, a)

    longest = 0.0
    for i in range(lane(), p, lanes()):
        longest = max(longest, g[i, i])
    estimate = team_max(longest)  # of ‖A‖²; a column's norm is a first one
    low = 0.0
    high = frobenius
    excess = _FIRST_EXCESS
    s = 0.0
    fill_start(x)
    for _ in range(_ATTEMPTS):
        ritz = largest_eigenvalue(
            g,
            x,
            workspace.basis,
            workspace.diagonal,
            workspace.off_diagonal,
            workspace.coefficients,
            workspace.pivots,
        )
        low = max(low, norm_along(a, x, square))
        if not ritz < np.inf:
            ritz = 0.0
        if s > 0.0 and not ritz > s:  # the restart did not help: the margin is too small
            excess *= 10.0
        estimate = max(estimate, ritz)
        s = estimate * (1.0 + excess) * (1.0 + excess)
        for i in range(squad(), p, squads()):
            row, shifted = g[i, i + 1 :], factor[i, i + 1 :]
            for j in range(rank(), p - i - 1, ranks()):
                shifted[j] = -row[j]
        for i in range(lane(), p, lanes()):
            factor[i, i] = s - g[i, i]
        sync()
        failed = cholesky(factor)
        if failed < 0:
            high = min(high, rounded_up(math.sqrt(certified_square(s, p, q, square))))
            break
        negative_direction(x, factor, failed)
        if not team_dot(x, x) < np.inf:
            fill_start(x)
    return (
        unscaled_down(low, up_1, up_2),
        unscaled_up(high, up_1, up_2),
        unscaled_up(frobenius, up_1, up_2),
    )


@body
def bounds_of_parts(
    low: FloatArray,
    high: FloatArray,
    matrix: FloatArray,
    removed: ByteArray,
    m: int,
    n: int,
    workspace: SpectralWorkspace,
) -> float:
    """low[3] and high[3] of all parts of a matrix; returns the upper bound of ‖TARGET‖_F."""
    taken = 0
    for e in range(lane(), m * n, lanes()):
        taken += removed[e]
    pruned = team_count(taken > 0) > 0
    low[TARGET], high[TARGET], frobenius = spectral_bounds(matrix, removed, m, n, TARGET, workspace)
    for part in (KEPT, REMOVED):
        if pruned:
            low[part], high[part], _ = spectral_bounds(matrix, removed, m, n, part, workspace)
        else:
            low[part] = low[TARGET] if part == KEPT else 0.0
            high[part] = high[TARGET] if part == KEPT else 0.0
    return frobenius
